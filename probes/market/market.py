"""The market of one instrument: its book, its order flow, its trades, and how an order trades in it."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from probes.market.basis import Basis
from probes.market.book import Book
from probes.market.clearing import Clearing
from probes.market.dynamics import Dynamics
from probes.market.events import BookChanged, Traded
from probes.market.matching import Plan, SelfTrade, plan
from probes.market.mid_path import MidPath
from probes.market.order import (
    BUY,
    ORDER_FLOW,
    SELL,
    ZERO,
    Fill,
    Instrument,
    Level,
    Order,
    Quote,
    Reason,
    Status,
    TimeInForce,
)
from probes.market.order_flow import OrderFlow
from probes.market.queue_models import QueueModel
from probes.market.trade_history import TradeHistory

_UNFILLABLE = {
    TimeInForce.FILL_OR_KILL: Reason.FOK_UNFILLABLE,
    TimeInForce.ALL_OR_NONE: Reason.AON_UNFILLABLE,
}


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a ticker says beside the quote.

    The last price is the mark before the first trade; prices and volumes of the day (24 hours) are None
    and zero without trades. The index is the path of the mid where the venue has a basis to it, else the
    mark. Funding is not charged.
    """

    mark_price: Decimal
    index_price: Decimal
    last_price: Decimal
    last_size: Decimal
    open_price: Decimal | None
    high_price: Decimal | None
    low_price: Decimal | None
    buy_volume: Decimal
    sell_volume: Decimal
    buy_notional: Decimal
    sell_notional: Decimal
    open_interest: Decimal
    funding_rate_bps: Decimal


class Market:
    """One instrument. Orders come in through `submit`, the order flow moves with `order_flow.step`."""

    def __init__(
        self,
        instrument: Instrument,
        dynamics: Dynamics,
        seed: int,
        clearing: Clearing,
        self_trade: SelfTrade,
        path: MidPath,
        basis: Basis | None,
        queue: QueueModel,
    ) -> None:
        self.instrument = instrument
        self.book = clearing.books[instrument.name] = Book(queue)
        self.trade_history = TradeHistory()
        self._clearing = clearing
        self._self_trade = self_trade
        self._reducible = partial(clearing.reducible, instrument)
        self._depths: dict[int, tuple[int, list[Level], list[Level]]] = {}
        self.order_flow = OrderFlow(
            instrument, dynamics, seed, self.book, self._submit_of_order_flow, path, basis
        )
        self.path = path
        self.has_basis = basis is not None
        self._published = self.book.version

    @property
    def mark(self) -> Decimal:
        return self.order_flow.mid

    def submit(self, order: Order) -> None:
        """Trade an accepted order as far as it goes; what remains rests or is cancelled."""
        end = self._clearing.end
        if order.post_only and self.book.crosses(order.side, order.limit_price):
            end(order, Status.REJECTED, Reason.POST_ONLY_WOULD_CROSS)
            return
        found = plan(self.book, order, self._self_trade, self._reducible)
        unfillable = _UNFILLABLE.get(order.time_in_force)
        if unfillable is not None and found.size < order.size:
            end(order, Status.CANCELLED, Reason.SELF_TRADE if found.stopped else unfillable)
            return
        self._trade(order, found)
        for own in found.own:
            end(own, Status.CANCELLED, Reason.SELF_TRADE)
        reason = _why_not_rest(order, found)
        if not order.remaining:
            end(order, Status.FILLED)
        elif reason is not None:
            end(order, Status.CANCELLED, reason)
        else:
            self._clearing.rest(order)
        self._trim(order, found)

    def _submit_of_order_flow(self, order: Order) -> None:
        found = plan(self.book, order, self._self_trade, self._reducible)
        if found.trades:
            self._trade(order, found)
            self._trim(order, found)
        if order.remaining and order.time_in_force is TimeInForce.GOOD_TILL_TIME:
            self.book.add(order)

    def _trade(self, taker: Order, found: Plan) -> None:
        """Carry a plan out. The state of the taker is the caller's business."""
        if not found.trades:
            return
        clearing, name = self._clearing, self.instrument.name
        execution, now, mark = clearing.next_execution(), clearing.now(), self.mark
        for number, (maker, size) in enumerate(found.trades, 1):
            price = self.book.fill(maker, size)
            taker.filled += size
            taker.filled_notional += size * price
            trade = Fill(
                f"{execution}-{number}",
                taker.order_id,
                taker.client_order_id,
                taker.account,
                name,
                taker.side,
                price,
                size,
                ZERO,
                True,
                now,
                ZERO,
                mark,
            )
            self.trade_history.record(trade)
            clearing.ledger.trade(trade)
            clearing.events.append(Traded(trade))
            if taker.account != ORDER_FLOW:
                clearing.settle(self.instrument, taker, trade, is_taker=True)
            if maker.account == ORDER_FLOW:
                self.order_flow.on_fill(maker, size)
            else:
                clearing.fill_maker(self.instrument, maker, trade)

    def _trim(self, taker: Order, found: Plan) -> None:
        for account in dict.fromkeys((taker.account, *(maker.account for maker, _ in found.trades))):
            if account != ORDER_FLOW:
                self._clearing.trim_reduce_only(account, self.instrument.name)

    def publish(self) -> None:
        """Tell of the book if it changed since the last time."""
        if self._published != self.book.version:
            self._published = self.book.version
            self._clearing.events.append(BookChanged(self.instrument.name))

    def quote(self) -> Quote:
        bid, ask = self.book.best(BUY), self.book.best(SELL)
        return Quote(
            self.instrument.name,
            None if bid is None else bid.price,
            ZERO if bid is None else bid.size,
            None if ask is None else ask.price,
            ZERO if ask is None else ask.size,
            self._clearing.now(),
        )

    def depth(self, levels: int) -> tuple[list[Level], list[Level]]:
        book, kept = self.book, self._depths.get(levels)
        if kept is None or kept[0] != book.version:
            kept = (book.version, book.depth(BUY, levels), book.depth(SELL, levels))
            if len(self._depths) > 16:  # a client may ask for any number of levels
                self._depths.clear()
            self._depths[levels] = kept
        return kept[1], kept[2]

    def statistics(self) -> Statistics:
        mark, trades, name = self.mark, self.trade_history.trades, self.instrument.name
        day = self.trade_history.day(self._clearing.now())
        held = [one.holdings[name].size for one in self._clearing.accounts.values() if name in one.holdings]
        return Statistics(
            mark_price=mark,
            index_price=self.order_flow.index,
            last_price=trades[-1].price if trades else mark,
            last_size=trades[-1].size if trades else ZERO,
            open_price=day.open if day else None,
            high_price=day.high if day else None,
            low_price=day.low if day else None,
            buy_volume=day.buy_volume if day else ZERO,
            sell_volume=day.volume - day.buy_volume if day else ZERO,
            buy_notional=day.buy_notional if day else ZERO,
            sell_notional=day.notional - day.buy_notional if day else ZERO,
            open_interest=max(sum((s for s in held if s > 0), ZERO), sum((-s for s in held if s < 0), ZERO)),
            funding_rate_bps=ZERO,
        )


def _why_not_rest(order: Order, found: Plan) -> Reason | None:
    """Why what remains of an order is cancelled; None when it may rest."""
    if found.stopped:
        return Reason.SELF_TRADE
    if found.capped:
        return Reason.REDUCE_ONLY_LIMIT
    if order.time_in_force is TimeInForce.IMMEDIATE_OR_CANCEL:
        return Reason.IOC_REMAINDER
    if order.limit_price is None:
        return Reason.MARKET_REMAINDER if order.filled else Reason.NO_LIQUIDITY
    return None
