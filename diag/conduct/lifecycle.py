"""The judge of the probe `order_lifecycle`: its cases, as they were judged when they were played."""

from diag.bounds import Bounds
from diag.conduct.judge import Judge
from diag.record import Event
from diag.record.kinds import probe
from diag.verdict import Check, Evidence, Outcome

NAME = "order_lifecycle"


class LifecycleJudge(Judge):
    """One check a case."""

    needs = (probe.Case,)

    def __init__(self) -> None:
        self._checks: list[Check] = []

    def take(self, event: Event) -> None:
        if isinstance(event, probe.Case):
            self._checks.append(_read(event))

    def checks(self, bounds: Bounds) -> list[Check]:
        return self._checks


def _read(case: probe.Case) -> Check:
    shown = tuple(Evidence(cited.where, cited.text) for cited in case.evidence)
    return Check(case.name, case.title, Outcome(case.outcome), case.observed, case.bound, shown)
