"""The order book of one instrument: price-time priority.

A book only holds what rests and gives it out by priority; what may trade is decided in `matching`,
what it means for accounts in `exchange`. Prices index the book as whole numbers of ticks, which is
exact and compares and hashes several times faster than Decimal.
"""

from bisect import insort
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from probes.market.order import ZERO, Instrument, Level, Order, Side


@dataclass(slots=True)
class Queue:
    """What rests at one price, oldest first. (A plain dict would slow down when eaten from its front.)"""

    price: Decimal
    size: Decimal = ZERO
    orders: OrderedDict[str, Order] = field(default_factory=OrderedDict)


class Ladder:
    """One side of a book. Keys are ticks, negated for asks, so that the best price is the last key."""

    __slots__ = ("_keys", "_queues", "_sign", "_tick")

    def __init__(self, side: Side, tick_size: Decimal) -> None:
        self._sign = 1 if side is Side.BUY else -1
        self._tick = tick_size
        self._keys: list[int] = []
        self._queues: dict[int, Queue] = {}

    def key(self, price: Decimal) -> int:
        return self._sign * int(price / self._tick)

    @property
    def best(self) -> Queue | None:
        return self._queues[self._keys[-1]] if self._keys else None

    def add(self, order: Order, price: Decimal) -> None:
        key = self.key(price)
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = Queue(price)
            insort(self._keys, key)
        queue.orders[order.order_id] = order
        queue.size += order.remaining

    def take(self, order: Order, price: Decimal, size: Decimal, *, whole: bool) -> None:
        """Take `size` out at `price`, and with `whole` the order itself."""
        key = self.key(price)
        queue = self._queues[key]
        queue.size -= size
        if whole:
            del queue.orders[order.order_id]
            if not queue.orders:
                del self._queues[key]
                if self._keys[-1] == key:
                    self._keys.pop()
                else:
                    self._keys.remove(key)

    def queues(self, limit: Decimal | None = None) -> Iterator[Queue]:
        """Queues from the best price on, up to and with `limit`; do not change the ladder meanwhile."""
        last = None if limit is None else self.key(limit)
        for key in reversed(self._keys):
            if last is not None and key < last:
                return
            yield self._queues[key]


class Book:
    """What rests, by price, then time. `version` grows with every change."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.version = 0
        self._bids = Ladder(Side.BUY, instrument.tick_size)
        self._asks = Ladder(Side.SELL, instrument.tick_size)

    def side(self, side: Side) -> Ladder:
        return self._bids if side is Side.BUY else self._asks

    def best(self, side: Side) -> Queue | None:
        """The queue at the touch of one side."""
        return (self._bids if side is Side.BUY else self._asks).best

    def add(self, order: Order) -> None:
        """Let a limit order rest, behind all that rest at its price."""
        self.side(order.side).add(order, _price(order))
        self.version += 1

    def remove(self, order: Order) -> None:
        """Take what remains of a resting order out; KeyError when it does not rest here."""
        self.side(order.side).take(order, _price(order), order.remaining, whole=True)
        self.version += 1

    def fill(self, order: Order, size: Decimal) -> Decimal:
        """Fill `size` of a resting order at its price, which is returned; it leaves the book when nothing
        remains.
        """
        price = _price(order)
        order.filled += size
        order.filled_notional += size * price
        self.side(order.side).take(order, price, size, whole=order.filled == order.size)
        self.version += 1
        return price

    def crosses(self, side: Side, limit: Decimal | None) -> bool:
        """Would an order of `side` with this limit (None: market) meet a resting one?"""
        best = self.best(side.opposite)
        if best is None or limit is None:
            return best is not None
        return best.price <= limit if side is Side.BUY else best.price >= limit

    def makers(self, side: Side, limit: Decimal | None) -> Iterator[Order]:
        """Resting orders that an order of `side` with this limit meets, by priority."""
        for queue in self.side(side.opposite).queues(limit):
            yield from queue.orders.values()

    def depth(self, side: Side, levels: int) -> list[Level]:
        """The best `levels` price levels of one side, best first."""
        found: list[Level] = []
        for queue in self.side(side).queues():
            if len(found) == levels:
                break
            found.append(Level(queue.price, queue.size, len(queue.orders)))
        return found


def _price(order: Order) -> Decimal:
    if order.limit_price is None:
        raise ValueError(f"order {order.order_id}: a market order never rests")
    return order.limit_price
