"""The trades of one instrument: the last ones, candles of a minute, and what a day of them adds up to."""

from collections import deque
from dataclasses import dataclass
from decimal import Decimal

from probes.market.order import BUY, ZERO, Fill

TRADES = 1_000
"""Public trades that can be asked for."""
MINUTE_NS = 60_000_000_000
_DAY = 1_440


@dataclass(slots=True)
class Candle:
    """Prices and volumes of the trades from `open_ns` (UTC) on. Buy volumes are the takers' purchases."""

    open_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = ZERO
    notional: Decimal = ZERO
    buy_volume: Decimal = ZERO
    buy_notional: Decimal = ZERO
    trades: int = 0

    def add(self, other: "Candle") -> None:
        """Take a later candle in."""
        self.high = max(self.high, other.high)
        self.low = min(self.low, other.low)
        self.close = other.close
        self.volume += other.volume
        self.notional += other.notional
        self.buy_volume += other.buy_volume
        self.buy_notional += other.buy_notional
        self.trades += other.trades


class TradeHistory:
    """Trades as they happen; memory is bounded by a day of minutes and `TRADES` trades."""

    def __init__(self) -> None:
        self.trades: deque[Fill] = deque(maxlen=TRADES)
        self._minutes: deque[Candle] = deque()  # finished or not; only those with trades
        self._closed: Candle | None = None  # all but the last of them, added up

    def record(self, trade: Fill) -> None:
        self.trades.append(trade)
        price, size = trade.price, trade.size
        open_ns = trade.utc_ns - trade.utc_ns % MINUTE_NS
        if not self._minutes or self._minutes[-1].open_ns < open_ns:
            self._forget(open_ns)
            if self._minutes:
                last = self._minutes[-1]
                self._closed = _sum([last] if self._closed is None else [self._closed, last])
            self._minutes.append(Candle(open_ns, price, price, price, price))
        now = self._minutes[-1]
        now.high = max(now.high, price)
        now.low = min(now.low, price)
        now.close = price
        now.volume += size
        now.notional += size * price
        now.trades += 1
        if trade.side is BUY:
            now.buy_volume += size
            now.buy_notional += size * price

    def day(self, now_ns: int) -> Candle | None:
        """The 24 hours up to `now_ns` in one candle, to the minute; None without trades."""
        self._forget(now_ns - MINUTE_NS)
        if not self._minutes:
            return None
        last = self._minutes[-1]
        return _sum([last] if self._closed is None else [self._closed, last])

    def _forget(self, now_ns: int) -> None:
        """Drop the minutes that are a day old."""
        first = now_ns - _DAY * MINUTE_NS
        if self._minutes and self._minutes[0].open_ns <= first:
            while self._minutes and self._minutes[0].open_ns <= first:
                self._minutes.popleft()
            closed = list(self._minutes)[:-1]
            self._closed = _sum(closed) if closed else None

    def candles(self, minutes: int, limit: int) -> list[Candle]:
        """The last `limit` candles of so many minutes each that saw trades, latest first."""
        width = minutes * MINUTE_NS
        found: list[Candle] = []
        for minute in self._minutes:
            start = minute.open_ns - minute.open_ns % width
            if found and found[-1].open_ns == start:
                found[-1].add(minute)
            else:
                found.append(_sum([minute]))
                found[-1].open_ns = start
        return found[::-1][:limit]


def _sum(candles: list[Candle]) -> Candle:
    first = candles[0]
    total = Candle(first.open_ns, first.open, first.high, first.low, first.close)
    for candle in candles:
        total.add(candle)
    return total
