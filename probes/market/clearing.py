"""What orders and trades mean for accounts: every change of an order, a position or cash goes through here,
and from here into the ledger and to the listeners.
"""

from decimal import Decimal
from heapq import heapify, heappop, heappush

from probes.market.account import Account, Holding
from probes.market.book import Book
from probes.market.clock import Clock
from probes.market.events import Filled, MarketEvent, OrderChanged, PositionChanged
from probes.market.fees import FeeModel
from probes.market.ledger import Ledger
from probes.market.order import ZERO, Fill, Instrument, Order, Reason, Side, Status

_EXPIRIES = 1_000
"""Ended orders that may wait for their expiry before they are forgotten."""


class Clearing:
    """The accounts of a venue. Ids come from counters and the seed, so that runs can be compared."""

    def __init__(self, seed: int, ledger: Ledger, clock: Clock, fees: FeeModel) -> None:
        self.accounts: dict[str, Account] = {}
        self.books: dict[str, Book] = {}
        self.events: list[MarketEvent] = []
        self.ledger = ledger
        self.now = clock.utc_ns
        self._fees = fees
        self._expiries: list[tuple[int, str, str]] = []  # a heap of (when, account, order id)
        self._resting_until_expiry = 0
        self._id_prefix = f"0x{seed & 0xFFFFFFFF:08x}"
        self._orders = 0
        self._executions = 0

    def holding(self, account: str, instrument: Instrument) -> Holding:
        """What the account has in the instrument, made on first use."""
        holdings = self.accounts[account].holdings
        held = holdings.get(instrument.name)
        if held is None:
            held = holdings[instrument.name] = Holding(instrument.initial_margin_bps)
        return held

    def next_execution(self) -> int:
        self._executions += 1
        return self._executions

    def accept(self, instrument: Instrument, order: Order, now: int) -> Order:
        """The venue's own copy of an order that was sent, pending."""
        accepted = order.copy()
        self._orders += 1
        accepted.order_id = f"{self._id_prefix}{self._orders:016x}"
        accepted.status, accepted.reason = Status.PENDING, None
        accepted.filled = accepted.filled_notional = ZERO
        accepted.created_ns = now
        # One way to write each number, whatever digits the client sent.
        accepted.size = order.size.quantize(instrument.size_step)
        if order.limit_price is not None:
            accepted.limit_price = order.limit_price.quantize(instrument.tick_size)
        self.accounts[order.account].opened(accepted)
        self.changed(accepted)
        return accepted

    def changed(self, order: Order) -> None:
        """Tell of the state that an order has come to."""
        order.updated_ns = self.now()
        self.ledger.order(order)
        self.events.append(OrderChanged(order.copy()))

    def rest(self, order: Order) -> None:
        """Let what remains of a limit order rest in the book."""
        self.books[order.instrument].add(order)
        held = self.accounts[order.account].holdings[order.instrument]
        held.rests(order.side, order.remaining)
        if order.reduce_only:
            held.reduce_only[order.order_id] = order
        if order.expires_ns is not None:
            heappush(self._expiries, (order.expires_ns, order.account, order.order_id))
            self._resting_until_expiry += 1
        order.status = Status.OPEN
        self.changed(order)

    def end(self, order: Order, status: Status, reason: Reason | None = None) -> None:
        """Give an order its final state; what of it rests in the book leaves it."""
        account = self.accounts[order.account]
        if order.status is Status.OPEN:
            held = account.holdings[order.instrument]
            held.reduce_only.pop(order.order_id, None)
            if order.remaining:
                held.rests(order.side, -order.remaining)
                self.books[order.instrument].remove(order)
            if order.expires_ns is not None:
                self._resting_until_expiry -= 1
        order.status, order.reason = status, reason
        account.ended(order)
        self.changed(order)

    def fill_maker(self, instrument: Instrument, maker: Order, trade: Fill) -> None:
        """One side of a trade: the order that rested."""
        self.settle(instrument, maker, trade, is_taker=False)
        self.accounts[maker.account].holdings[instrument.name].rests(maker.side, -trade.size)
        if maker.remaining:
            self.changed(maker)
        else:
            self.end(maker, Status.FILLED)

    def settle(self, instrument: Instrument, order: Order, trade: Fill, *, is_taker: bool) -> None:
        """Book a trade to the account of one of its orders."""
        account = self.accounts[order.account]
        fee = self._fees.fee(instrument, trade.price, trade.size, is_taker=is_taker)
        held = self.holding(order.account, instrument)
        realized = held.trade(order.side, trade.size, trade.price, fee)
        account.cash += realized - fee
        fill = Fill(
            trade.fill_id,
            order.order_id,
            order.client_order_id,
            order.account,
            instrument.name,
            order.side,
            trade.price,
            trade.size,
            fee,
            is_taker,
            trade.utc_ns,
            realized,
            trade.mark_price,
        )
        account.fills.append(fill)
        position = account.position(instrument.name, trade.mark_price)
        self.ledger.fill(fill)
        self.ledger.position(position)
        self.events += (Filled(fill), PositionChanged(position))

    def reducible(self, instrument: Instrument, account: str, side: Side) -> Decimal:
        """By how much an order of `side` could reduce the position of the account."""
        return self.holding(account, instrument).reducible(side)

    def trim_reduce_only(self, account: str, instrument: str) -> None:
        """Cancel resting reduce-only orders, latest first, that the position has no room for any more."""
        held = self.accounts[account].holdings[instrument]
        while held.reduce_only:
            latest = held.reduce_only[next(reversed(held.reduce_only))]
            if held.resting_reduce_only() <= held.reducible(latest.side):
                return
            self.end(latest, Status.CANCELLED, Reason.REDUCE_ONLY_LIMIT)

    def expire(self, now: int) -> bool:
        """End the resting orders whose time is over; were there any?"""
        heap = self._expiries
        found = False
        while heap and heap[0][0] <= now:
            _, account, order_id = heappop(heap)
            order = self.accounts[account].open.get(order_id)
            if order is not None:
                self.end(order, Status.CANCELLED, Reason.EXPIRED)
                found = True
        if len(heap) > 2 * self._resting_until_expiry + _EXPIRIES:
            heap[:] = [entry for entry in heap if entry[2] in self.accounts[entry[1]].open]
            heapify(heap)
        return found
