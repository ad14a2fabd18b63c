"""Reports of checks: `full`, `concise`, `json`, `junit` and `github`. docs/probe.md describes them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from diag import __version__
from diag.report.github import command
from diag.report.style import Line
from diag.verdict import Check, Outcome, overall

VERSION = 1
FORMATS = ("full", "concise", "json", "junit", "github")
_STYLES = {Outcome.PASS: "green", Outcome.FAIL: "bold red", Outcome.NOT_SHOWN: "yellow"}
_SHORT = 40
_WIDTH = max(len(outcome) for outcome in Outcome)


@dataclass(frozen=True, slots=True)
class Report:
    """What was judged (venue, ticker, scenario, seed, record...) and what came of it."""

    subject: Mapping[str, str | int | None]
    checks: tuple[Check, ...]


def lines(format: str, report: Report) -> Iterator[Line]:
    """The formats for people; both hold one line a check."""
    return _concise(report.checks) if format == "concise" else _full(report.checks)


def text(format: str, report: Report) -> str:
    """The formats for machines."""
    if format == "junit":
        return _junit(report)
    return _github(report.checks) if format == "github" else _json(report)


def summary(checks: Sequence[Check]) -> Line:
    """As in `14 passed, 1 failed, 2 not shown`."""
    counts = {outcome: sum(check.outcome is outcome for check in checks) for outcome in Outcome}
    words = {Outcome.PASS: "passed", Outcome.FAIL: "failed", Outcome.NOT_SHOWN: "not shown"}
    said = ", ".join(f"{counts[outcome]} {word}" for outcome, word in words.items() if counts[outcome])
    return [(said or "no checks", _STYLES[overall(checks)])]


def _full(checks: Sequence[Check]) -> Iterator[Line]:
    """Outcome, title, observed, bound, evidence; under what did not pass, what the evidence says."""
    width = max((len(check.title) for check in checks), default=0)
    probe = ""
    for check in checks:
        if check.name.partition(".")[0] != probe:
            probe = check.name.partition(".")[0]
            yield [(probe, "bold")]
        where = ", ".join(dict.fromkeys(evidence.where for evidence in check.evidence))
        yield [
            (f"  {check.outcome.ljust(_WIDTH)}", _STYLES[check.outcome]),
            (f"  {check.title.ljust(width)}", ""),
            (f"  {check.observed}", "bold" if check.outcome is Outcome.FAIL else ""),
            (f"  ({check.bound})" if _tells(check) else "", "dim"),
            (f"  {where}" if where else "", "cyan"),
        ]
        if check.outcome is not Outcome.PASS:
            for evidence in check.evidence:
                yield [(f"    {' ' * _WIDTH}{evidence.where}", "cyan"), (f"  {evidence.text}", "")]


def _tells(check: Check) -> bool:
    """Whether the bound is shown: it is what a reader needs where a check did not pass, or is short."""
    return bool(check.bound) and (check.outcome is not Outcome.PASS or len(check.bound) <= _SHORT)


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
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _junit(report: Report) -> str:
    """One test case a check. What is not shown is an error: readers take a skipped test for a good one."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    checks = report.checks
    counts = {
        "tests": str(len(checks)),
        "failures": str(sum(check.outcome is Outcome.FAIL for check in checks)),
        "errors": str(sum(check.outcome is Outcome.NOT_SHOWN for check in checks)),
    }
    root = Element("testsuites", counts)
    suite = SubElement(root, "testsuite", {"name": "diag", **counts})
    for check in checks:
        probe, _, name = check.name.partition(".")
        case = SubElement(suite, "testcase", {"classname": probe, "name": name})
        if check.outcome is Outcome.PASS:
            continue
        kind = "failure" if check.outcome is Outcome.FAIL else "error"
        SubElement(case, kind, {"message": _clean(_said(check))}).text = _clean(_evidence(check))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _clean(said: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in said)


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
    return f"{check.title}: {check.outcome}: {check.observed}{bound}"


def _evidence(check: Check) -> str:
    return "\n".join(f"{evidence.where}  {evidence.text}" for evidence in check.evidence)
