"""The order flow of the others in one instrument, who provide liquidity and take it, as the dynamics have it.

Its orders go through the same matching as everybody's, so whatever the mid does, the book never
crosses and nobody is traded through: where the order flow wants to quote beyond a resting order, it has to
fill that first.
"""

from collections import deque
from collections.abc import Callable
from decimal import Decimal
from random import Random

from probes.market.basis import Basis
from probes.market.book import Book
from probes.market.dynamics import Dynamics, Kind
from probes.market.mid_path import MidPath
from probes.market.order import BUY, ORDER_FLOW, SELL, ZERO, Instrument, Order, Side, TimeInForce

_FIRST_TAKE = 3
"""The step at which an order flow that takes seldom takes first, so that there soon is a last trade."""


class OrderFlow:
    """Seeded liquidity of one instrument.

    `submit` matches an order and lets the rest of a GTT order rest in the book. Prices are whole ticks
    in here.
    """

    def __init__(
        self,
        instrument: Instrument,
        dynamics: Dynamics,
        seed: int,
        book: Book,
        submit: Callable[[Order], None],
        path: MidPath,
        basis: Basis | None,
    ) -> None:
        self._instrument = instrument
        self._dynamics = dynamics
        self._random = Random(f"{seed}:{instrument.name}").random
        self._book = book
        self._submit = submit
        self._steps = 0
        self._orders = 0
        self._quoted: dict[Side, dict[int, deque[Order]]] = {BUY: {}, SELL: {}}
        self._taken: dict[int, tuple[Side, Decimal]] = {}  # by ticks: how much of a level was taken
        self._level_size = _on_grid(dynamics.level_size, instrument)
        self._taker_size = _on_grid(dynamics.taker_size, instrument)
        self._lowest = lowest_ticks(dynamics)
        self._path = path
        self._basis = basis
        self._basis_bps = ZERO if basis is None else basis.next_bps()
        self._mid = self._mid_of_path()
        self.mid = Decimal(0)
        """The mark price: the middle of what the order flow quotes, whether or not that still rests."""
        self._quote()

    @property
    def index(self) -> Decimal:
        """The price of the underlying: that of the path where the venue has a basis to it, else the mark."""
        return self.mid if self._basis is None else self._path.mid

    @property
    def is_halted(self) -> bool:
        return self._dynamics.kind is Kind.HALTED and self._steps >= self._dynamics.halted_after

    def on_fill(self, order: Order, size: Decimal) -> None:
        """An order of the order flow traded while it rested; the level is filled up at a later step."""
        assert order.limit_price is not None
        ticks = int(order.limit_price / self._instrument.tick_size)
        _, before = self._taken.get(ticks, (order.side, ZERO))
        self._taken[ticks] = order.side, before + size

    def follow_path(self) -> None:
        """The path has made a step: quote where it and the basis to it are now."""
        if self._basis is not None:
            self._basis_bps = self._basis.next_bps()
        self.quote_at_path()

    def quote_at_path(self) -> None:
        """Quote where the path is now."""
        if self.is_halted:
            return
        before, self._mid = self._mid, self._mid_of_path()
        if self._mid != before:
            self._quote()

    def _mid_of_path(self) -> int:
        price = self._path.mid
        if self._basis_bps:
            price += price * self._basis_bps / 10_000
        return max(int(price / self._instrument.tick_size), self._lowest)

    def step(self) -> None:
        """One step: taken levels are filled up, others take."""
        if self.is_halted:
            return
        self._steps += 1
        if self._taken and _is_due(self._steps, self._dynamics.refill_every):
            self._refill()
        every = self._dynamics.taker_every
        if _is_due(self._steps - min(every, _FIRST_TAKE), every):
            self._take()

    def _quote(self) -> None:
        """Bring what the order flow has in the book to where the mid is."""
        dynamics, tick = self._dynamics, self._instrument.tick_size
        low = self._mid - dynamics.spread_ticks // 2
        high = low + dynamics.spread_ticks
        self.mid = tick * (low + high) / 2
        wanted = {
            BUY: range(low, low - dynamics.levels, -1),
            SELL: range(high, high + (0 if dynamics.kind is Kind.ONE_SIDED else dynamics.levels)),
        }
        # All that goes, goes before anything comes, so that the order flow does not meet itself.
        for side, quoted in self._quoted.items():
            stays = wanted[side]
            for ticks in [ticks for ticks in quoted if ticks not in stays]:
                self._withdraw(side, ticks)
        for side, quoted in self._quoted.items():
            for ticks in wanted[side]:
                if ticks not in quoted:
                    quoted[ticks] = deque()
                    self._place(side, ticks, self._level_size)

    def _refill(self) -> None:
        """Bring the levels that were taken from to full size again, behind whoever rests there."""
        taken, self._taken = self._taken, {}
        for ticks, (side, size) in taken.items():
            if ticks in self._quoted[side]:
                self._place(side, ticks, size)

    def _place(self, side: Side, ticks: int, size: Decimal) -> None:
        """Add to a level what it lacks."""
        orders = self._quoted[side][ticks]
        while orders and not orders[0].remaining:
            orders.popleft()  # the oldest goes first
        order = self._order(side, self._instrument.tick_size * ticks, size)
        orders.append(order)
        self._submit(order)
        if order.filled:  # somebody rested where the order flow wants to quote
            self._taken[ticks] = side, order.filled

    def _withdraw(self, side: Side, ticks: int) -> None:
        for order in self._quoted[side].pop(ticks):
            if order.remaining:
                self._book.remove(order)
        self._taken.pop(ticks, None)

    def _take(self) -> None:
        side = BUY if self._random() < 0.5 else SELL
        touch = self._book.best(side.opposite)
        if touch is not None:
            order = self._order(side, touch.price, self._taker_size)
            order.time_in_force = TimeInForce.IMMEDIATE_OR_CANCEL
            self._submit(order)

    def _order(self, side: Side, price: Decimal, size: Decimal) -> Order:
        self._orders += 1
        return Order(f"{ORDER_FLOW}-{self._orders}", "", ORDER_FLOW, self._instrument.name, side, size, price)


def lowest_ticks(dynamics: Dynamics) -> int:
    """The lowest mid at which every price of the order flow is above zero."""
    return dynamics.levels + dynamics.spread_ticks // 2


def _is_due(step: int, every: int) -> bool:
    return every > 0 and step % every == 0


def _on_grid(size: Decimal, instrument: Instrument) -> Decimal:
    """The nearest size that the instrument allows, not below its minimum."""
    step = instrument.size_step
    return max((size / step).to_integral_value() * step, instrument.min_size).quantize(step)
