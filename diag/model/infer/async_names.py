"""A text index of what is async: names that are worth a look in code that is not.

A module contributes the names of its own coroutine functions, and the packages that it imports: those of SDKs
are known from their bundled facts, those of other libraries from the text of a few of their files.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from diag.model.facts import sdk
from diag.model.infer.project import Project, properties_in
from diag.model.source.environment import STDLIB
from diag.model.syntax.module import Module

_CALLED = re.compile(rb"\b(\w++) ?\(")
_HANDED_OVER = re.compile(rb"[(,=]\s*+(?:\w++\.)*+(\w++)\s*+(?=[,)])")
_ASYNC_DEFS = re.compile(rb"\basync\s+def\s+(\w+)|\bawait\s+(?:[\w.]+\.)?(\w+)\s*\(")
_MADE_NAMES = re.compile(rb"^(\w+) *= *[\w.]+\(", re.M)  # fetch = retry(_fetch)
_IMPORTS = re.compile(rb"^[ \t]*+(?:from[ \t]++([\w.]++)[ \t]++import\b|import[ \t]++([\w., \t]++))", re.M)
_IMPORT = "import "  # begins what stands for the names of a package
MAX_FILES = 12  # of a library that are looked into

# Names that are worth a look in plain functions too: they make, take or run coroutines.
_ALWAYS = (
    b"sleep gather wait_for create_task ensure_future run run_until_complete run_coroutine_threadsafe "
    b"add_done_callback call_later call_soon call_soon_threadsafe call_at add_signal_handler register signal "
    b"Thread Timer submit run_in_executor to_thread filter sorted sort"
).split()
# Methods of containers, texts and files: as names of an SDK's they count only where that is imported.
_COMMON = frozenset(
    name for kind in (dict, list, set, str, bytes) for name in dir(kind) if not name.startswith("_")
).union(
    ["read", "write", "close", "flush", "open", "info", "debug", "warning", "error", "log", "put", "send"]
)


def called_in(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Names that are called or handed to a call, and where they stand."""
    for pattern in (_CALLED, _HANDED_OVER):
        for match in pattern.finditer(raw):
            yield match.start(1), match[1]


def called_names(raw: bytes) -> set[str]:
    """Names that are called or handed to a call."""
    names = {*_CALLED.findall(raw), *_HANDED_OVER.findall(raw)}
    return {name.decode("utf-8", "replace") for name in names}


def contributed_names(raw: bytes) -> set[str]:
    """What one file adds to the names looked at everywhere: async functions, awaited calls, properties.

    `import x` stands for the names that the package x adds.
    """
    found: set[bytes] = set(properties_in(raw))
    if b"async" in raw or b"await" in raw:
        for pair in _ASYNC_DEFS.findall(raw):
            found.update(pair)
        found.update(_MADE_NAMES.findall(raw))
    names = {name.decode("utf-8", "replace") for name in found if name and not name.startswith(b"__")}
    return names | {_IMPORT + name for name in _imported(raw)}


def _imported(raw: bytes) -> set[str]:
    """The modules outside of the standard library that the text imports by full name."""
    out: set[str] = set()
    for origin, several in _IMPORTS.findall(raw) if b"import" in raw else ():
        for part in (origin or several).decode().split(","):
            name = part.split()[0] if part.strip() else ""
            if name and name[0] != "." and name.partition(".")[0] not in STDLIB:
                out.add(name)
    return out


def sdk_names(contributed: Iterable[str], is_ours: Callable[[str], bool]) -> set[str] | None:
    """The names that imports among the contributions of files stand for; None where only a library tells.

    `is_ours` tells whether a top-level name is that of a module of the project.
    """
    out: set[str] = set()
    for name in contributed:
        top = name.removeprefix(_IMPORT).partition(".")[0]
        if name.startswith(_IMPORT) and not is_ours(top):
            found = sdk.async_names(top)
            if not found:
                return None
            out |= found
    return out


class AsyncNames:
    """The names of what is async in a project and in the packages that it imports."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._packages: dict[str, frozenset[str]] = {}
        self._carrying: dict[Module, tuple[bool, int]] = {}
        own: set[str] = {name.decode() for name in _ALWAYS}
        for module in project.judged:
            own |= contributed_names(module.raw)
        self.everywhere = self.meant(own)

    def meant(self, contributed: Iterable[str]) -> frozenset[str]:
        """The names that contributions of files stand for."""
        out: set[str] = set()
        for name in contributed:
            if name.startswith(_IMPORT):
                out |= self._of_package(name.removeprefix(_IMPORT)) - _COMMON
            else:
                out.add(name)
        return frozenset(out)

    def near(self, module: Module) -> frozenset[str]:
        """The names that count in a module: common ones too of the packages that it imports itself."""
        common = [self._of_package(name) & _COMMON for name in _imported(module.raw)]
        return self.everywhere.union(*common) if any(common) else self.everywhere

    def carries(self, module: Module) -> tuple[bool, int]:
        """Whether something async is in the module or may come in by an import, and what that rests on."""
        known = self._carrying.get(module)
        if known is None:
            self._carrying[module] = False, module.bit  # while modules import each other in a circle
            known = self._carrying[module] = self._carries(module)
        return known

    def _carries(self, module: Module) -> tuple[bool, int]:
        if b"async " in module.raw or b"asyncio" in module.raw:
            return True, module.bit
        near = list(self._relative(module))
        for name in sorted(_imported(module.raw)):
            found = self.project.import_module(name, module)
            if found is not None and found.kind == "project":
                near.append(found)
            elif self._of_package(name):
                return True, module.bit
        bits = module.bit
        for each in near:
            carrying, rests_on = self.carries(each) if each.kind == "project" else (False, 0)
            if carrying:
                return True, module.bit | rests_on
            bits |= rests_on
        return False, bits

    def _relative(self, module: Module) -> Iterator[Module]:
        for dots, name in _RELATIVE.findall(module.raw):
            found = self.project.resolve_relative(module, len(dots), name.decode())
            if found is not None and found.path is not None:
                yield found

    def _of_package(self, name: str) -> frozenset[str]:
        """The names of the coroutine functions of a package that is not the project's."""
        found = self._packages.get(name)
        if found is None:
            top = name.partition(".")[0]
            found = sdk.async_names(top) or self._of_library(name)
            self._packages[name] = found
        return found

    def _of_library(self, name: str) -> frozenset[str]:
        """From the text of an installed module and of those of its package that it imports."""
        first = self.project.outside(name)
        if first is None or first.kind != "library":
            return frozenset()
        seen: dict[Module, None] = {first: None}
        for module in seen.copy():
            for near in self._relative(module):
                if len(seen) < MAX_FILES:
                    seen[near] = None
        for module in list(seen)[1:]:
            for near in self._relative(module):
                if len(seen) < MAX_FILES:
                    seen[near] = None
        names = {word for module in seen for word in _DEFINED.findall(module.raw)}
        return frozenset(n.decode("utf-8", "replace") for n in names if not n.startswith(b"_"))


_RELATIVE = re.compile(rb"^[ \t]*+from[ \t]++(\.++)([\w.]*+)[ \t]++import\b", re.M)
_DEFINED = re.compile(rb"\basync\s+def\s+(\w+)")
