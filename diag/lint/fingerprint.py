"""What besides the judged code decides what a run finds: our own code, and the rules of other packages."""

import os
import sys
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path

from diag.lint.rule import Rule

_OURS = ("diag", "lint_rules")
_HOME = Path(__file__).resolve().parents[2]
_SUFFIXES = (".py", ".json")


def fingerprint(rules: Mapping[str, Rule]) -> str:
    """Changes with each file of ours, with the running Python, and with the rules and their text.

    Of our own files size and times are enough. The rules of other packages are edited while they are tried
    out, so that the content of their packages counts.
    """
    hasher = blake2b(repr(sys.version_info[:2]).encode(), digest_size=12)
    for folder in _OURS:
        for path, entry in _files(_HOME / folder, folder):
            found = entry.stat()
            hasher.update(f"{path} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}\n".encode())
    foreign: set[str] = set()
    for code, rule in rules.items():
        module = type(rule).__module__
        hasher.update(f"{code} {module}.{type(rule).__qualname__}\n".encode())
        foreign.add(module.partition(".")[0])
    for name in sorted(foreign.difference(_OURS)):
        hasher.update(_content(name))
    return hasher.hexdigest()


def _content(name: str) -> bytes:
    """A digest of the text of a top-level module or package; one like no other where there is no text."""
    hasher = blake2b(digest_size=12)
    module = sys.modules.get(name)
    folders: list[str] = sorted(getattr(module, "__path__", ()))
    files = [(path, entry.path) for folder in folders for path, entry in _files(Path(folder), name)]
    if not folders and (file := getattr(module, "__file__", None)):
        files.append((name, file))
    if not files:
        return os.urandom(12)
    for path, file in files:
        hasher.update(f"{path}\n".encode())
        hasher.update(Path(file).read_bytes())
    return hasher.digest()


def _files(folder: Path, name: str) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """The source and data files under a folder, in a stable order, with paths that begin with `name`."""
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name.endswith(_SUFFIXES):
            yield f"{name}/{entry.name}", entry
        elif entry.is_dir() and entry.name != "__pycache__":
            yield from _files(Path(entry.path), f"{name}/{entry.name}")
