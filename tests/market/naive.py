"""A naive exchange to hold the real one against: one plain list, sorted anew for every question, positions
added up from all fills each time, "all or nothing" by undoing. Slow, short, and written from the rules alone.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from probes.market.matching import SelfTrade
from probes.market.order import ORDER_FLOW, ZERO, Order, Reason, Side, Status, TimeInForce


@dataclass
class Entry:
    order: Order
    place: int  # in the queue of all orders
    status: Status = Status.PENDING
    reason: Reason | None = None
    filled: Decimal = ZERO

    @property
    def remaining(self) -> Decimal:
        return self.order.size - self.filled


@dataclass(frozen=True)
class Trade:
    maker: Entry
    taker: Entry
    price: Decimal
    size: Decimal


class Naive:
    def __init__(self, policy: SelfTrade) -> None:
        self.policy = policy
        self.entries: list[Entry] = []
        self.trades: list[Trade] = []

    def resting(self, side: Side) -> list[Entry]:
        """Best price first, then oldest first."""
        found = [e for e in self.entries if e.status is Status.OPEN and e.order.side is side]
        sign = -1 if side is Side.BUY else 1
        return sorted(found, key=lambda entry: (sign * entry.order.limit_price, entry.place))

    def position(self, account: str) -> Decimal:
        total = ZERO
        for trade in self.trades:
            for entry in (trade.maker, trade.taker):
                if entry.order.account == account:
                    total += trade.size if entry.order.side is Side.BUY else -trade.size
        return total

    def room(self, order: Order) -> Decimal:
        """By how much the order could reduce the position."""
        position = self.position(order.account)
        return max(ZERO, -position if order.side is Side.BUY else position)

    def reduce_only(self, account: str) -> list[Entry]:
        return [
            e
            for e in self.entries
            if e.status is Status.OPEN and e.order.reduce_only and e.order.account == account
        ]

    def refusal(self, order: Order) -> Reason | None:
        if order.client_order_id and any(
            e.order.client_order_id == order.client_order_id
            and e.order.account == order.account
            and not e.status.is_final
            for e in self.entries
        ):
            return Reason.DUPLICATE_CLIENT_ORDER_ID
        if not order.reduce_only:
            return None
        if self.position(order.account) == 0:
            return Reason.REDUCE_ONLY_NO_POSITION
        if self.room(order) == 0:
            return Reason.REDUCE_ONLY_WOULD_INCREASE
        rests = order.limit_price is not None and order.time_in_force is TimeInForce.GOOD_TILL_TIME
        others = sum((e.remaining for e in self.reduce_only(order.account)), ZERO)
        if rests and order.size + others > self.room(order):
            return Reason.REDUCE_ONLY_TOO_LARGE
        return None

    def submit(self, order: Order) -> Entry:
        entry = Entry(order, len(self.entries))
        makers = [m for m in self.resting(order.side.opposite) if crosses(order, m.order.limit_price)]
        if order.post_only and makers:
            entry.status, entry.reason = Status.REJECTED, Reason.POST_ONLY_WOULD_CROSS
            self.entries.append(entry)
            return entry
        before = [replace(e) for e in self.entries], list(self.trades)
        own_met = limited = False
        for maker in makers:
            if not entry.remaining:
                break
            if order.reduce_only and not self.room(order):
                break
            if maker.order.account == order.account != ORDER_FLOW:
                if self.policy is not SelfTrade.CANCEL_TAKER:
                    maker.status, maker.reason = Status.CANCELLED, Reason.SELF_TRADE
                if self.policy is not SelfTrade.CANCEL_MAKER:
                    own_met = True
                    break
                continue
            size = min(entry.remaining, maker.remaining)
            for one in (maker.order, order):
                if one.reduce_only:
                    size = min(size, self.room(one))
            if size:
                maker.filled += size
                entry.filled += size
                self.trades.append(Trade(maker, entry, maker.order.limit_price, size))
                if not maker.remaining:
                    maker.status = Status.FILLED
        if order.reduce_only:
            limited = not self.room(order) and bool(entry.remaining)
        whole = {
            TimeInForce.FILL_OR_KILL: Reason.FOK_UNFILLABLE,
            TimeInForce.ALL_OR_NONE: Reason.AON_UNFILLABLE,
        }
        if order.time_in_force in whole and entry.remaining:
            self._undo(*before)
            entry.filled = ZERO
            entry.status = Status.CANCELLED
            entry.reason = Reason.SELF_TRADE if own_met else whole[order.time_in_force]
            self.entries.append(entry)
            return entry
        self.entries.append(entry)
        if not entry.remaining:
            entry.status = Status.FILLED
        elif order.account == ORDER_FLOW:
            rests = order.time_in_force is TimeInForce.GOOD_TILL_TIME
            entry.status = Status.OPEN if rests else Status.CANCELLED
        else:
            entry.status = Status.CANCELLED
            if own_met:
                entry.reason = Reason.SELF_TRADE
            elif limited:
                entry.reason = Reason.REDUCE_ONLY_LIMIT
            elif order.time_in_force is TimeInForce.IMMEDIATE_OR_CANCEL:
                entry.reason = Reason.IOC_REMAINDER
            elif order.limit_price is None:
                entry.reason = Reason.MARKET_REMAINDER if entry.filled else Reason.NO_LIQUIDITY
            else:
                entry.status = Status.OPEN
        self._trim()
        return entry

    def _undo(self, entries: list[Entry], trades: list[Trade]) -> None:
        for entry, old in zip(self.entries, entries, strict=True):
            entry.status, entry.reason, entry.filled = old.status, old.reason, old.filled
        self.trades = trades

    def _trim(self) -> None:
        """Reduce-only orders never outweigh the position; the latest goes first."""
        for account in {e.order.account for e in self.entries}:
            while entries := self.reduce_only(account):
                if sum(e.remaining for e in entries) <= self.room(entries[0].order):
                    break
                entries[-1].status, entries[-1].reason = Status.CANCELLED, Reason.REDUCE_ONLY_LIMIT

    def cancel(self, entry: Entry, reason: Reason = Reason.BY_CLIENT) -> None:
        entry.status, entry.reason = Status.CANCELLED, reason


def crosses(order: Order, price: Decimal) -> bool:
    if order.limit_price is None:
        return True
    return price <= order.limit_price if order.side is Side.BUY else price >= order.limit_price
