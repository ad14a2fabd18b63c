"""What a probe asks of the client under test, and what such a client claims in return.

The reference clients of `probes.venues` fill this shape, as do adapters around a user's own client.
A probe never believes a claim: it holds it against the venue's ledger.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from probes.market.order import Instrument, Level, Quote, Side, Status, TimeInForce


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """An order to be worked iteratively: child orders near the BBO until `size` is filled.

    The first child stands one tick better than the touch (a buy at best ask - 1 tick); later ones may
    move one tick a time towards the market, never beyond `max_slippage_bps` from the arrival mid.
    """

    instrument: str
    side: Side
    size: Decimal
    tick_size: Decimal
    max_iterations: int = 20
    max_slippage_bps: Decimal = Decimal(5)


@dataclass(frozen=True, slots=True)
class Claim:
    """What the client says came of an order plan."""

    success: bool
    filled: Decimal
    average_price: Decimal | None
    iterations: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Bbo:
    """A quote as a client tells it: it may keep the sizes, or the venue's stamp, to itself."""

    instrument: str
    bid_price: Decimal | None
    ask_price: Decimal | None
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    utc_ns: int | None = None


class Client(Protocol):
    """A client of a venue, seen from a probe. Errors may be of any kind; the probe reports them."""

    async def connect(self) -> None: ...

    async def fetch_bbo(self, instrument: str) -> Quote | Bbo: ...

    async def work_order(self, plan: OrderPlan) -> Claim: ...

    async def position(self, instrument: str) -> Decimal:
        """Signed base units; long is positive."""
        ...

    async def disconnect(self) -> None: ...


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """One order as a client is to send it. `limit_price` is None for a market order.

    `client_order_id` is decimal digits in the range that the venue leaves to clients.
    """

    instrument: str
    side: Side
    size: Decimal
    limit_price: Decimal | None
    client_order_id: str
    time_in_force: TimeInForce = TimeInForce.GOOD_TILL_TIME
    post_only: bool = False
    reduce_only: bool = False
    expires_in_s: float | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """Both sides of a book, best price first."""

    instrument: str
    bids: Sequence[Level]
    asks: Sequence[Level]
    utc_ns: int


@dataclass(frozen=True, slots=True)
class Trade:
    """A public trade; `side` is the taker's."""

    trade_id: str
    instrument: str
    side: Side
    price: Decimal
    size: Decimal
    utc_ns: int


@dataclass(frozen=True, slots=True)
class Candle:
    """Prices and volume (base units) of one minute."""

    instrument: str
    open_ns: int
    close_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class OrderView(Protocol):
    """What a client says of an order."""

    @property
    def order_id(self) -> str: ...
    @property
    def client_order_id(self) -> str: ...
    @property
    def side(self) -> Side: ...
    @property
    def size(self) -> Decimal: ...
    @property
    def limit_price(self) -> Decimal | None: ...
    @property
    def status(self) -> Status: ...
    @property
    def filled(self) -> Decimal: ...
    @property
    def average_price(self) -> Decimal | None: ...


class FillView(Protocol):
    """What a client says of a fill. `fee` is in quote units; negative is a rebate."""

    @property
    def client_order_id(self) -> str: ...
    @property
    def side(self) -> Side: ...
    @property
    def price(self) -> Decimal: ...
    @property
    def size(self) -> Decimal: ...
    @property
    def fee(self) -> Decimal: ...


class Trader(Client, Protocol):
    """What the cases of `order_lifecycle` ask beyond a Client. Who lacks a method has its cases skipped.

    Each `watch_` is a subscription: entering it returns once the venue has confirmed it, leaving it
    unsubscribes. It survives a lost connection by itself. What the venue refuses is raised, or answered as
    a rejected order; None and empty mean that there is none, never that the question failed.
    """

    async def fetch_bbo(self, instrument: str) -> Quote: ...

    async def fetch_instruments(self) -> Sequence[Instrument]: ...

    async def fetch_book(self, instrument: str, levels: int) -> Book: ...

    async def fetch_trades(self, instrument: str, limit: int) -> Sequence[Trade]:
        """The latest public trades, newest first."""
        ...

    async def fetch_candles(self, instrument: str, limit: int) -> Sequence[Candle]:
        """The latest minutes, newest first."""
        ...

    async def create_order(self, request: OrderRequest) -> OrderView:
        """Send an order and return it as the venue acknowledged it (often still pending).

        After a lost answer it either finds out what became of the order and returns that, or raises; it
        never sends it a second time before it knows.
        """
        ...

    async def cancel_order(self, *, order_id: str | None = None, client_order_id: str | None = None) -> None:
        """Cancel one order; raises when there is none to cancel any more."""
        ...

    async def cancel_all_orders(self, instrument: str) -> None: ...

    async def fetch_order(
        self, *, order_id: str | None = None, client_order_id: str | None = None
    ) -> OrderView | None: ...

    async def fetch_open_orders(self, instrument: str) -> Sequence[OrderView]: ...

    async def fetch_fills(self, instrument: str) -> Sequence[FillView]:
        """The latest own fills, newest first."""
        ...

    async def fetch_equity(self) -> Decimal:
        """Value of the account in quote units: cash and unrealized profit."""
        ...

    def watch_quotes(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Quote]]: ...

    def watch_book(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Book]]:
        """The book after each change, kept from snapshots and deltas."""
        ...

    def watch_trades(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Trade]]: ...

    def watch_candles(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Candle]]: ...

    def watch_orders(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[OrderView]]:
        """Own orders after each change of their state."""
        ...

    def watch_fills(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[FillView]]: ...

    def watch_positions(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Decimal]]:
        """The signed position after each change."""
        ...
