"""What accounts did at venues, by their ledgers, and what the program can know of it.

Orders are kept apart by venue, account and client order id; what has ended and was told is dropped, so that
judging takes time in proportion to the rows and keeps what is open alone. *Lost* is a state of its own: a
request that was not answered, or answered with an error of the venue's (5xx), may have happened. It stays so
until an answer tells what came of it; it is never taken for refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from diag.conduct.spread import plain
from diag.record import Event
from diag.record.kinds import venue
from diag.record.kinds.venue import Named
from diag.record.trading import Reason, Status

ZERO = Decimal(0)
PLACE = "place"
UNREADABLE = frozenset(("cut_answer", "false_gzip", "null_result"))  # faults of an answer that tells nothing
_MOST_UNTOLD = 256  # orders of an account that nobody asks about; older ones are forgotten
_RETRY_NS = 5_000_000_000
_TELLS_ORDERS = frozenset(("order", "order_state", "fill"))

Account = tuple[str, str]
"""Venue and account."""


class Answer(StrEnum):
    """What the program was told of an order when it was sent."""

    WAITING = "waiting"
    TAKEN = "taken"
    REFUSED = "refused"
    LOST = "lost"  # it may have happened


@dataclass(slots=True, eq=False)
class Placed:
    """One order, as often as it was sent under the same client order id."""

    venue: str
    account: str
    named: Named
    where: str
    at_ns: int
    answer: Answer = Answer.WAITING
    answered: str = ""  # the row that tells how it was answered
    lost: str = ""  # as in "answer lost at grvt:12"
    lost_ns: int = 0
    again: list[str] = field(default_factory=list)  # requests that sent it again
    order_ids: list[str] = field(default_factory=list)
    status: Status | None = None  # None: the venue made no order of it
    reason: str | None = None
    filled: Decimal = ZERO
    filled_at: str = ""
    open_ns: int = 0  # since when it rests
    last: str = ""
    is_told: bool = True  # the program was told all that has come of it
    is_asked: bool = False  # since its answer was lost, the program asked, answered or not

    @property
    def key(self) -> Account:
        return self.venue, self.account

    @property
    def is_unknown(self) -> bool:
        return self.answer is Answer.LOST and not self.is_told

    @property
    def is_open(self) -> bool:
        return self.status is not None and not self.status.is_final

    @property
    def fate(self) -> str:
        if self.filled:
            return "filled"
        if self.status is None:
            return "refused" if self.answer is Answer.REFUSED else "never came to the venue"
        return "stood" if not self.reason else str(self.status)

    def __str__(self) -> str:
        named = self.named
        if named.side is None or named.size is None:
            return "an order"
        price = "at market" if named.limit_price is None else f"at {plain(named.limit_price)}"
        return f"{named.side} {plain(named.size)} {named.instrument} {price}"


@dataclass(slots=True)
class Exchange:
    """A request, and what was taken down before its answer."""

    request: venue.Request
    placed: Placed | None = None
    fault: str = ""
    refused: str = ""  # why the market refused the order in it


class History:
    """Takes in the rows of all venues; families look at it after each.

    `exchange` belongs to the request or answer just taken, `placed` is the order that the row is about.
    """

    def __init__(self) -> None:
        self.exchange: Exchange | None = None
        self.placed: Placed | None = None
        self.number_placed = 0
        self.requests: dict[str, int] = {}  # by venue
        self.positions: dict[tuple[str, str, str], Decimal] = {}
        self.untold: dict[Account, dict[Placed, None]] = {}
        self.feeds: dict[Account, set[str]] = {}
        self._orders: dict[tuple[str, str, str], Placed] = {}  # by venue, account, client order id
        self._by_id: dict[tuple[str, str], Placed] = {}
        self._waiting: dict[tuple[str, int], Exchange] = {}

    @property
    def open_orders(self) -> list[Placed]:
        return [placed for placed in self._orders.values() if placed.is_open]

    def streams(self, key: Account, feeds: Iterable[str] = _TELLS_ORDERS) -> bool:
        """Whether the program is told of these by a stream."""
        return not self.feeds.get(key, set()).isdisjoint(feeds)

    def unknown(self, key: Account, now_ns: int) -> Iterator[Placed]:
        """Orders that may have happened, oldest first.

        A stream of own orders tells, too; but who sends the same again at once, and asks nothing, has taken
        the lost answer for a refusal whatever the stream said.
        """
        told_by_stream = self.streams(key)
        for placed in self.untold.get(key, ()):
            if placed.is_unknown:
                is_retry = now_ns - placed.lost_ns < _RETRY_NS and not placed.is_asked
                if is_retry or not (told_by_stream and placed.order_ids):
                    yield placed

    def take(self, event: Event) -> None:
        self.exchange = self.placed = None
        match event:
            case venue.Request():
                self._request(event)
            case venue.Response():
                self._response(event)
            case venue.Fault() if event.request is not None:
                if waiting := self._waiting.get((event.venue, event.request)):
                    waiting.fault = event.name
            case venue.Order():
                self._order(event)
            case venue.Refused():
                self._refused(event)
            case venue.Fill():
                self._fill(event)
            case venue.Cancel() if event.order_id is not None:
                self.placed = self._by_id.get((event.venue, event.order_id))

    def _request(self, event: venue.Request) -> None:
        self.requests[event.venue] = self.requests.get(event.venue, 0) + 1
        self.exchange = self._waiting[event.venue, event.seq] = Exchange(event)
        if event.operation != PLACE:
            for placed in self.untold.get((event.venue, event.account or ""), ()):
                placed.is_asked |= _tells(event, placed) is not None
            return
        named = event.order or Named()
        key = (event.venue, event.account or "", named.client_order_id or event.where)
        before = self._orders.get(key)
        if before is None or (before.is_told and before.status is not None and before.status.is_final):
            self.number_placed += 1
            placed = self._orders[key] = Placed(
                event.venue, key[1], named, event.where, event.monotonic_ns, last=event.where
            )
        else:
            placed = before
            placed.again.append(event.where)
        self.placed = self.exchange.placed = placed

    def _response(self, event: venue.Response) -> None:
        exchange = self.exchange = self._waiting.pop((event.venue, event.request), None)
        if exchange is None:
            return
        request, placed = exchange.request, exchange.placed
        if placed is None:
            if event.status // 100 == 2 and request.feed and request.operation is None:
                self.feeds.setdefault((event.venue, request.account or ""), set()).add(request.feed)
            if exchange.fault not in UNREADABLE and (event.status // 100 == 2 or event.status == 404):
                self._tell(request)
            return
        self.placed = placed
        placed.answered = event.where
        if event.status == 0 or event.status >= 500 or exchange.fault in UNREADABLE:
            placed.answer = Answer.LOST
            how = f"answered with HTTP {event.status}"
            if event.status == 0 or exchange.fault in UNREADABLE:
                how = "answer lost"
            placed.lost = f"{how} at {event.where}"
            placed.lost_ns = event.monotonic_ns
            self._untell(placed)
        elif event.status // 100 == 2:
            placed.answer = Answer.TAKEN
            if not placed.filled:
                self._told(placed)
        elif exchange.refused == Reason.DUPLICATE_CLIENT_ORDER_ID and placed.order_ids:
            self._told(placed)  # its id is in use: so it stands
        elif placed.answer is not Answer.LOST:  # of the order that was sent again, nothing is known yet
            placed.answer = Answer.REFUSED
            self._told(placed)

    def _order(self, event: venue.Order) -> None:
        placed = self._find(event)
        if event.order_id and event.order_id not in placed.order_ids:
            placed.order_ids.append(event.order_id)
            self._by_id[event.venue, event.order_id] = placed
        placed.status, placed.reason, placed.last = event.status, event.reason, event.where
        if event.status is Status.OPEN and not placed.open_ns:
            placed.open_ns = event.monotonic_ns
        self.placed = placed
        self._drop(placed)

    def _refused(self, event: venue.Refused) -> None:
        placed = self.placed = self._find(event)
        for waiting in reversed(self._waiting.values()):
            if waiting.placed is placed:
                waiting.refused = event.reason
                return

    def _fill(self, event: venue.Fill) -> None:
        key = (event.venue, event.account, event.instrument)
        signed = event.size if event.side == "buy" else -event.size
        self.positions[key] = self.positions.get(key, ZERO) + signed
        placed = self.placed = self._by_id.get((event.venue, event.order_id))
        if placed is not None:
            placed.filled += event.size
            placed.filled_at = event.where
            self._untell(placed)

    def _find(self, event: venue.OrderEvent) -> Placed:
        """The order of a row; one that no request brought is known to whoever brought it."""
        found = self._by_id.get((event.venue, event.order_id)) if event.order_id else None
        key = (event.venue, event.account, event.client_order_id)
        found = found or self._orders.get(key)
        if found is None:  # a venue that does not say in its request row which order it is
            waiting = next(reversed(self._waiting.values()), None)
            if waiting is not None and waiting.request.venue == event.venue:
                found = waiting.placed
        if found is None or found.named.client_order_id not in (None, event.client_order_id):
            found = self._orders[key] = Placed(
                event.venue, event.account, Named(), event.where, event.monotonic_ns, Answer.TAKEN
            )
        if found.named.side is None:
            found.named = Named(
                event.order_id,
                event.client_order_id,
                event.instrument,
                event.side,
                event.size,
                event.limit_price,
                event.reduce_only,
            )
            self._orders[key] = found
        return found

    def _tell(self, request: venue.Request) -> None:
        """An answer has come to a question: what it tells of is known."""
        for placed in tuple(self.untold.get((request.venue, request.account or ""), ())):
            if _tells(request, placed):
                self._told(placed)

    def _told(self, placed: Placed) -> None:
        placed.is_told = True
        self.untold.get(placed.key, {}).pop(placed, None)
        self._drop(placed)

    def _untell(self, placed: Placed) -> None:
        placed.is_told = placed.is_asked = False
        untold = self.untold.setdefault(placed.key, {})
        untold[placed] = None
        if len(untold) > _MOST_UNTOLD:
            self._told(next(iter(untold)))

    def _drop(self, placed: Placed) -> None:
        """Forget an order that has ended, and of which all is told."""
        over = placed.answer is Answer.REFUSED if placed.status is None else placed.status.is_final
        if over and placed.is_told and placed.answer is not Answer.WAITING:
            key = (placed.venue, placed.account, placed.named.client_order_id or placed.where)
            if self._orders.get(key) is placed:
                del self._orders[key]
            for order_id in placed.order_ids:
                self._by_id.pop((placed.venue, order_id), None)


def _tells(request: venue.Request, placed: Placed) -> bool | None:
    """Whether an answer to this request tells what came of the order; None if it does not ask for it.

    Open orders do not show one that filled, and positions do not show one that rests: who looks at one of
    them alone may take it for an order that never was.
    """
    named = request.order
    is_meant = named is None or (
        named.client_order_id == placed.named.client_order_id
        if named.client_order_id is not None
        else named.order_id in placed.order_ids
    )
    is_over = placed.status is None or placed.status.is_final
    match request.operation:
        case "order_query" | "amend":
            return True if is_meant else None
        case "order_history_query":
            return True
        case "open_orders_query":
            return not placed.filled or not is_over
        case "fill_history_query" | "position_query":
            return is_over or bool(placed.filled)
        case "cancel" | "cancel_all":
            return (is_over and not placed.filled) if is_meant else None
        case _:
            return None
