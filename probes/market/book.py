"""The order book of one instrument: price-time priority.

A book only holds what rests and gives it out by priority; what may trade is decided in `matching`,
what it means for accounts in `clearing`.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice

from probes.market.order import BUY, SELL, ZERO, Level, Order, Side
from probes.market.queue_models import QueueModel


@dataclass(slots=True)
class Queue:
    """What rests at one price, oldest first."""

    price: Decimal
    size: Decimal = ZERO
    orders: dict[str, Order] = field(default_factory=dict)


class Ladder:
    """One side of a book. Keys are prices, negated for asks, so that the best one is the last."""

    __slots__ = ("best", "keys", "queues", "sign")

    def __init__(self, side: Side) -> None:
        self.sign = 1 if side is BUY else -1
        self.keys: list[Decimal] = []
        self.queues: dict[Decimal, Queue] = {}  # by price
        self.best: Queue | None = None

    def open(self, price: Decimal) -> Queue:
        """A new queue at a price that had none."""
        queue = self.queues[price] = Queue(price)
        insort(self.keys, self.sign * price)
        self.best = self.queues[self.sign * self.keys[-1]]
        return queue

    def close(self, queue: Queue) -> None:
        """Forget a queue that nobody stands in any more."""
        del self.queues[queue.price]
        if queue is self.best:
            self.keys.pop()
            self.best = self.queues[self.sign * self.keys[-1]] if self.keys else None
        else:
            del self.keys[bisect_left(self.keys, self.sign * queue.price)]

    def from_best(self) -> Iterator[Queue]:
        """Best price first; do not change the ladder meanwhile."""
        for key in reversed(self.keys):
            yield self.queues[self.sign * key]


class Book:
    """What rests, by price, then time. `version` grows with every change."""

    def __init__(self, queue: QueueModel = QueueModel.FIFO) -> None:
        self.version = 0
        self._turn = queue.turn
        self._bids = Ladder(BUY)
        self._asks = Ladder(SELL)
        self._at: dict[str, Queue] = {}  # by order id

    def best(self, side: Side) -> Queue | None:
        """The queue at the touch of one side."""
        return (self._bids if side is BUY else self._asks).best

    def add(self, order: Order) -> None:
        """Let a limit order rest, behind all that rest at its price."""
        price = order.limit_price
        if price is None:
            raise ValueError(f"order {order.order_id}: a market order never rests")
        ladder = self._bids if order.side is BUY else self._asks
        queue = ladder.queues.get(price) or ladder.open(price)
        queue.orders[order.order_id] = order
        queue.size += order.size - order.filled
        self._at[order.order_id] = queue
        self.version += 1

    def remove(self, order: Order) -> None:
        """Take what remains of a resting order out; KeyError when it does not rest here."""
        queue = self._at[order.order_id]
        queue.size -= order.size - order.filled
        self._leave(order, queue)
        self.version += 1

    def fill(self, order: Order, size: Decimal) -> Decimal:
        """Fill `size` of a resting order at its price, which is returned; it leaves the book when nothing
        remains.
        """
        queue = self._at[order.order_id]
        queue.size -= size
        order.filled += size
        order.filled_notional += size * queue.price
        if order.filled == order.size:
            self._leave(order, queue)
        self.version += 1
        return queue.price

    def _leave(self, order: Order, queue: Queue) -> None:
        del self._at[order.order_id], queue.orders[order.order_id]
        if not queue.orders:
            (self._bids if order.side is BUY else self._asks).close(queue)

    def crosses(self, side: Side, limit: Decimal | None) -> bool:
        """Would an order of `side` with this limit (None: market) meet a resting one?"""
        best = self._asks.best if side is BUY else self._bids.best
        if best is None or limit is None:
            return best is not None
        return best.price <= limit if side is BUY else best.price >= limit

    def makers(self, side: Side, limit: Decimal | None) -> Iterator[Order]:
        """Resting orders that an order of `side` with this limit meets, by priority; do not change the book
        meanwhile.
        """
        ladder = self._asks if side is BUY else self._bids
        for queue in ladder.from_best():
            if limit is not None and (queue.price > limit if side is BUY else queue.price < limit):
                return
            yield from self._turn(queue.orders)

    def depth(self, side: Side, levels: int) -> list[Level]:
        """The best `levels` price levels of one side, best first."""
        ladder = self._bids if side is BUY else self._asks
        found = islice(ladder.from_best(), levels)
        return [Level(queue.price, queue.size, len(queue.orders)) for queue in found]
