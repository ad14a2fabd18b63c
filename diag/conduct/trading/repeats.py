"""An order placed again while nobody knows what became of the first."""

from collections.abc import Iterable
from decimal import Decimal
from typing import ClassVar

from diag.bounds import Bounds
from diag.conduct.spread import BPS
from diag.conduct.trading.family import Ended, Family
from diag.conduct.trading.history import PLACE, History, Placed
from diag.record import Event
from diag.record.kinds import venue
from diag.verdict import CITED, Check, Evidence, Outcome

_AT_ONCE_NS = 5_000_000  # two orders so close were sent side by side: neither is the other's repetition
_SAME_PRICE_BPS = Decimal(10)  # a price that followed the market; levels of a grid are further apart


class Repeats(Family):
    """The same side, size and instrument at about the same price, under another client order id. The same id
    sent again is safe where the venue made one order of it.
    """

    about = "orders"
    names: ClassVar = {"repeats": "no order placed again on a lost answer"}

    def __init__(self) -> None:
        self._lost = 0
        self._number = 0
        self._pairs: list[tuple[Placed, Placed]] = []
        self._made: set[str] = set()  # order ids that a repetition with the same id brought about
        self._doubled: list[tuple[Placed, str]] = []

    def take(self, event: Event, history: History) -> None:
        placed = history.placed
        if placed is None:
            return
        match event:
            case venue.Request() if event.operation == PLACE:
                if not placed.again:
                    self._placed(placed, history)
            case venue.Response():
                self._lost += placed.lost.endswith(event.where)
            case venue.Order() if placed.again and len(placed.order_ids) > 1:
                if placed.order_ids[-1] == event.order_id and placed.lost and not event.filled:
                    self._double(placed, event.where)

    def _placed(self, placed: Placed, history: History) -> None:
        earlier = [each for each in history.unknown(placed.key, placed.at_ns) if _same(each, placed)]
        if earlier:
            self._number += 1
            if len(self._pairs) < CITED:
                self._pairs.append((earlier[-1], placed))

    def _double(self, placed: Placed, where: str) -> None:
        made = placed.order_ids[-1]
        if made in self._made:
            return
        self._made.add(made)
        self._number += 1
        if len(self._doubled) < CITED:
            self._doubled.append((placed, where))

    def checks(self, history: History, bounds: Bounds, ended: Ended) -> Iterable[Check]:
        bound = "asked about, or sent with its own id, before it is placed again"
        if self._number:
            observed = f"{self._number} of {history.number_placed} orders, what became of the first unknown"
            cited = [evidence for pair in self._pairs for evidence in _witness(*pair)]
            cited += [evidence for doubled in self._doubled for evidence in _two_of_one(*doubled)]
            yield self.check("repeats", Outcome.FAIL, observed, bound, cited)
            return
        lost = f"{self._lost} lost answer{'s' * (self._lost != 1)}" if self._lost else "no answer was lost"
        yield self.check("repeats", Outcome.PASS, f"{history.number_placed} orders, {lost}", bound)


def _same(first: Placed, second: Placed) -> bool:
    one, other = first.named, second.named
    if one.size is None or (one.side, one.size, one.instrument) != (other.side, other.size, other.instrument):
        return False
    if second.at_ns - first.at_ns < _AT_ONCE_NS:
        return False
    if one.limit_price is None or other.limit_price is None:
        return True
    return abs(one.limit_price - other.limit_price) <= _SAME_PRICE_BPS / BPS * abs(one.limit_price)


def _witness(first: Placed, second: Placed) -> tuple[Evidence, ...]:
    fates = first.fate, second.fate
    came_to = f"both {fates[0]}" if fates[0] == fates[1] else f"the first {fates[0]}, the second {fates[1]}"
    text = f"placed at {first.where}, {first.lost}, placed again at {second.where}, {came_to}"
    return Evidence(first.where, f"{first}: {text}"), Evidence(second.where, f"{second}: the second")


def _two_of_one(placed: Placed, where: str) -> tuple[Evidence, ...]:
    again = f"sent again with the same id at {placed.again[-1]}"
    text = f"{placed}: placed at {placed.where}, {placed.lost}, {again}"
    return Evidence(placed.where, text), Evidence(where, "the venue made a second order of it")
