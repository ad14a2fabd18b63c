"""Finds the user's own modules and has their code rewritten; rewritten code is kept as .pyc files are."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import marshal
import os
import sys
from collections.abc import Sequence
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    import ast

VERSION = 3  # of the rewriting


class Cache:
    """Rewritten code on disk, valid for one path, size, time and interpreter, as .pyc files are."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._own: bool | None = None

    def code(self, path: str) -> CodeType:
        if not self._is_own():
            return self._rewritten(path)
        stat = os.stat(path)
        flags = f"{sys.implementation.cache_tag}-{sys.flags.optimize}-{VERSION}"
        key = f"{path}\n{stat.st_size} {stat.st_mtime_ns} {flags}\n\n".encode("utf-8", "surrogateescape")
        file = os.path.join(
            self._folder, f"{importlib.util.source_hash(path.encode('utf-8', 'replace')).hex()}.{flags}"
        )
        try:
            with open(file, "rb") as cached:
                raw = cached.read()
            if raw.startswith(key):
                code = marshal.loads(raw[len(key) :])
                if isinstance(code, CodeType):
                    return code
        except (OSError, ValueError, EOFError, TypeError):
            pass
        code = self._rewritten(path)
        try:
            part = f"{file}.{os.getpid()}"
            with open(part, "wb") as out:
                out.write(key + marshal.dumps(code))
            os.replace(part, file)
        except OSError:
            pass  # a cache that cannot be written only costs time
        return code

    def _rewritten(self, path: str) -> CodeType:
        with open(path, "rb") as source:
            from . import rewrite  # with `ast`: only when the cache has nothing

            return rewrite.compiled(source.read(), path)

    def _is_own(self) -> bool:
        """Whether only this user may write where the code comes from, which it runs as it is."""
        if self._own is None:
            self._own = False
            try:
                os.makedirs(self._folder, mode=0o700, exist_ok=True)
                about = os.stat(self._folder)
            except OSError:  # without a cache it only costs time
                return False
            uid = os.getuid() if hasattr(os, "getuid") else about.st_uid
            self._own = about.st_uid == uid and not about.st_mode & 0o022
        return self._own


class Finder:
    """Gives the modules under the user's roots a loader that rewrites them."""

    def __init__(self, is_ours: Callable[[str], bool], cache: Cache) -> None:
        self.is_ours = is_ours
        self.cache = cache

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        # The answer of the finder that stands behind this one, so that nothing is looked for twice.
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if (
            spec is not None
            and type(spec.loader) is importlib.machinery.SourceFileLoader
            and spec.origin is not None
            and self.is_ours(spec.origin)
        ):
            spec.loader = _RewritingLoader(name, spec.origin, self.cache)
        return spec

    def install(self) -> None:
        """Stand right before the finder of files: what is built in or frozen is found as ever."""
        finders: list[Any] = sys.meta_path
        behind = importlib.machinery.PathFinder
        finders.insert(finders.index(behind) if behind in finders else 0, self)


def own_files(roots: Sequence[str]) -> Callable[[str], bool]:
    """Whether a file is the user's own; asked for every frame of a traceback, so answers are kept."""
    folders = tuple(os.path.join(os.path.realpath(root), "") for root in roots)
    library = os.path.join(os.path.realpath(os.path.dirname(os.__file__)), "")  # may stand below a root
    known: dict[str, bool] = {}

    def is_ours(path: str) -> bool:
        answer = known.get(path)
        if answer is None:
            real = os.path.realpath(path)
            answer = (
                real.startswith(folders)
                and not real.startswith(library)
                and not _FOREIGN.intersection(real.split(os.sep))
            )
            known[path] = answer
        return answer

    return is_ours


_FOREIGN = frozenset(("site-packages", "dist-packages", "node_modules", ".tox", ".nox"))


class _RewritingLoader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, cache: Cache) -> None:
        super().__init__(name, path)
        self._cache = cache

    def get_code(self, fullname: str) -> CodeType:
        return self._cache.code(self.path)


def watch_runpy(runpy: Any, finder: Finder) -> None:
    """`multiprocessing` runs the main file again in the processes that it spawns, by this function."""
    read_code = runpy._get_code_from_file

    def read_code_here(*names: str) -> Any:  # (path), before 3.12 (name, path)
        path = os.path.abspath(names[-1])
        if not (path.endswith(".py") and finder.is_ours(path)):
            return read_code(*names)
        code = finder.cache.code(path)
        return code if len(names) == 1 else (code, names[-1])

    runpy._get_code_from_file = read_code_here


def watch_pytest(rewriting: Any, finder: Finder) -> None:
    """Pytest compiles test modules itself: rewrite their trees too, apart from its own cache."""
    rewrite_asserts = rewriting.rewrite_asserts

    def rewrite_asserts_here(tree: ast.Module, source: bytes, path: str | None = None, *rest: Any) -> None:
        if path is not None and finder.is_ours(path):
            from . import rewrite

            rewrite.rewrite(tree, path)
        rewrite_asserts(tree, source, path, *rest)

    rewriting.rewrite_asserts = rewrite_asserts_here
    rewriting.PYC_TAIL = f".diag{VERSION}" + rewriting.PYC_TAIL
