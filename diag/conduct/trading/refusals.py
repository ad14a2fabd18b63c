"""Refusals that are the client's own making, by the venue's code and in the venue's words."""

from collections.abc import Iterable
from typing import ClassVar

from diag.bounds import Bounds
from diag.conduct.trading.family import Ended, Family
from diag.conduct.trading.history import PLACE, History
from diag.record import Event
from diag.record.kinds import venue
from diag.record.trading import Origin, Reason
from diag.verdict import CITED, Check, Evidence, Outcome

_PLACING = (PLACE, "amend")
_OTHERWISE_JUDGED = (401, 404, 429)  # sessions end, orders are gone, limits have checks of their own


class Refusals(Family):
    """What the scenario brought about, what the venue or the market made, and an order that was sent again
    with its own id and stood already, count for nothing.
    """

    about = "requests"
    names: ClassVar = {"refusals": "nothing refused that the client could have sent right"}

    def __init__(self) -> None:
        self._refused: dict[tuple[str, str], list[Evidence]] = {}  # by venue and code: the first rows
        self._numbers: dict[tuple[str, str], int] = {}
        self._others = 0

    def take(self, event: Event, history: History) -> None:
        exchange = history.exchange
        if not isinstance(event, venue.Response) or exchange is None or event.status < 400:
            return
        request, placed = exchange.request, exchange.placed
        is_order = request.operation in _PLACING
        is_safe_repetition = (
            placed is not None
            and bool(placed.again and placed.lost and placed.order_ids)
            and exchange.refused == Reason.DUPLICATE_CLIENT_ORDER_ID
        )
        if (
            event.origin is not Origin.CLIENT
            or exchange.fault
            or is_safe_repetition
            or event.status in (_OTHERWISE_JUDGED if not is_order else (401, 429))
        ):
            self._others += 1
            return
        key = (event.venue, str(event.code))
        self._numbers[key] = self._numbers.get(key, 0) + 1
        cited = self._refused.setdefault(key, [])
        if len(cited) < CITED:
            what = f"{placed} " if placed is not None else f"{request.endpoint} "
            text = f"{what}sent at {request.where}, refused with {event.code}: {event.meaning}"
            cited.append(Evidence(event.where, text))

    def checks(self, history: History, bounds: Bounds, ended: Ended) -> Iterable[Check]:
        bound = "none of the client's making"
        if self._numbers:
            said = (f"{number} with {code}" for (_, code), number in self._numbers.items())
            first = [cited[0] for cited in self._refused.values()]
            rest = [evidence for cited in self._refused.values() for evidence in cited[1:]]
            yield self.check("refusals", Outcome.FAIL, "refused: " + ", ".join(said), bound, first + rest)
            return
        number = sum(history.requests.values())
        others = f"; {self._others} refused for other reasons" if self._others else ""
        yield self.check("refusals", Outcome.PASS, f"none of {number} requests{others}", bound)
