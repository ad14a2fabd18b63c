"""The live table of a probe: quote, spread with a sparkline, orders and fills, as the record gets them."""

import threading
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Self, TextIO

from diag.conduct.spread import in_bps, in_ms, percentile, plain, quoted_spread
from diag.record import Event, Journal
from diag.record.kinds import client, venue
from diag.report.style import visible

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live as Screen
    from rich.text import Text

WIDTH = 40  # samples of the sparkline
ROWS = 8  # orders and fills that are shown, the newest last
_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = "_.-=*#%@"


@dataclass
class State:
    """What the table shows; events come from several threads."""

    quotes: int = 0
    bid: str = "-"
    ask: str = "-"
    spreads: deque[Decimal] = field(default_factory=lambda: deque(maxlen=WIDTH))
    latencies: deque[int] = field(default_factory=lambda: deque(maxlen=1000))
    orders: dict[str, venue.Order] = field(default_factory=dict)
    fills: deque[venue.Fill] = field(default_factory=lambda: deque(maxlen=ROWS))
    said: str = ""

    def take(self, event: Event) -> None:
        match event:
            case client.Quote():
                self._quote(event)
            case client.Error():
                self.said = f"{event.during}: {event.type}: {event.message}"
            case client.Claim():
                done = "success" if event.success else f"no success: {event.reason}"
                self.said = f"the client says: {plain(event.filled)} filled, {done}"
            case venue.Order():
                self.orders[event.order_id or event.client_order_id] = event
                while len(self.orders) > ROWS:
                    del self.orders[next(iter(self.orders))]
            case venue.Fill():
                self.fills.append(event)

    def _quote(self, quote: client.Quote) -> None:
        self.quotes += 1
        self.latencies.append(quote.elapsed_ns if quote.wire_ns is None else quote.wire_ns)
        bid, ask = quote.bid_price, quote.ask_price
        self.bid = "none" if bid is None else f"{_size(quote.bid_size)} @ {plain(bid)}"
        self.ask = "none" if ask is None else f"{_size(quote.ask_size)} @ {plain(ask)}"
        if bid is not None and ask is not None:
            self.spreads.append(round(quoted_spread(bid, ask).bps, 3))


def _size(size: Decimal | None) -> str:
    """A client may keep sizes to itself."""
    return "?" if size is None else plain(size)


def sparkline(values: "deque[Decimal]", bars: str = _BARS) -> str:
    """One character a value, from the lowest of them to the highest."""
    if not values:
        return ""
    low, high = min(values), max(values)
    if low == high:
        return bars[3] * len(values)
    return "".join(bars[int((value - low) / (high - low) * (len(bars) - 1))] for value in values)


class Live:
    """Draws the table on a terminal, from the record, until the block ends; elsewhere it does nothing."""

    def __init__(self, journal: Journal, title: str, stream: TextIO) -> None:
        self.journal = journal
        self.title = title
        self.stream = stream
        self._state = State()
        self._lock = threading.Lock()
        self._screen: Screen | None = None

    def __enter__(self) -> Self:
        if self.stream.isatty():
            from rich.console import Console
            from rich.live import Live as Screen

            self.journal.listen(self._take)
            console = Console(file=self.stream)
            self._bars = _BARS if console.encoding.lower().startswith("utf") else _ASCII_BARS
            self._screen = Screen(get_renderable=self._draw, console=console, refresh_per_second=10)
            self._screen.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._screen is not None:
            self._screen.stop()

    def _take(self, event: Event) -> None:
        with self._lock:
            self._state.take(event)

    def _draw(self) -> "RenderableType":
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        with self._lock:
            state = self._state
            quote = Table.grid(padding=(0, 2))
            quote.add_row("bid", Text(state.bid, style="green"), "ask", Text(state.ask, style="red"))
            spread, latency = "-", "-"
            if state.spreads:
                spread = f"{in_bps(state.spreads[-1])}  {sparkline(state.spreads, self._bars)}"
            if state.latencies:
                latency = f"p50 {in_ms(percentile(sorted(state.latencies), 50))}, {state.quotes} quotes"
            quote.add_row("spread", spread, "latency", latency)
            parts: list[RenderableType] = [Text(visible(self.title), style="bold"), quote]
            if state.orders:
                orders = Table("order", "side", "size", "price", "status", "filled", box=None, pad_edge=False)
                for name, order in state.orders.items():
                    price = "market" if order.limit_price is None else order.limit_price
                    status = f"{order.status}{': ' + order.reason if order.reason else ''}"
                    orders.add_row(*_cells(_short(name), order.side, order.size, price, status, order.filled))
                parts.append(orders)
            if state.fills:
                fills = Table("fill", "side", "size", "price", "order", box=None, pad_edge=False)
                for fill in state.fills:
                    named = _short(fill.order_id)
                    fills.add_row(*_cells(fill.fill_id, fill.side, fill.size, fill.price, named))
                parts.append(fills)
            if state.said:
                parts.append(Text(visible(state.said), style="dim"))
            return Group(*parts)


def _cells(*texts: object) -> "list[Text]":
    """As they are: what stands in brackets is not markup."""
    from rich.text import Text

    return [Text(visible(str(text))) for text in texts]


def _short(name: object) -> str:
    text = str(name)
    return text if len(text) <= 12 else f"…{text[-8:]}"
