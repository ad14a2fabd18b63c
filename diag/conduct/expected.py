"""What a scenario expects of a correct client, as a verdict on what its run showed."""

from collections.abc import Sequence

from diag.conduct import bbo, iterative_order
from diag.verdict import CITED, Check, Outcome, overall

_OF_THE_VENUE = {f"{bbo.NAME}.{name}" for name in ("uncrossed", "age")}
"""What a client cannot help when it hands on what it was served."""
_SAFE = {
    f"{iterative_order.NAME}.{name}"
    for name in ("claim", "success", "average_price", "left_open", "position", "time")
}
"""What shows even when nothing can be filled: an honest report, nothing left open, nothing over-filled."""


def verdicts(scenario: str, expects: str, checks: Sequence[Check]) -> list[Check]:
    """One check for each probe, named `scenario.probe`: did the client reach what the scenario `expects`?

    With `success`, everything passed. With `safe_failure`, nothing failed but what the venue served, and all
    that keeps a failure safe passed; what cannot show there is no fault of the client.
    """
    probes: dict[str, list[Check]] = {}
    for check in checks:
        probes.setdefault(check.name.partition(".")[0], []).append(check)
    return [_verdict(f"{scenario}.{probe}", probe, expects, found) for probe, found in probes.items()]


def _verdict(name: str, probe: str, expects: str, checks: Sequence[Check]) -> Check:
    wrong = checks
    if expects == "safe_failure":
        wrong = [check for check in checks if not _is_excused(check)]
    outcome = overall(wrong)
    passed = sum(check.outcome is Outcome.PASS for check in checks)
    counted = f"{passed} of {len(checks)} passed"
    bad = [check for check in wrong if check.outcome in (Outcome.FAIL, Outcome.NOT_SHOWN)]
    said = "; ".join(f"{check.title}: {check.outcome}: {check.observed}" for check in bad)
    evidence = tuple(piece for check in bad for piece in check.evidence)[:CITED]
    observed = f"{counted}; {said}" if said else counted
    return Check(name, probe, outcome, observed, expects.replace("_", " "), evidence)


def _is_excused(check: Check) -> bool:
    """Whether a check that did not pass says nothing against a client that fails safely."""
    if check.outcome is Outcome.FAIL:
        return check.name in _OF_THE_VENUE and bbo.SERVED in check.observed
    probe = check.name.partition(".")[0]
    return (
        check.outcome is Outcome.NOT_SHOWN
        and probe in (bbo.NAME, iterative_order.NAME)
        and check.name not in _SAFE
    )
