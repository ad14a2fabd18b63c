"""What stands under a report: the number of findings, what could not be judged, sites by verdict."""

from collections.abc import Iterator
from dataclasses import fields

from diag.lint.result import Result, Statistics
from diag.report.style import Line

VERDICTS = ("right", "wrong", "unknown")


def lines(result: Result) -> Iterator[Line]:
    """One line on what was judged, if anything was, and one on what could not be."""
    count = len(result.findings)
    files = len({finding.path for finding in result.findings}) or result.statistics.files
    suppressed = f" ({len(result.suppressed)} suppressed)" if result.suppressed else ""
    found = f"Found {count}" if count else "No"
    if files:
        judged = f"{found} {_many(count, 'problem')} in {files} {_many(files, 'file')}{suppressed}"
        yield [(judged, _colour(count))]
    failed = len({problem.path for problem in result.problems})
    if failed:
        yield [(f"{failed} {_many(failed, 'path')} could not be judged", "bold yellow")]


def problems(result: Result) -> Iterator[Line]:
    """What could not be judged and what else went wrong, one line each."""
    for problem in result.problems:
        place = f"{problem.path}:{problem.line}" if problem.line else problem.path
        yield [("diag: ", ""), ("error: ", "bold red"), (f"{place}: {problem.message}", "")]
    for notice in result.notices:
        yield [("diag: ", ""), ("note: ", "bold"), (notice, "")]


def statistics(values: Statistics) -> Iterator[Line]:
    """Sites by verdict, and the share of them that was resolved (proved right or wrong)."""
    kinds: dict[str, dict[str, int]] = {}
    for field in fields(values):
        kind, _, verdict = field.name.rpartition("_")
        value = getattr(values, field.name)
        if kind and verdict in VERDICTS:
            kinds.setdefault(kind, {})[verdict] = value
        else:
            yield [(f"{field.name.replace('_', ' ')}: {value}", "")]
    yield [
        (f"{'sites':<10}" + "".join(f"{verdict:>10}" for verdict in VERDICTS) + f"{'resolved':>12}", "bold")
    ]
    for kind, counts in kinds.items():
        total = sum(counts.values())
        share = f"{100 * (total - counts.get('unknown', 0)) / total:.1f} %" if total else "-"
        numbers = "".join(f"{counts.get(verdict, 0):>10}" for verdict in VERDICTS)
        yield [(f"{kind.replace('_', ' '):<10}{numbers}{share:>12}", "")]


def _many(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _colour(count: int) -> str:
    return "bold red" if count else "bold green"
