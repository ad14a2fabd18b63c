"""The judge of an account that is not simulated: it is left as it was found."""

from collections.abc import Callable, Mapping
from typing import Literal

from diag.bounds import Bounds
from diag.conduct.history import NO_POSITIONS
from diag.conduct.judge import Judge
from diag.conduct.spread import plain
from diag.record import Event
from diag.record.kinds import probe
from diag.verdict import Check, Evidence, Outcome

NAME = "guard"


class RestoredJudge(Judge):
    """Position and open orders after an armed run against those before; nothing where none was armed."""

    needs = (probe.State,)

    def __init__(self) -> None:
        self._states: dict[Literal["before", "after"], probe.State] = {}

    def take(self, event: Event) -> None:
        if isinstance(event, probe.State) and event.armed:
            self._states[event.at] = event

    def checks(self, bounds: Bounds) -> list[Check]:
        if not self._states:
            return []
        return [
            _check(self._states, "position", "the position is what it was", _position),
            _check(self._states, "open_orders", "the open orders are what they were", _orders),
        ]


def _check(
    states: Mapping[Literal["before", "after"], probe.State],
    name: str,
    title: str,
    of: Callable[[probe.State], str],
) -> Check:
    before, after = states.get("before"), states.get("after")
    if name == "position" and before is not None and before.position is None:
        return Check(f"{NAME}.{name}", title, Outcome.NOT_SHOWN, NO_POSITIONS, "")
    bound = f"{of(before)}, as before" if before else ""
    if before is None or after is None:
        return Check(f"{NAME}.{name}", title, Outcome.NOT_SHOWN, "not known", bound)
    same = of(before) == of(after)
    cited = (
        Evidence(before.where, f"before: {of(before)}"),
        Evidence(after.where, f"after: {of(after)}"),
    )
    return Check(f"{NAME}.{name}", title, Outcome.PASS if same else Outcome.FAIL, of(after), bound, cited)


def _position(state: probe.State) -> str:
    return "none" if state.position is None else plain(state.position)


def _orders(state: probe.State) -> str:
    return ", ".join(sorted(state.open_orders)) or "none"
