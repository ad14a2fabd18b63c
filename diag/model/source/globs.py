"""Patterns as in `.gitignore`: of `.gitignore` files themselves, of `exclude`, of per-path ignores."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_SPECIAL = frozenset("*?[\\")


class _Pattern(NamedTuple):
    rank: int
    include: bool  # False: a `!` pattern
    folders: bool  # ends with a slash: matches folders only


class Globs:
    """A list of patterns and the folder that they count from; as in Git, the last one that matches decides.

    Most patterns are a plain name (`build/`) or a suffix (`*.log`), which need no regular expression.
    """

    def __init__(self, lines: Iterable[str], base: str) -> None:
        self.base = base.rstrip("/") + "/"
        self._names: dict[str, list[_Pattern]] = {}
        self._suffixes: list[tuple[str, _Pattern]] = []
        self._expressions: list[tuple[re.Pattern[str], _Pattern]] = []
        for rank, line in enumerate(lines):
            self._add(rank, line)

    def _add(self, rank: int, line: str) -> None:
        # Git drops spaces at the end, unless a backslash keeps them.
        text = line.rstrip(" \r\n") + (" " if re.search(r"\\ +$", line) else "")
        if text.startswith("#"):
            return
        include = not text.startswith("!")
        text = text.removeprefix("!")
        bare = text.removesuffix("/")
        pattern = _Pattern(rank, include, folders=bare != text)
        if not bare:
            return
        if "/" not in bare and _SPECIAL.isdisjoint(bare):
            self._names.setdefault(bare, []).append(pattern)
        elif "/" not in bare and bare[0] == "*" and _SPECIAL.isdisjoint(bare[1:]):
            self._suffixes.append((bare[1:], pattern))
        else:
            expression = _expression(bare)
            if expression is not None:
                self._expressions.append((expression, pattern))

    def decide(self, path: str, *, is_dir: bool = False) -> bool | None:
        """True: this absolute POSIX path matches; False: a `!` pattern takes it back; None: none says so.

        The folders above it are not looked at: ask for them first.
        """
        if not path.startswith(self.base):
            return None
        name = path[path.rfind("/") + 1 :]
        matching = list(self._names.get(name, ()))
        matching += [pattern for suffix, pattern in self._suffixes if name.endswith(suffix)]
        if self._expressions:
            relative = path[len(self.base) :]
            matching += [pattern for regex, pattern in self._expressions if regex.fullmatch(relative)]
        last = max((pattern for pattern in matching if is_dir or not pattern.folders), default=None)
        return last.include if last else None

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


def _expression(pattern: str) -> re.Pattern[str] | None:
    """The regular expression of a pattern, for the whole path; None for one that can match nothing."""
    # A slash anywhere but at the end ties a pattern to its folder.
    parts = pattern.removeprefix("/").split("/") if "/" in pattern else ["**", pattern]
    found = ""
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            found += ".+" if last else "(?:.+/)?"
            continue
        segment = _segment(part)
        if segment is None:
            return None
        found += segment if last else f"{segment}/"
    return re.compile(found, re.DOTALL)


def _segment(part: str) -> str | None:
    """The expression of what stands between two slashes; None for an unfinished class or escape."""
    found = ""
    at = 0
    while at < len(part):
        char = part[at]
        at += 1
        if char == "*":
            found += "[^/]*"
        elif char == "?":
            found += "[^/]"
        elif char == "\\":
            if at == len(part):
                return None
            found += re.escape(part[at])
            at += 1
        elif char == "[":
            # A `]` right after the opening bracket is one of the class.
            closed = re.compile(r"([!^]?)(\]?(?:\\.|[^\]\\])*)\]").match(part, at)
            if closed is None:
                return None
            members = re.sub(r"([\[&~|])", r"\\\1", closed[2])
            members = f"\\{members}" if members.startswith(("]", "^")) else members
            try:
                re.compile(f"[{members}]")
            except re.error:
                return None
            found += f"(?!/)[{'^' if closed[1] else ''}{members}]"
            at = closed.end()
        else:
            found += re.escape(char)
    # Adjacent stars are one star, and as one they cannot make matching slow.
    return re.sub(r"(?:\[\^/\]\*)+", "[^/]*", found)
