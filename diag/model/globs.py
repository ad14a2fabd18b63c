"""Patterns as in `.gitignore`: of `.gitignore` files themselves, of `exclude`, of per-path ignores."""

import re
from collections.abc import Iterable
from functools import cached_property

_SPECIAL = frozenset("*?[\\/!# ")


class Globs:
    """A list of patterns and the folder that they count from; as in Git, the last one that matches decides.

    Most patterns are a plain name (`build/`) or a suffix (`*.log`): these need no regular expression. The
    rest is translated by pathspec, which is imported for them alone.
    """

    def __init__(self, lines: Iterable[str], base: str) -> None:
        self.base = base.rstrip("/") + "/"
        self._names: dict[str, list[tuple[int, bool]]] = {}  # name: (rank, folders only)
        self._suffixes: list[tuple[str, int, bool]] = []
        self._rest: list[tuple[int, str]] = []
        for rank, line in enumerate(lines):
            pattern = line.rstrip()
            bare = pattern.removesuffix("/")
            if not bare or pattern.startswith("#"):
                continue
            if _SPECIAL.isdisjoint(bare):
                self._names.setdefault(bare, []).append((rank, bare != pattern))
            elif bare[0] == "*" and len(bare) > 1 and _SPECIAL.isdisjoint(bare[1:]):
                self._suffixes.append((bare[1:], rank, bare != pattern))
            else:
                self._rest.append((rank, line))

    def decide(self, path: str, *, is_dir: bool = False) -> bool | None:
        """True: this absolute POSIX path matches; False: a `!` pattern takes it back; None: none says so.

        The folders above it are not looked at: ask for them first.
        """
        if not path.startswith(self.base):
            return None
        name = path[path.rfind("/") + 1 :]
        best = max(
            (rank for rank, folders in self._names.get(name, ()) if is_dir or not folders),
            default=-1,
        )
        for suffix, rank, folders in self._suffixes:
            if rank > best and name.endswith(suffix) and (is_dir or not folders):
                best = rank
        relative = path[len(self.base) :] + ("/" if is_dir else "")
        for rank, regex, include in self._patterns:
            if rank < best:
                break
            if regex.match(relative):
                return include
        return True if best >= 0 else None

    def matches(self, path: str) -> bool:
        """Whether this absolute path of a file or a folder above it matches."""
        if not path.startswith(self.base):
            return False
        at = path.find("/", len(self.base))
        while at >= 0:
            if self.decide(path[:at], is_dir=True):
                return True
            at = path.find("/", at + 1)
        return bool(self.decide(path))

    @cached_property
    def _patterns(self) -> list[tuple[int, re.Pattern[str], bool]]:
        """Rank, expression and whether it includes, the last one first, without what Git calls invalid."""
        if not self._rest:
            return []
        from pathspec.patterns.gitignore import GitIgnorePatternError
        from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

        found = []
        for rank, line in reversed(self._rest):
            try:
                pattern = GitIgnoreSpecPattern(line)
            except GitIgnorePatternError:
                continue
            if pattern.regex is not None and pattern.include is not None:
                found.append((rank, pattern.regex, pattern.include))
        return found
