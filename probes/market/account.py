"""Accounts: cash, positions, what margin they need, and their orders and fills.

Cash, cost and fees are exact: only the cost that a *partial* reduction releases is rounded, to 1e-9
quote units, and what was rounded off is made good when the position closes.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from probes.market.order import BUY, ZERO, Fill, Order, Side

HISTORY = 2_000
"""Ended orders, and fills, that an account can be asked for."""
_NANO = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Position:
    """Signed size in base units, prices and amounts in quote units.

    `realized_pnl`, `exit_price` and `fees` cover the time since the position was last flat (or turned
    around); prices are None where nothing was entered or left.
    """

    account: str
    instrument: str
    size: Decimal
    entry_price: Decimal | None
    exit_price: Decimal | None
    mark_price: Decimal
    realized_pnl: Decimal
    unrealized_pnl: Decimal
    fees: Decimal

    @property
    def notional(self) -> Decimal:
        return self.size * self.mark_price


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """In quote units. `equity` is cash plus unrealised PnL; `available` what of it no margin holds.

    Initial margin is for positions and open orders, maintenance margin for positions (half of their
    initial margin). Nobody is liquidated.
    """

    account: str
    cash: Decimal
    unrealized_pnl: Decimal
    equity: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    available: Decimal
    positions: tuple[Position, ...]


@dataclass(slots=True)
class Holding:
    """One account in one instrument. `cost` is the signed notional that was paid for `size`."""

    initial_margin_bps: Decimal
    size: Decimal = ZERO
    cost: Decimal = ZERO
    exit_size: Decimal = ZERO
    exit_notional: Decimal = ZERO
    realized_pnl: Decimal = ZERO
    fees: Decimal = ZERO
    open_buys: Decimal = ZERO
    open_sells: Decimal = ZERO
    reduce_only: dict[str, Order] = field(default_factory=dict)  # those that rest, oldest first

    def trade(self, side: Side, size: Decimal, price: Decimal, fee: Decimal) -> Decimal:
        """Take a fill in and return the PnL that it realises, before the fee."""
        signed = size if side is BUY else -size
        if not self.size:
            self._start()
        realized = ZERO
        if self.size * signed < 0:
            direction = 1 if self.size > 0 else -1
            closing = min(size, abs(self.size))
            whole = closing == abs(self.size)
            released = self.cost if whole else (self.cost * closing / abs(self.size)).quantize(_NANO)
            realized = direction * closing * price - released
            self.size -= direction * closing
            self.cost -= released
            self.exit_size += closing
            self.exit_notional += closing * price
            self.realized_pnl += realized
            signed += direction * closing
            if signed:
                self._start()
        self.size += signed
        self.cost += signed * price
        self.fees += fee
        return realized

    def _start(self) -> None:
        self.exit_size = self.exit_notional = self.realized_pnl = self.fees = ZERO

    def unrealized_pnl(self, mark: Decimal) -> Decimal:
        return self.size * mark - self.cost

    def exposure(self, more_buys: Decimal = ZERO, more_sells: Decimal = ZERO) -> Decimal:
        """The largest size, long or short, that open orders (and `more`) can lead to."""
        longest = self.size + self.open_buys + more_buys
        shortest = self.open_sells + more_sells - self.size
        return max(longest, shortest)

    def margin(self, exposure: Decimal, price: Decimal) -> Decimal:
        """Initial margin that `exposure` base units need at `price`."""
        return exposure * price * self.initial_margin_bps / 10_000

    def reducible(self, side: Side) -> Decimal:
        """By how much an order of `side` could reduce the position."""
        return max(ZERO, -self.size if side is BUY else self.size)

    def rests(self, side: Side, size: Decimal) -> None:
        """`size` more (negative: less) of the orders of one side rests in the book."""
        if side is BUY:
            self.open_buys += size
        else:
            self.open_sells += size

    def resting_reduce_only(self) -> Decimal:
        return sum((order.remaining for order in self.reduce_only.values()), ZERO)


class Account:
    """Cash, holdings by instrument, open orders, and a bounded history of what has ended."""

    def __init__(self, name: str, cash: Decimal) -> None:
        self.name = name
        self.cash = cash
        self.holdings: dict[str, Holding] = {}
        self.open: dict[str, Order] = {}
        self.fills: deque[Fill] = deque(maxlen=HISTORY)
        self._open_by_client_id: dict[str, Order] = {}
        self._ended: deque[Order] = deque()
        self._ended_by_id: dict[str, Order] = {}
        self._ended_by_client_id: dict[str, Order] = {}

    def opened(self, order: Order) -> None:
        self.open[order.order_id] = order
        if order.client_order_id:
            self._open_by_client_id[order.client_order_id] = order

    def ended(self, order: Order) -> None:
        del self.open[order.order_id]
        self._ended.append(order)
        self._ended_by_id[order.order_id] = order
        if order.client_order_id:
            del self._open_by_client_id[order.client_order_id]
            self._ended_by_client_id[order.client_order_id] = order
        if len(self._ended) > HISTORY:
            oldest = self._ended.popleft()
            del self._ended_by_id[oldest.order_id]
            # A client order id may have been used again since.
            if self._ended_by_client_id.get(oldest.client_order_id) is oldest:
                del self._ended_by_client_id[oldest.client_order_id]

    def is_active(self, client_order_id: str) -> bool:
        return client_order_id in self._open_by_client_id

    def find(self, order_id: str | None, client_order_id: str | None) -> Order | None:
        """By order id, else by client order id: the open one, else the last that ended."""
        if order_id is not None:
            return self.open.get(order_id) or self._ended_by_id.get(order_id)
        if client_order_id:
            return self._open_by_client_id.get(client_order_id) or self._ended_by_client_id.get(
                client_order_id
            )
        return None

    def history(self) -> list[Order]:
        """Ended orders, latest first."""
        return list(reversed(self._ended))

    def position(self, instrument: str, mark: Decimal) -> Position:
        held = self.holdings.get(instrument) or Holding(ZERO)
        return Position(
            self.name,
            instrument,
            held.size,
            held.cost / held.size if held.size else None,
            held.exit_notional / held.exit_size if held.exit_size else None,
            mark,
            held.realized_pnl,
            held.unrealized_pnl(mark),
            held.fees,
        )

    def unrealized_pnl(self, mark: Callable[[str], Decimal]) -> Decimal:
        return sum((held.unrealized_pnl(mark(name)) for name, held in self.holdings.items()), ZERO)

    def initial_margin(self, mark: Callable[[str], Decimal]) -> Decimal:
        """What positions and open orders need, each instrument on the side that would need more."""
        return sum((held.margin(held.exposure(), mark(name)) for name, held in self.holdings.items()), ZERO)

    def summary(self, mark: Callable[[str], Decimal]) -> AccountSummary:
        unrealized = self.unrealized_pnl(mark)
        initial = self.initial_margin(mark)
        held = [(name, one) for name, one in self.holdings.items() if one.size]
        return AccountSummary(
            account=self.name,
            cash=self.cash,
            unrealized_pnl=unrealized,
            equity=self.cash + unrealized,
            initial_margin=initial,
            maintenance_margin=sum((one.margin(abs(one.size), mark(name)) for name, one in held), ZERO) / 2,
            available=max(ZERO, self.cash + unrealized - initial),
            positions=tuple(self.position(name, mark(name)) for name, _ in held),
        )
