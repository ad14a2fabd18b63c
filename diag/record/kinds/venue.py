"""What a venue's ledger says: asked, answered, served, ordered, filled.

At a venue that is not simulated the same events hold what it answered when it was asked. No field is a time,
so that two runs can be compared row for row.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from diag.record.event import Amount, Event, Json, Price, Size, Source, event
from diag.record.trading import Origin, Side, Status, TimeInForce


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueEvent(Event):
    """A row of the ledger of `venue`."""

    source: ClassVar[Source] = "venue"

    venue: str

    @property
    def speaker(self) -> str:
        return self.venue


@event
class Opened(VenueEvent):
    """The simulated venue waits for a program to come, which has these accounts; `bases` holds the base
    currency of each instrument.
    """

    accounts: tuple[str, ...]
    bases: Json


@dataclass(frozen=True, slots=True)
class Named:
    """What a request says of the order that it is about: all of it to place one, else an id."""

    order_id: str | None = None
    client_order_id: str | None = None
    instrument: str | None = None
    side: Side | None = None
    size: Size | None = None
    limit_price: Price | None = None
    reduce_only: bool = False


@event
class Request(VenueEvent):
    """A request as it arrived, without secrets. `account` is that of the session, if there is one;
    `operation` says what it is for, in words that hold for every venue (`place`, `position_query`), and
    `feed` what a subscription tells of (`book`, `order`).
    """

    account: str | None = None
    endpoint: str
    operation: str | None = None
    data: Json
    order: Named | None = None
    feed: str | None = None


@event
class Response(VenueEvent):
    """How the request with the number `request` was answered: HTTP status (0: not at all), and the venue's
    error code when there is one, with whose making such a refusal is, and the venue's words for it.
    `retry_after_s` is the wait that the answer asks for.
    """

    request: int
    status: int
    code: int | str | None = None
    origin: Origin | None = None
    meaning: str | None = None
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookTop(VenueEvent):
    """Best bid and offer; a price is None when that side of the book is empty."""

    instrument: str
    bid_price: Price | None
    bid_size: Size
    ask_price: Price | None
    ask_size: Size

    @property
    def mid(self) -> Decimal | None:
        if self.bid_price is None or self.ask_price is None:
            return None
        return (self.bid_price + self.ask_price) / 2

    def touch(self, side: Side) -> tuple[Decimal | None, Decimal]:
        """What an order of this side would trade against first: price and size."""
        return (self.ask_price, self.ask_size) if side is Side.BUY else (self.bid_price, self.bid_size)


@event
class Quote(BookTop):
    """A quote as it was served, which a fault may have made differ from the book; `via` says where."""

    via: str


@event
class Arrival(BookTop):
    """The true book when an order arrived, before it was matched or refused."""

    account: str
    client_order_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent(VenueEvent):
    """An order; `limit_price` is None for a market order."""

    account: str
    instrument: str
    order_id: str
    client_order_id: str
    side: Side
    size: Size
    limit_price: Price | None
    time_in_force: TimeInForce
    post_only: bool
    reduce_only: bool
    filled: Size
    filled_notional: Amount


@event
class Order(OrderEvent):
    """An order after each change of its state; `reason` says why it was rejected or cancelled."""

    status: Status
    reason: str | None = None


@event
class Refused(OrderEvent):
    """An order that the venue did not accept."""

    reason: str


@event
class Fill(VenueEvent):
    """A fill of an account. (The other side has a row of its own unless it is the market's.) A negative fee
    is a rebate.
    """

    account: str
    instrument: str
    order_id: str
    client_order_id: str
    fill_id: str
    side: Side
    price: Price
    size: Size
    fee: Amount
    realized_pnl: Amount
    is_taker: bool


@event
class Trade(VenueEvent):
    """A public trade, whoever was part of it; `side` is the taker's."""

    instrument: str
    trade_id: str
    side: Side
    price: Price
    size: Size


@event
class Cancel(VenueEvent):
    """A request to cancel and what came of it: `refused` says why not. Without `order_id`, none was found."""

    account: str
    instrument: str | None = None
    order_id: str | None = None
    refused: str | None = None


@event
class Position(VenueEvent):
    """The position of an account after a fill; `size` is signed, long is positive."""

    account: str
    instrument: str
    size: Size
    entry_price: Price | None
    realized_pnl: Amount
    fees: Amount


@event
class Fault(VenueEvent):
    """A fault that the scenario brought about, with the request, account or stream that it befell; `is_delta`
    of a stream that sends changes, each of which has to arrive.
    """

    account: str | None = None
    name: str
    request: int | None = None
    stream: str | None = None
    selector: str | None = None
    is_delta: bool = False
