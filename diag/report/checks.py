"""Reports of checks: `full`, `concise`, `json`, `junit` and `github`. docs/probe.md describes them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from diag import __version__
from diag.report.github import command
from diag.report.style import Line, json_text, no_command, visible
from diag.verdict import Check, Outcome, overall

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

VERSION = 1
FORMATS = ("full", "concise", "json", "junit", "github")
_STYLES = {
    Outcome.PASS: "green",
    Outcome.FAIL: "bold red",
    Outcome.NOT_SHOWN: "yellow",
    Outcome.NOT_APPLICABLE: "dim",
}
_OPEN = (Outcome.FAIL, Outcome.NOT_SHOWN)
_SHORT = 40
_TELLING = ("command", "venue", "env", "instrument", "client", "scenario", "seed")
_WIDTH = len(Outcome.NOT_SHOWN)


@dataclass(frozen=True, slots=True)
class Report:
    """What was judged (venue, ticker, scenario, seed, record...) and what came of it.

    `began_s` is seconds since 1970 in UTC; `took_s` is how long the run took.
    """

    subject: Mapping[str, str | int | None]
    checks: tuple[Check, ...]
    began_s: float = 0.0
    took_s: float = 0.0

    @property
    def name(self) -> str:
        """Tells this run from others in one report: venue, client, scenario, seed."""
        told = [f"{key} {self.subject[key]}" for key in _TELLING if self.subject.get(key) is not None]
        return ", ".join(["diag", *told])


def lines(format: str, report: Report) -> Iterator[Line]:
    """The formats for people; both hold one line a check."""
    return _concise(report.checks) if format == "concise" else _full(report.checks)


def text(format: str, report: Report) -> str:
    """The formats for machines."""
    if format == "junit":
        return junit([report])
    return _github(report.checks) if format == "github" else _json(report)


def summary(checks: Sequence[Check]) -> Line:
    """As in `14 passed, 1 failed, 2 not shown`."""
    counts = {outcome: sum(check.outcome is outcome for check in checks) for outcome in Outcome}
    words = {Outcome.PASS: "passed", Outcome.FAIL: "failed"}
    said = ", ".join(f"{counts[each]} {words.get(each, each)}" for each in Outcome if counts[each])
    return [(said or "no checks", _STYLES[overall(checks)])]


def _full(checks: Sequence[Check]) -> Iterator[Line]:
    """Outcome, title, observed, bound, evidence; under what did not pass, what the evidence says."""
    width = max((len(check.title) for check in checks), default=0)
    room = max((_WIDTH, *(len(check.outcome) for check in checks)))
    probe = ""
    for check in checks:
        if check.name.partition(".")[0] != probe:
            probe = check.name.partition(".")[0]
            yield [(probe, "bold")]
        where = ", ".join(dict.fromkeys(evidence.where for evidence in check.evidence))
        yield [
            (f"  {check.outcome.ljust(room)}", _STYLES[check.outcome]),
            (f"  {check.title.ljust(width)}", ""),
            (f"  {check.observed}", "bold" if check.outcome is Outcome.FAIL else ""),
            (f"  ({check.bound})" if _tells(check) else "", "dim"),
            (f"  {where}" if where else "", "cyan"),
        ]
        if check.outcome in _OPEN:
            for evidence in check.evidence:
                yield [(f"    {' ' * room}{evidence.where}", "cyan"), (f"  {evidence.text}", "")]


def _tells(check: Check) -> bool:
    """Whether the bound is shown: it is what a reader needs where a check did not pass, or is short."""
    return bool(check.bound) and (check.outcome in _OPEN or len(check.bound) <= _SHORT)


def _concise(checks: Sequence[Check]) -> Iterator[Line]:
    for check in checks:
        where = " ".join(dict.fromkeys(evidence.where for evidence in check.evidence))
        yield [
            (check.name, "bold"),
            (": ", ""),
            (check.outcome, _STYLES[check.outcome]),
            (f": {check.observed}", ""),
            (f" ({check.bound})" if check.bound else "", ""),
            (f" [{where}]" if where else "", "cyan"),
        ]


def _json(report: Report) -> str:
    document = {
        "version": VERSION,
        "tool": {"name": "diag", "version": __version__},
        "subject": dict(report.subject),
        "outcome": overall(report.checks),
        "checks": [asdict(check) for check in report.checks],
    }
    return json_text(document)


def matrix(checks: Sequence[Check]) -> Iterator[Line]:
    """One row a scenario, one column a probe, for checks named `scenario.probe`; then what did not pass."""
    rows: dict[str, dict[str, Check]] = {}
    for check in checks:
        rows.setdefault(check.name.partition(".")[0], {})[check.title] = check
    columns = list(dict.fromkeys(check.title for check in checks))
    width = max(map(len, ("scenario", *rows)), default=0)
    widths = {column: max(len(column), _WIDTH) for column in columns}
    expects = max((len(check.bound) for check in checks), default=0)
    heads = "  ".join(column.ljust(widths[column]) for column in columns)
    yield [(f"{'scenario'.ljust(width)}  {'expects'.ljust(expects)}  {heads}".rstrip(), "bold")]
    for scenario, found in rows.items():
        bound = next(iter(found.values())).bound
        line: Line = [(f"{scenario.ljust(width)}  {bound.ljust(expects)}", "")]
        for column in columns:
            outcome = found[column].outcome if column in found else ""
            style = _STYLES[found[column].outcome] if column in found else ""
            line.append((f"  {outcome.ljust(widths[column])}", style))
        yield line
    yield from _full([check for check in checks if check.outcome in _OPEN])


def junit(reports: Sequence[Report]) -> str:
    """One suite a run, one test case a check. What is not shown is an error: readers take a skipped test for
    a good one. A check judges the whole run, so that its time is that of the run.
    """
    from xml.etree.ElementTree import Element, indent, tostring

    root = Element("testsuites", _counts([check for report in reports for check in report.checks]))
    root.set("time", f"{sum(report.took_s for report in reports):.3f}")
    root.extend(_suite(report) for report in reports)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(report: Report) -> "Element":
    from datetime import UTC, datetime
    from xml.etree.ElementTree import Element, SubElement

    took = f"{report.took_s:.3f}"
    began = datetime.fromtimestamp(report.began_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    name = _clean(visible(report.name))
    suite = Element("testsuite", {"name": name, **_counts(report.checks), "time": took, "timestamp": began})
    properties = SubElement(suite, "properties")
    for key, value in report.subject.items():
        if value is not None:
            SubElement(properties, "property", {"name": key, "value": _clean(visible(str(value)))})
    for check in report.checks:
        probe, _, name = check.name.partition(".")
        case = SubElement(suite, "testcase", {"classname": probe, "name": name, "time": took})
        if check.outcome is Outcome.PASS:
            continue
        if check.outcome is Outcome.NOT_APPLICABLE:
            SubElement(case, "skipped", {"message": _clean(_said(check))})
            continue
        kind = "failure" if check.outcome is Outcome.FAIL else "error"
        SubElement(case, kind, {"message": _clean(_said(check))}).text = _clean(_evidence(check))
    return suite


def _counts(checks: Sequence[Check]) -> dict[str, str]:
    return {
        "tests": str(len(checks)),
        "failures": str(sum(check.outcome is Outcome.FAIL for check in checks)),
        "errors": str(sum(check.outcome is Outcome.NOT_SHOWN for check in checks)),
        "skipped": str(sum(check.outcome is Outcome.NOT_APPLICABLE for check in checks)),
    }


def _clean(said: str) -> str:
    """Without the characters that XML cannot hold."""
    lines = (no_command(visible(line)) for line in said.split("\n"))
    return "\n".join("".join(char if char.isprintable() else " " for char in line) for line in lines)


def _github(checks: Sequence[Check]) -> str:
    kinds = {Outcome.FAIL: "error", Outcome.NOT_SHOWN: "warning"}
    return "".join(
        command(
            kinds[check.outcome], {"title": check.name}, "\n".join([_said(check), _evidence(check)]).strip()
        )
        for check in checks
        if check.outcome in kinds
    )


def _said(check: Check) -> str:
    bound = f" ({check.bound})" if check.bound else ""
    return visible(f"{check.title}: {check.outcome}: {check.observed}{bound}")


def _evidence(check: Check) -> str:
    return "\n".join(visible(f"{evidence.where}  {evidence.text}") for evidence in check.evidence)
