"""What besides the judged code decides what a run finds: our own code, and the rules of other packages."""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

from diag.lint.rule import Rule

_OURS = ("diag", "lint_rules")
_HOME = Path(__file__).resolve().parents[2]
_SUFFIXES = (".py", ".json")
_INSTALLED = frozenset({"site-packages", "dist-packages"})

_IMPORT = re.compile(rb"(?:^|[:;])[ \t]*(?:from[ \t]+(\w+)|import[ \t]+([\w., \t]+))", re.MULTILINE)


def fingerprint(rules: Mapping[str, Rule]) -> str:
    """Changes with each file of ours, with the running Python, and with the rules and their text.

    Of our own files size and times are enough. The rules of other packages are edited while they are tried
    out, so that the content counts of their packages and of the modules that these import, at any distance.
    Of a package installed in site-packages that they merely import, size and times are enough again.
    """
    hasher = blake2b(repr(sys.version_info[:2]).encode(), digest_size=12)
    for folder in _OURS:
        for path, entry in _files(_HOME / folder, folder):
            if entry.name.endswith(_SUFFIXES):
                hasher.update(_stamp(path, entry))
    foreign: set[str] = set()
    for code, rule in rules.items():
        module = type(rule).__module__
        hasher.update(f"{code} {module}.{type(rule).__qualname__}\n".encode())
        foreign.add(module.partition(".")[0])
    for part in _foreign(foreign.difference(_OURS)):
        hasher.update(part)
    return hasher.hexdigest()


def _foreign(roots: set[str]) -> Iterator[bytes]:
    """What tells these top-level modules and all that they import from other ones of the same names."""
    seen = set(roots)
    waiting = sorted(roots)
    while waiting:
        name = waiting.pop()
        folders, file = _places(name)
        files = [found for folder in folders for found in _files(Path(folder), name)]
        if name not in roots and not _INSTALLED.isdisjoint(Path(folder).parent.name for folder in folders):
            yield from (_stamp(path, entry) for path, entry in files)
            continue
        contents = [(path, entry.path) for path, entry in files] or ([(name, file)] if file else [])
        if name in roots and not contents:
            yield os.urandom(12)  # a rule without a text is like no other
        imported: set[str] = set()
        for path, place in contents:
            try:
                text = Path(place).read_bytes()
            except OSError:
                text = os.urandom(12)
            yield path.encode() + b"\n" + blake2b(text, digest_size=12).digest()
            if place.endswith(".py"):
                imported |= _imported(text)
        new = imported.difference(seen, _OURS, sys.stdlib_module_names)
        seen |= new
        waiting += sorted(new)


def _places(name: str) -> tuple[list[str], str | None]:
    """The folders of a top-level package, or the file of a top-level module; it is not imported."""
    module = sys.modules.get(name)
    if module is not None:
        return sorted(getattr(module, "__path__", ())), getattr(module, "__file__", None)
    with suppress(ImportError, ValueError):
        spec = find_spec(name)
        if spec is not None:
            return sorted(spec.submodule_search_locations or ()), spec.origin
    return [], None


def _imported(text: bytes) -> set[str]:
    """The top-level modules that a module imports, wherever in it."""
    names: set[bytes] = set()
    for source, modules in _IMPORT.findall(text):
        names.update(
            [source] if source else (part.split()[0] for part in modules.split(b",") if part.strip())
        )
    return {name.partition(b".")[0].decode() for name in names}


def _stamp(path: str, entry: "os.DirEntry[str]") -> bytes:
    found = entry.stat()
    return f"{path} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}\n".encode()


def _files(folder: Path, name: str) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """All under a folder but compiled modules, in a stable order, with paths that begin with `name`."""
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    for entry in entries:
        if not entry.is_dir():
            yield f"{name}/{entry.name}", entry
        elif entry.name != "__pycache__":
            yield from _files(Path(entry.path), f"{name}/{entry.name}")
