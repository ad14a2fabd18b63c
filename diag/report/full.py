"""The format `full`: the source with a caret under the expression, then the chain, one link a line."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from diag.finding import Finding, Step
from diag.lint.result import Result
from diag.model.source.text import SourceError, decode, read, split_lines
from diag.report.style import Line, visible

_WIDEST = 160  # characters of a source line that are shown


def lines(result: Result) -> Iterator[Line]:
    """One entry for each defect; findings of one code that share a cause are one entry with its sites."""
    sources = _Sources()
    for entry in entries(result.findings):
        yield from _entry(entry, sources)
        yield []
    for reason, sites in groupby(result.unknown, key=lambda site: site.cause):
        yield from _unknown(reason, list(sites))
        yield []


def entries(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings in their order; those with the same code and a common cause together."""
    found: dict[object, list[Finding]] = {}
    for number, finding in enumerate(findings):
        key = (finding.code, finding.cause) if finding.cause else number
        found.setdefault(key, []).append(finding)
    return list(found.values())


def _entry(entry: list[Finding], sources: "_Sources") -> Iterator[Line]:
    first, *others = entry
    place = f"{first.path}:{first.line}:{first.column}"
    yield [(place, "bold"), (": ", ""), (first.code, "bold red"), *_said(first)]
    yield from _excerpt(first, sources)
    shown = set(first.chain)
    yield from _chain(first.chain, "  ")
    if others:
        yield [(f"  {len(others)} more with the same cause:", "bold")]
    for other in others:
        text = sources.line(other.path, other.line).strip()
        yield [(f"    {other.path}:{other.line}:{other.column}", "cyan"), (f"  {_clip(text, 0)[0]}", "")]
        rest = [step for step in other.chain if step not in shown]
        shown.update(rest)
        yield from _chain(rest, "      ")
    if first.help:
        yield [("  help: ", "green"), (first.help, "")]


def _unknown(reason: str, sites: list[Finding]) -> Iterator[Line]:
    """The sites that stay unknown for one reason."""
    many = f"{len(sites)} sites" if len(sites) > 1 else "1 site"
    yield [(f"unknown: {reason}", "yellow"), (f" ({many})", "")]
    for site in sites:
        yield [(f"  {site.path}:{site.line}:{site.column}", "cyan"), (f"  {site.message}", "")]
    yield [("  help: ", "green"), (sites[0].help, "")]


def _said(finding: Finding) -> Line:
    return [(f" {finding.message}", "")]


def _chain(chain: Iterable[Step], indent: str) -> Iterator[Line]:
    places = [(f"{step.path}:{step.line}" if step.path else "", step.message) for step in chain]
    width = max((len(place) for place, _ in places), default=0)
    for place, message in places:
        yield [(f"{indent}{place.ljust(width)}", "cyan"), (f"  {message}", "")]


def _excerpt(finding: Finding, sources: "_Sources") -> Iterator[Line]:
    """The first line of the expression with carets under it; nothing where the source is not to be had."""
    text = sources.line(finding.path, finding.line)
    if not text.strip():
        return
    start = finding.column - 1
    end = finding.end_column - 1 if finding.end_line == finding.line else len(text.rstrip())
    text, cut = _clip(text, start)
    start, end = start - cut, min(end - cut, len(text))
    number = str(finding.line)
    gutter = " " * len(number)
    carets = " " * _columns(text[:start]) + "^" * max(1, _columns(text[start:end]))
    yield [(f"{gutter} |", "blue")]
    yield [(f"{number} | ", "blue"), (text, "")]
    yield [(f"{gutter} | ", "blue"), (carets, "red")]


def _clip(text: str, start: int) -> tuple[str, int]:
    """At most `_WIDEST` characters around `start`, and how many fewer stand before it than before."""
    if len(text) <= _WIDEST:
        return text, 0
    first = max(0, start - _WIDEST // 3)
    clipped = text[first : first + _WIDEST]
    head = "..." if first else ""
    tail = "..." if first + _WIDEST < len(text) else ""
    return f"{head}{clipped}{tail}", first - len(head)


def _columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    text = visible(text)
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


class _Sources:
    """Lines of files, each file read once."""

    def __init__(self) -> None:
        self.files: dict[str, list[str]] = {}

    def line(self, path: str, number: int) -> str:
        if path not in self.files:
            try:
                self.files[path] = split_lines(decode(read(Path(path)), path))
            except SourceError:
                self.files[path] = []
        found = self.files[path]
        return found[number - 1] if 0 < number <= len(found) else ""
