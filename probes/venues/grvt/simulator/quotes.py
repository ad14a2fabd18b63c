"""Which quote is served: the true one, or what a fault makes of it."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from probes.market.faults import Action, Fault
from probes.market.order import ZERO, Level, Quote
from probes.venues.grvt.wire import Json, encode

if TYPE_CHECKING:
    from probes.market.clock import Clock
    from probes.market.exchange import Exchange
    from probes.market.ledger import Ledger

_OF_THE_PAST = (Action.STALE_QUOTE, Action.LAG)


@dataclass(frozen=True, slots=True)
class Served:
    """A quote and the book behind it, as a client gets to see them. `event_ns` is None when it is of now."""

    quote: Quote
    bids: list[Level]
    asks: list[Level]
    event_ns: int | None = None


class Quotes:
    """Serves quotes, writes each to the ledger, and remembers them if the scenario serves them again.

    What has been rendered is kept until the book or the mark changes.
    """

    def __init__(
        self, exchange: "Exchange", ledger: "Ledger", clock: "Clock", faults: tuple[Fault, ...]
    ) -> None:
        self._exchange = exchange
        self._clock = clock
        self._ledger = ledger
        lags = [fault.lag for fault in faults if fault.action in _OF_THE_PAST]
        self._history: dict[str, deque[Served]] = defaultdict(lambda: deque(maxlen=max(lags) + 1))
        self._remembers = bool(lags)
        self._bodies: dict[str, dict[tuple[str, int], tuple[Decimal, str, bytes]]] = defaultdict(dict)

    def changed(self, instrument: str) -> None:
        """Forget what was rendered of this instrument."""
        bodies = self._bodies.get(instrument)
        if bodies:
            bodies.clear()

    def served(self, instrument: str, fault: Fault | None, levels: int) -> Served:
        """What a client gets to see that asks for a quote of an instrument, or has subscribed to it."""
        quote = self._exchange.quote(instrument)
        served = Served(quote, *self._exchange.depth(instrument, levels))
        if self._remembers:
            self._history[instrument].append(served)
        if fault is None:
            return served
        if fault.action in _OF_THE_PAST:
            return self._from_past(instrument, fault)
        if fault.action is Action.EMPTY_QUOTE:
            return Served(Quote(instrument, None, ZERO, None, ZERO, quote.utc_ns), [], [])
        return _crossed(served) if fault.action is Action.CROSSED_QUOTE else served

    def body(
        self, via: str, instrument: str, levels: int, fault: Fault | None, render: Callable[[Served], Json]
    ) -> bytes:
        """The response of an RPC: the object that `render` makes, with its time before it."""
        now_ns = self._clock.utc_ns()
        if fault is not None or self._remembers:
            served = self.served(instrument, fault, levels)
            row, rest = self._ledger.quote_row(served.quote, via=via), encode(render(served))[1:]
            now_ns = served.event_ns or now_ns
        else:
            bodies = self._bodies[instrument]
            kept, mark = bodies.get((via, levels)), self._exchange.mark(instrument)
            if kept is None or kept[0] is not mark:
                served = self.served(instrument, None, levels)
                row = self._ledger.quote_row(served.quote, via=via)
                kept = bodies[via, levels] = (mark, row, encode(render(served))[1:])
            _, row, rest = kept
        self._ledger.repeat(row)
        return b'{"result":{"event_time":"%d",%b}' % (now_ns, rest)

    def _from_past(self, instrument: str, fault: Fault) -> Served:
        past = self._history[instrument]
        old = past[max(0, len(past) - 1 - fault.lag)]
        event_ns = old.quote.utc_ns - fault.age_ms * 10**6
        return replace(old, quote=replace(old.quote, utc_ns=event_ns), event_ns=event_ns)


def _crossed(served: Served) -> Served:
    """Bids and asks exchange their prices level by level, so that the best bid is above the best ask."""
    prices = [(bid.price, ask.price) for bid, ask in zip(served.bids, served.asks, strict=False)]
    bids = [replace(level, price=ask) for level, (_, ask) in zip(served.bids, prices, strict=False)]
    asks = [replace(level, price=bid) for level, (bid, _) in zip(served.asks, prices, strict=False)]
    quote = replace(served.quote, bid_price=served.quote.ask_price, ask_price=served.quote.bid_price)
    return Served(quote, bids, asks)
