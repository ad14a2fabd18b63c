"""The project: every module that judgement may need, found by name the way Python would find it.

A file that is run as a script has its own folder as import root; a file of a package has the folder above the
outermost package. Bots mix both, so the roots of a file are its own folder and those above it, up to the root
of the repository, each also with `src/`.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from diag.model.facts import sdk
from diag.model.infer.query import About, Query
from diag.model.source.environment import STDLIB, Environment, typeshed
from diag.model.source.source import DISK, Source
from diag.model.source.test_code import is_test
from diag.model.source.text import SourceError, read
from diag.model.syntax.binders import bound_names
from diag.model.syntax.module import Module
from diag.model.syntax.replacing import replaced_names
from diag.model.syntax.scope import Scope
from diag.model.syntax.source_file import ModuleKind, SourceFile

_CLASS_HEADER = re.compile(rb"^[ \t]*class[ \t]+(\w+)[ \t]*\(([^)]*)\)", re.M)
# `other.name = value` at the start of a statement, for any receiver but `self`
_STORE = re.compile(
    rb"^[ \t]*+(?!self\.\w++[ \t]*[:=])(?:[^\s#=.]*+\.)++(\w++)[ \t]*+(?::[^=\n]+)?=(?!=)", re.M
)
_PROPERTY = re.compile(rb"@\w*property[^\n]*\n\s*(?:async\s+)?def\s+(\w+)")
_WORD = re.compile(rb"\w+")
# everything but identifiers turned into spaces
_SEPARATED = bytes(byte if _WORD.match(bytes([byte])) else 32 for byte in range(256))
MARKERS = (".git", "pyproject.toml", "setup.py", "setup.cfg", "diag.toml")


def properties_in(raw: bytes) -> list[bytes]:
    """Names of the properties that a file defines."""
    return _PROPERTY.findall(raw) if b"property" in raw else []


def stored_names(raw: bytes) -> set[bytes]:
    """Names of the attributes that a file stores on something else than `self`."""
    return set(_STORE.findall(raw))


class Project:
    """Modules by path and by name. `files` are judged; everything else is read only when they refer to it."""

    def __init__(
        self,
        files: Iterable[tuple[Path, bytes]],
        environment: Environment,
        root: Path,
        source: Source = DISK,
    ) -> None:
        self.environment = environment
        self.root = root
        self.source = source
        self._names: dict[str, set[str]] = {}  # folder -> entries
        self._by_path: dict[Path, Module] = {}
        self._by_name: dict[tuple[tuple[Path, ...], str], Module | None] = {}
        self._roots: dict[Path, tuple[Path, ...]] = {}
        self._packaged: dict[Path, int] = {}  # how many of them, at the end, are packages
        self._outside: dict[str, Module | None] = {}
        self._bundled: dict[str, Module | None] = {}
        self._subclasses: dict[str, list[tuple[Module, str, int]]] | None = None
        self._binders: defaultdict[bytes, list[Module]] | None = None
        self._stores: dict[bytes, list[tuple[Module, int]]] | None = None
        self._replaced: defaultdict[str, list[tuple[Module, int]]] | None = None
        self._properties: frozenset[str] | None = None
        self._identifiers: defaultdict[bytes, list[Module]] | None = None
        self._mentions: dict[bytes, list[Module]] = {}
        self._pins: Mapping[str, str] | None = None
        self._queries: dict[Query, int] = {}
        self.entries: list[Module | Query] = []  # what the bits of a dependency set stand for
        self.judged: list[Module] = []
        for path, raw in files:
            self.judged.append(self._load(path, self._module_name(path), "project", raw))

    # --- identities

    def query_bit(self, about: About, name: str) -> int:
        """The bit of a question asked of all judged modules: each of them can change the answer."""
        query = Query(about, name)
        bit = self._queries.get(query)
        if bit is None:
            bit = self._queries[query] = 1 << len(self.entries)
            self.entries.append(query)
        return bit

    def standard(self, name: str) -> Module | None:
        """A module of the standard library."""
        return self._import_outside(name)

    # --- loading

    def _load(self, path: Path | None, name: str, kind: ModuleKind, raw: bytes | None = None) -> Module:
        if path is not None and (known := self._by_path.get(path)):
            return known
        if raw is None:
            try:
                raw = b"" if path is None else self.read(path)
            except SourceError:  # a namespace package has no text
                raw = b""
        package = path is not None and (path.stem == "__init__" or self._is_folder(path))
        module = Module(name, path, kind, raw, is_package=package, bit=1 << len(self.entries))
        module.is_test = kind == "project" and path is not None and is_test(path, self.root)
        self.entries.append(module)
        if path is not None:
            self._by_path[path] = module
        return module

    def _module_name(self, path: Path) -> str:
        parts = [] if path.stem == "__init__" else [path.stem]
        folder = path.parent
        while "__init__.py" in self._entries(folder) and folder.name:
            parts.insert(0, folder.name)
            folder = folder.parent
        return ".".join(parts) or path.parent.name

    def _entries(self, folder: Path) -> set[str]:
        key = str(folder)
        found = self._names.get(key)
        if found is None:
            try:
                if self.source is DISK or self._is_installed(folder):
                    found = set(os.listdir(key))
                else:
                    found = {entry.name for entry in self.source.scan(folder)}
            except OSError:
                found = set()
            self._names[key] = found
        return found

    def read(self, path: Path) -> bytes:
        """The bytes of a file, of the project or installed. Raises SourceError."""
        return read(path, DISK if self.source is DISK or self._is_installed(path) else self.source)

    def _is_folder(self, path: Path) -> bool:
        return bool(self._entries(path))

    def _is_installed(self, path: Path) -> bool:
        return self._in_library(path) or path.is_relative_to(typeshed())

    # --- import roots

    def roots(self, folder: Path) -> tuple[Path, ...]:
        """The folders that an absolute import in a file of `folder` is looked up in, nearest first."""
        known = self._roots.get(folder)
        if known is None:
            out: list[Path] = []
            packaged: list[Path] = []
            here = folder
            while True:
                entries = self._entries(here)
                (packaged if "__init__.py" in entries else out).append(here)
                if "src" in entries:
                    out.append(here / "src")
                if here == here.parent or (
                    (here == self.root or any(m in entries for m in MARKERS))
                    and ("__init__.py" not in entries)
                ):
                    break
                here = here.parent
            known = self._roots[folder] = (*out, *packaged)
            self._packaged[folder] = len(packaged)
        return known

    # --- import

    def import_module(self, name: str, importer: SourceFile) -> Module | None:
        """The module that `import name` gives in `importer`; None when it can't be found."""
        if importer.path is not None and importer.kind == "project":
            folder = importer.path.parent
            roots = self.roots(folder)
            key = (roots, name)
            if key not in self._by_name:
                self._by_name[key] = self._find(name, roots, folder)
            return self._by_name[key]
        if importer.kind == "bundled" and (found := self.bundled_module(name)) is not None:
            return found  # facts of one release, whatever is installed beside them
        return self._import_outside(name)

    def _find(self, name: str, roots: tuple[Path, ...], folder: Path) -> Module | None:
        parts = name.split(".")
        if parts[0] in STDLIB:
            first = () if "__init__.py" in self._entries(folder) else roots[:1]
            last: tuple[Path, ...] = ()
        else:  # a package is a root for scripts in it only: what is installed goes before
            plain = len(roots) - self._packaged[folder]
            first, last = roots[:plain], roots[plain:]
        for root in first:
            if found := self._descend(root, parts, namespaces=False):
                return self._load(found, name, "project")
        if outside := self._import_outside(name):
            return outside
        for root in last:
            if found := self._descend(root, parts, namespaces=False):
                return self._load(found, name, "project")
        if parts[0] not in STDLIB:
            for root in roots:
                if found := self._descend(root, parts, namespaces=True):
                    return self._load(found, name, "namespace" if self._is_folder(found) else "project")
        return None

    def _descend(self, root: Path, parts: Sequence[str], *, namespaces: bool) -> Path | None:
        """The file (or namespace folder) of a dotted name below `root`."""
        folder = root
        for number, part in enumerate(parts):
            entries = self._entries(folder)
            last = number == len(parts) - 1
            if part in entries:
                inner = self._entries(folder / part)
                if "__init__.py" in inner or "__init__.pyi" in inner:
                    folder = folder / part
                    if last:
                        return folder / ("__init__.py" if "__init__.py" in inner else "__init__.pyi")
                    continue
                if inner and (namespaces or number > 0) and f"{part}.py" not in entries:
                    folder = folder / part
                    if last:
                        return folder if namespaces else None
                    continue
            if not last:
                return None
            if f"{part}.py" in entries:
                return folder / f"{part}.py"
            if f"{part}.pyi" in entries:
                return folder / f"{part}.pyi"
            return None
        return None

    def outside(self, name: str) -> Module | None:
        """A module of the standard library, an installed package, or the bundled facts."""
        return self._import_outside(name)

    def _import_outside(self, name: str) -> Module | None:
        if name not in self._outside:
            self._outside[name] = self._find_outside(name)
        return self._outside[name]

    def _find_outside(self, name: str) -> Module | None:
        parts = name.split(".")
        if parts[0] in STDLIB:
            found = self._descend(typeshed(), parts, namespaces=False)
            return self._load(found, name, "stub") if found else None
        for folder in self.environment.site_packages:
            found = self._descend(folder, parts, namespaces=False) or self._descend(
                folder, parts, namespaces=True
            )
            if found:
                return self._load(found, name, "namespace" if self._is_folder(found) else "library")
        if parts[0] in ("typing_extensions", "_typeshed"):
            found = self._descend(typeshed(), parts, namespaces=False)
            return self._load(found, name, "stub") if found else None
        return self.bundled_module(name)

    def bundled_module(self, name: str) -> Module | None:
        """The bundled facts of a module of a well-known SDK."""
        if name not in self._bundled:
            from diag.model.facts.sdk_stub import stub_source  # for those alone whose SDK is not installed

            text = stub_source(name, self.pins)
            self._bundled[name] = None if text is None else self._load(None, name, "bundled", text.encode())
        return self._bundled[name]

    def fact(self, name: str) -> sdk.Fact | None:
        """What the bundled facts know under a full name, in the release that the project pins."""
        return sdk.fact(name, self.pins)

    @property
    def pins(self) -> Mapping[str, str]:
        if self._pins is None:
            self._pins = sdk.pins_of(self.root)
        return self._pins

    def resolve_relative(self, module: SourceFile, level: int, name: str) -> Module | None:
        """`from ..name import x` in `module`."""
        if module.path is None or module.kind in ("stub", "bundled"):
            parts = module.name.split(".")
            keep = len(parts) - level + (1 if module.is_package else 0)
            return self._import_outside(".".join([*parts[:keep], *([name] if name else [])]))
        folder = module.path.parent
        for _ in range(level - 1):
            folder = folder.parent
        kind: ModuleKind = "library" if module.kind == "library" else "project"
        if not name:
            entries = self._entries(folder)
            path = folder / "__init__.py" if "__init__.py" in entries else folder
        else:
            found = self._descend(folder, name.split("."), namespaces=True)
            if found is None:
                return None
            path = found
        parts = module.name.split(".")
        keep = len(parts) - level + (1 if module.is_package else 0)
        return self._load(path, ".".join([*parts[: max(keep, 0)], *([name] if name else [])]), kind)

    def submodule(self, module: Module, name: str) -> Module | None:
        """The module `name` inside a package; None where there is none."""
        if module.kind in ("stub", "bundled"):
            if not module.is_package and module.kind == "stub":
                return None
            return self.import_module(f"{module.name}.{name}", module)
        if module.path is None or not module.is_package:
            return None
        folder = module.path if self._is_folder(module.path) else module.path.parent
        found = self._descend(folder, [name], namespaces=True)
        if found is None or found == module.path:
            return None
        kind: ModuleKind = "library" if self._in_library(folder) else "project"
        return self._load(found, f"{module.name}.{name}", "namespace" if self._is_folder(found) else kind)

    def _in_library(self, folder: Path) -> bool:
        return any(folder.is_relative_to(place) for place in self.environment.site_packages)

    # --- indexes over the judged modules

    @property
    def property_names(self) -> frozenset[str]:
        """Names of the properties that judged modules define: reading one may give a coroutine."""
        if self._properties is None:
            self._properties = frozenset(n.decode() for m in self.judged for n in properties_in(m.raw))
        return self._properties

    def mentions(self, word: bytes) -> list[Module]:
        """The judged modules whose text holds `word`; an identifier in it counts only as a whole."""
        found = self._mentions.get(word)
        if found is None:
            identifiers = _WORD.findall(word) if word.isascii() else []
            having = [self._with_identifier(identifier) for identifier in identifiers] or [self.judged]
            found = min(having, key=len)
            if identifiers != [word]:
                found = [m for m in found if word in m.raw]
            self._mentions[word] = found
        return found

    def _with_identifier(self, identifier: bytes) -> list[Module]:
        if self._identifiers is None:
            self._identifiers = defaultdict(list)
            for module in self.judged:
                for word in set(module.raw.translate(_SEPARATED).split()):
                    self._identifiers[word].append(module)
        return self._identifiers.get(identifier, [])

    def attribute_stores(self, name: str) -> list[tuple[Module, int]]:
        """Where judged modules store such an attribute on something else than `self`: module, byte offset."""
        if self._stores is None:
            self._stores = {}
            for module in self.judged:
                for match in _STORE.finditer(module.raw):
                    self._stores.setdefault(match.group(1), []).append((module, match.start(1)))
        return self._stores.get(name.encode(), [])

    def replaced_at(self, name: str) -> list[tuple[Module, int]]:
        """Where judged modules may replace such an attribute by a call: module, byte offset or -1."""
        if self._replaced is None:
            self._replaced = defaultdict(list)
            for module in self.judged:
                for word, offset in replaced_names(module.raw):
                    self._replaced[word].append((module, offset))
        return self._replaced.get(name, [])

    def binders(self, names: Iterable[str]) -> frozenset[Module]:
        """The judged modules that may bind one of the attributes on a class or an object."""
        if self._binders is None:
            self._binders = defaultdict(list)
            for module in self.judged:
                for word in bound_names(module.raw):
                    self._binders[word].append(module)
        return frozenset(module for name in names for module in self._binders.get(name.encode(), ()))

    def heirs(self, name: str, within: frozenset[Module] | None) -> Iterator[Scope]:
        """Class scopes of judged modules that may inherit from a class of that name, directly or not.

        Only those in the modules `within`, if given: no other module is parsed for it.
        """
        for base in (name, *self.names_of_heirs(name)):
            for module, child, offset in self._headers(base):
                if within is None or module in within:
                    scope = module.scope_at(module.line_at(offset))
                    if scope.kind == "class" and scope.name == child:
                        yield scope

    def names_of_heirs(self, name: str) -> list[str]:
        """Names of classes of judged modules that may inherit from a class of that name."""
        seen = {name: None}
        todo = [name]
        while todo:
            for _, child, _ in self._headers(todo.pop()):
                if child not in seen:
                    seen[child] = None
                    todo.append(child)
        return list(seen)[1:]

    def _headers(self, name: str) -> list[tuple[Module, str, int]]:
        """Classes with `name` as the last part of a base: module, name, offset."""
        if self._subclasses is None:
            self._subclasses = {}
            for module in self.judged:
                for match in _CLASS_HEADER.finditer(module.raw):
                    for base in match.group(2).split(b","):
                        words = _WORD.findall(base.partition(b"[")[0])
                        if words:
                            self._subclasses.setdefault(words[-1].decode("utf-8", "replace"), []).append(
                                (module, match.group(1).decode("utf-8", "replace"), match.start(1))
                            )
        return self._subclasses.get(name, [])
