"""Fixes applied to the text of a file."""

import re
from collections.abc import Iterable, Sequence

from diag.finding import Edit, Fix

_LINE_END = re.compile(r"\r\n|\n|\r")


def apply_fixes(text: str, fixes: Sequence[Fix]) -> tuple[str, int]:
    """The text with the safe fixes applied, and how many they were.

    A fix is applied whole or not at all: one that touches what another has changed waits for the next run.
    Equal edits of several fixes (the same import) are made once. All other characters stay, line ends and
    byte order mark among them.
    """
    starts = _line_starts(text)
    newline = _newline(text)
    taken: dict[tuple[int, int], str] = {}
    applied = 0
    for fix in sorted((fix for fix in fixes if fix.safety == "safe"), key=_position):
        spans = {_span(edit, starts): _LINE_END.sub(newline, edit.text) for edit in fix.edits}
        if all(taken.get(span) == new or not _touches(span, taken) for span, new in spans.items()):
            taken.update(spans)
            applied += 1
    for (start, end), new in sorted(taken.items(), reverse=True):
        text = text[:start] + new + text[end:]
    return text, applied


def unified_diff(path: str, before: str, after: str) -> str:
    """The difference as a patch that `patch -p0` and `git apply -p0` take; empty when there is none."""
    import difflib

    lines = difflib.unified_diff(_split(before), _split(after), path, path)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _position(fix: Fix) -> tuple[int, int]:
    # An import that the fix adds at the top of the file does not say where its finding is.
    return max((edit.line, edit.column) for edit in fix.edits)


def _span(edit: Edit, starts: Sequence[int]) -> tuple[int, int]:
    return starts[edit.line - 1] + edit.column - 1, starts[edit.end_line - 1] + edit.end_column - 1


def _touches(span: tuple[int, int], taken: Iterable[tuple[int, int]]) -> bool:
    """Whether this range shares a character or its beginning with one that is taken."""
    start, end = span
    return any(start == other or (start < other_end and other < end) for other, other_end in taken)


def _line_starts(text: str) -> list[int]:
    """Where each line begins; a byte order mark is no part of the first one."""
    return [int(text.startswith("\ufeff"))] + [match.end() for match in _LINE_END.finditer(text)]


def _newline(text: str) -> str:
    found = _LINE_END.search(text)
    return found.group() if found else "\n"


def _split(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+\Z", text)
