"""A judgement with its evidence: what every probe and every acceptance criterion ends as.

*Not shown* means that there was no evidence either way (no samples, venue unreachable, a step that never
came to pass); it never counts as a pass. *Not applicable* is a check on what the program had no part in, and
was not expected to; it counts for nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What came of a check. *Not shown* means that nothing was there to judge by; it is never a pass."""

    PASS = "pass"
    FAIL = "fail"
    NOT_SHOWN = "not shown"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something a person can open: a row of the venue's ledger, a log line, a finding.

    `where` is `SOURCE:SEQ` of an event of the run record (`venue:17`), or `path:line`.
    """

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was judged: what was seen, against which bound, and what shows it."""

    name: str
    title: str
    outcome: Outcome
    observed: str
    bound: str
    evidence: tuple[Evidence, ...] = ()


Judgement = tuple[Outcome, str, str, tuple[Evidence, ...]]
"""What a check comes to: outcome, what was observed, the bound, and the evidence."""

CITED = 5
"""Pieces of evidence that a check names at most."""


def overall(checks: Iterable[Check]) -> Outcome:
    """FAIL if anything failed, PASS only if there was something and all of it passed, else NOT_SHOWN."""
    outcomes = {check.outcome for check in checks} - {Outcome.NOT_APPLICABLE}
    if Outcome.FAIL in outcomes:
        return Outcome.FAIL
    return Outcome.PASS if outcomes == {Outcome.PASS} else Outcome.NOT_SHOWN
