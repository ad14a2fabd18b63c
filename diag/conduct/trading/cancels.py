"""A cancel that came too late: the order had filled, and what filled has to be looked at."""

from collections.abc import Iterable
from typing import ClassVar

from diag.bounds import Bounds
from diag.conduct.trading.family import Ended, Family, Wrongs
from diag.conduct.trading.history import PLACE, History, Placed
from diag.record import Event
from diag.record.kinds import venue
from diag.record.trading import Side
from diag.verdict import Check, Evidence, Outcome


class Cancels(Family):
    """After such a cancel, the next order of the same side without a look at what filled counts as wrong."""

    about = "orders"
    names: ClassVar = {"cancels": "a fill that beat a cancel is counted"}

    def __init__(self) -> None:
        self._late = 0
        self._open: dict[tuple[str, str, str | None, Side | None], tuple[Placed, str]] = {}
        self._wrong = Wrongs()

    def take(self, event: Event, history: History) -> None:
        placed = history.placed
        if placed is None:
            return
        named = placed.named
        key = (placed.venue, placed.account, named.instrument, named.side)
        match event:
            case venue.Cancel() if event.refused and placed.filled:
                self._late += 1
                if not placed.is_told and not history.streams(placed.key):
                    self._open[key] = (placed, event.where)
            case venue.Request() if event.operation == PLACE and not placed.again:
                filled, where = self._open.pop(key, (None, ""))
                if filled is not None and not filled.is_told:
                    text = (
                        f"{filled} filled at {filled.filled_at}, its cancel refused at {where}, "
                        f"and {placed} placed at {placed.where} without a look at what had filled"
                    )
                    self._wrong.add(Evidence(where, text), Evidence(placed.where, str(placed)))

    def checks(self, history: History, bounds: Bounds, ended: Ended) -> Iterable[Check]:
        bound = "its state or the position asked for before the next order"
        if self._wrong.number:
            observed = f"{self._wrong.number} of {self._late} ignored"
            yield self.check("cancels", Outcome.FAIL, observed, bound, self._wrong.cited)
        elif self._late:
            yield self.check(
                "cancels", Outcome.PASS, f"{self._late} cancels came too late, each looked at", bound
            )
        else:
            yield self.check("cancels", Outcome.NOT_APPLICABLE, "no cancel came too late", bound)
