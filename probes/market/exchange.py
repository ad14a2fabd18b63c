"""The exchange: accepts orders, matches them, keeps accounts, and moves the market step by step.

Everything happens in the caller's thread, at once and in order; nothing depends on the clock but the
expiry of orders. Same instruments, dynamics, seed and calls: same trades, ids and rows of the ledger.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import islice
from types import MappingProxyType

from probes.market.account import Account, AccountSummary, Holding, Position
from probes.market.book import Book
from probes.market.dynamics import Dynamics
from probes.market.events import BookChanged, Filled, MarketEvent, OrderChanged, PositionChanged, Traded
from probes.market.house import House
from probes.market.ledger import Ledger
from probes.market.matching import HOUSE, Plan, SelfTrade, plan
from probes.market.order import (
    ZERO,
    Fill,
    Instrument,
    Level,
    Order,
    Quote,
    Reason,
    Side,
    Status,
    TimeInForce,
)
from probes.market.tape import Candle, Tape
from probes.market.validation import refusal

MAX_OPEN_ORDERS = 1_000
"""Open orders that an account may have at once."""
_WHOLE = (TimeInForce.FILL_OR_KILL, TimeInForce.ALL_OR_NONE)


class Refused(Exception):  # noqa: N818 - the word of the trade
    """The venue did not accept a request; it left no trace but a row in the ledger."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a ticker says beside the quote. The last price is the mark before the first trade; prices and
    volumes of the day (24 hours) are None and zero without trades. The index is the mark: there is no
    other market. Funding is not charged.
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


class _Market:
    """One instrument with its book, its house and its trades."""

    __slots__ = ("book", "depths", "house", "instrument", "published", "tape")

    def __init__(
        self,
        instrument: Instrument,
        dynamics: Dynamics,
        seed: int,
        submit: Callable[["_Market", Order], None],
    ) -> None:
        self.instrument = instrument
        self.book = Book(instrument)
        self.tape = Tape()
        self.depths: dict[int, tuple[int, list[Level], list[Level]]] = {}
        self.house = House(instrument, dynamics, seed, self.book, partial(submit, self))
        self.published = self.book.version

    @property
    def mark(self) -> Decimal:
        return self.house.mid


class Exchange:
    """All markets and accounts of a venue; not for use from two threads at once.

    Listeners are called after each operation with all that it did, in the order in which it happened.
    They may ask, but must not change anything.
    """

    def __init__(
        self,
        instruments: Sequence[Instrument],
        dynamics: Dynamics,
        seed: int,
        ledger: Ledger,
        now_ns: Callable[[], int] = time.time_ns,
        *,
        self_trade: SelfTrade = SelfTrade.CANCEL_TAKER,
    ) -> None:
        self.instruments: Mapping[str, Instrument] = MappingProxyType({one.name: one for one in instruments})
        self.listeners: list[Callable[[MarketEvent], None]] = []
        self.ledger = ledger
        self._now = now_ns
        self._self_trade = self_trade
        self._accounts: dict[str, Account] = {}
        self._events: list[MarketEvent] = []
        self._expiries: list[tuple[int, str, str]] = []  # a heap of (when, account, order id)
        self._id_prefix = f"0x{seed & 0xFFFFFFFF:08x}"
        self._orders = 0
        self._executions = 0
        self._markets = {one.name: _Market(one, dynamics, seed, self._submit_of_house) for one in instruments}
        # A market that nobody has ever looked at need not move: nobody could tell.
        self._awake: dict[str, _Market] = {}

    # What moves the market

    def open_account(self, account: str, cash: Decimal) -> None:
        """Open an account with this much of the quote currency."""
        if account in self._accounts or account == HOUSE:
            raise ValueError(f"there is an account {account!r} already")
        self._accounts[account] = Account(account, cash)

    def submit(self, order: Order, *, reject: Reason | None = None) -> Order:
        """Accept an order and match it at once.

        Returns the order as it was accepted: pending, with its order id. What became of it goes to the
        listeners and shows in `order`. Raises Refused when the venue does not accept it. With `reject`,
        the matching engine rejects it for that reason after it was accepted. `order` itself stays as it is.
        """
        now = self._now()
        self._expire(now)
        reason = self._refusal(order, now)
        if reason is not None:
            self.ledger.refused(order, reason)
            raise Refused(reason)
        market = self._market(order.instrument)
        accepted = self._accept(market.instrument, order, now)
        pending = accepted.copy()
        self._changed(accepted)
        if reject is not None:
            self._end(accepted, Status.REJECTED, reject)
        elif accepted.post_only and market.book.crosses(accepted.side, accepted.limit_price):
            self._end(accepted, Status.REJECTED, Reason.POST_ONLY_WOULD_CROSS)
        else:
            self._match(market, accepted)
        self._publish(market)
        return pending

    def cancel(
        self, account: str, *, order_id: str | None = None, client_order_id: str | None = None
    ) -> Order:
        """Cancel an open order and return it; raises Refused when there is none."""
        self._expire(self._now())
        order = self._account(account).find(order_id, client_order_id)
        if order is None or order.status.is_final:
            reason = Reason.UNKNOWN_ORDER if order is None else Reason.ORDER_IS_FINAL
            self.ledger.cancel(account, order, reason)
            raise Refused(reason)
        self.ledger.cancel(account, order)
        self._end(order, Status.CANCELLED, Reason.BY_CLIENT)
        self._publish(self._markets[order.instrument])
        return order.copy()

    def cancel_all(self, account: str, instruments: Collection[str] | None = None) -> int:
        """Cancel what is open, on these instruments or on all, and return how many orders that were."""
        self._expire(self._now())
        orders = [
            order
            for order in self._account(account).open.values()
            if instruments is None or order.instrument in instruments
        ]
        for order in orders:
            self.ledger.cancel(account, order)
            self._end(order, Status.CANCELLED, Reason.BY_CLIENT)
        self._publish(*{order.instrument: self._markets[order.instrument] for order in orders}.values())
        return len(orders)

    def step(self) -> None:
        """Let every market that was ever asked for move one step, and end what has expired."""
        self._expire(self._now())
        for market in self._awake.values():
            market.house.step()
        self._publish(*self._awake.values())

    # What can be asked

    def quote(self, instrument: str) -> Quote:
        """Best bid and offer now; KeyError for an unknown instrument."""
        book = self._market(instrument).book
        bid, ask = book.best(Side.BUY), book.best(Side.SELL)
        return Quote(
            instrument,
            None if bid is None else bid.price,
            ZERO if bid is None else bid.size,
            None if ask is None else ask.price,
            ZERO if ask is None else ask.size,
            self._now(),
        )

    def depth(self, instrument: str, levels: int) -> tuple[list[Level], list[Level]]:
        """Bids and asks, best first. The lists are kept until the book changes: do not change them."""
        market = self._market(instrument)
        kept = market.depths.get(levels)
        if kept is None or kept[0] != market.book.version:
            book = market.book
            kept = (book.version, book.depth(Side.BUY, levels), book.depth(Side.SELL, levels))
            market.depths[levels] = kept
        return kept[1], kept[2]

    def trades(self, instrument: str, limit: int) -> list[Fill]:
        """The last public trades as fills of their takers, latest first."""
        return list(islice(reversed(self._market(instrument).tape.trades), limit))

    def candles(self, instrument: str, minutes: int, limit: int) -> list[Candle]:
        """The last candles of so many minutes each that saw trades, latest first."""
        return self._market(instrument).tape.candles(minutes, limit)

    def statistics(self, instrument: str) -> Statistics:
        """Mark, last trade, and the day so far."""
        market = self._market(instrument)
        mark, trades = market.mark, market.tape.trades
        day = market.tape.day(self._now())
        held = [
            one.holdings[instrument].size for one in self._accounts.values() if instrument in one.holdings
        ]
        return Statistics(
            mark_price=mark,
            index_price=mark,
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

    def mark(self, instrument: str) -> Decimal:
        """The mark price; KeyError for an unknown instrument."""
        return self._markets[instrument].mark

    def is_halted(self, instrument: str) -> bool:
        return self._markets[instrument].house.is_halted

    def order(
        self, account: str, *, order_id: str | None = None, client_order_id: str | None = None
    ) -> Order | None:
        """An order of the account, open or lately ended, as it is now."""
        found = self._account(account).find(order_id, client_order_id)
        return None if found is None else found.copy()

    def open_orders(self, account: str) -> list[Order]:
        """Oldest first."""
        return [order.copy() for order in self._account(account).open.values()]

    def order_history(self, account: str) -> list[Order]:
        """Orders that have ended, latest first (bounded; the ledger has all)."""
        return self._account(account).history()

    def fills(self, account: str) -> list[Fill]:
        """Latest first (bounded; the ledger has all)."""
        return list(reversed(self._account(account).fills))

    def position(self, account: str, instrument: str) -> Position:
        """KeyError for an unknown instrument; a position of size zero where there is none."""
        return self._account(account).position(instrument, self.mark(instrument))

    def positions(self, account: str) -> list[Position]:
        """All that are not flat."""
        return list(self.account_summary(account).positions)

    def account_summary(self, account: str) -> AccountSummary:
        return self._account(account).summary(self.mark)

    # How it is done

    def _market(self, instrument: str) -> _Market:
        market = self._markets[instrument]
        self._awake[instrument] = market
        return market

    def _account(self, account: str) -> Account:
        try:
            return self._accounts[account]
        except KeyError:
            raise Refused(Reason.UNKNOWN_ACCOUNT) from None

    def _holding(self, account: Account, instrument: Instrument) -> Holding:
        held = account.holdings.get(instrument.name)
        if held is None:
            held = account.holdings[instrument.name] = Holding(instrument.initial_margin_bps)
        return held

    def _refusal(self, order: Order, now: int) -> Reason | None:
        """Why the venue does not accept this order; None when it does."""
        market, account = self._markets.get(order.instrument), self._accounts.get(order.account)
        if account is None:
            return Reason.UNKNOWN_ACCOUNT
        if market is None:
            return Reason.UNKNOWN_INSTRUMENT
        reason = refusal(market.instrument, order)
        if reason is not None:
            return reason
        if order.expires_ns is not None and order.expires_ns <= now:
            return Reason.EXPIRED
        if market.house.is_halted:
            return Reason.HALTED
        if account.is_active(order.client_order_id):
            return Reason.DUPLICATE_CLIENT_ORDER_ID
        if len(account.open) >= MAX_OPEN_ORDERS:
            return Reason.TOO_MANY_ORDERS
        return self._beyond_means(account, market, order)

    def _beyond_means(self, account: Account, market: _Market, order: Order) -> Reason | None:
        """Position limit, reduce-only and margin."""
        held = self._holding(account, market.instrument)
        if order.reduce_only:
            if not held.size:
                return Reason.REDUCE_ONLY_NO_POSITION
            room = held.reducible(order.side)
            if not room:
                return Reason.REDUCE_ONLY_WOULD_INCREASE
            rests = order.limit_price is not None and order.time_in_force is TimeInForce.GOOD_TILL_TIME
            if rests and order.size + _sum_remaining(held) > room:
                return Reason.REDUCE_ONLY_TOO_LARGE
            return None
        before = held.exposure()
        buys, sells = (order.size, ZERO) if order.side is Side.BUY else (ZERO, order.size)
        after = held.exposure(buys, sells)
        if after <= before:
            return None
        if after > market.instrument.max_position:
            return Reason.SIZE_TOO_LARGE
        mark = market.mark
        price = mark if order.limit_price is None else max(mark, order.limit_price)
        needed = account.initial_margin(self.mark) + held.margin(after - before, price)
        return Reason.MARGIN if account.cash + account.unrealized_pnl(self.mark) < needed else None

    def _accept(self, instrument: Instrument, order: Order, now: int) -> Order:
        accepted = order.copy()
        self._orders += 1
        accepted.order_id = f"{self._id_prefix}{self._orders:016x}"
        accepted.status, accepted.reason = Status.PENDING, None
        accepted.filled = accepted.filled_notional = ZERO
        accepted.created_ns = accepted.updated_ns = now
        # One way to write each number, whatever digits the client sent.
        accepted.size = order.size.quantize(instrument.size_step)
        if order.limit_price is not None:
            accepted.limit_price = order.limit_price.quantize(instrument.tick_size)
        self._accounts[order.account].opened(accepted)
        return accepted

    def _match(self, market: _Market, order: Order) -> None:
        found = plan(market.book, order, self._self_trade, partial(self._reducible, market))
        if order.time_in_force in _WHOLE and found.size < order.size:
            fok = order.time_in_force is TimeInForce.FILL_OR_KILL
            unfillable = Reason.FOK_UNFILLABLE if fok else Reason.AON_UNFILLABLE
            self._end(order, Status.CANCELLED, Reason.SELF_TRADE if found.stopped else unfillable)
            return
        self._trade(market, order, found)
        for own in found.own:
            self._end(own, Status.CANCELLED, Reason.SELF_TRADE)
        reason = _why_not_rest(order, found)
        if not order.remaining:
            self._end(order, Status.FILLED, None)
        elif reason is not None:
            self._end(order, Status.CANCELLED, reason)
        else:
            self._rest(market, order)
        for account in {order.account, *(maker.account for maker, _ in found.trades)} - {HOUSE}:
            self._trim_reduce_only(account, market.instrument.name)

    def _reducible(self, market: _Market, account: str, side: Side) -> Decimal:
        return self._holding(self._accounts[account], market.instrument).reducible(side)

    def _rest(self, market: _Market, order: Order) -> None:
        market.book.add(order)
        held = self._holding(self._accounts[order.account], market.instrument)
        held.order_rests(order, order.remaining)
        if order.reduce_only:
            held.reduce_only[order.order_id] = order
        if order.expires_ns is not None:
            heappush(self._expiries, (order.expires_ns, order.account, order.order_id))
        order.status = Status.OPEN
        self._changed(order)

    def _submit_of_house(self, market: _Market, order: Order) -> None:
        found = plan(market.book, order, self._self_trade, partial(self._reducible, market))
        self._trade(market, order, found)
        if order.remaining and order.time_in_force is TimeInForce.GOOD_TILL_TIME:
            market.book.add(order)
        for account in {maker.account for maker, _ in found.trades} - {HOUSE}:
            self._trim_reduce_only(account, market.instrument.name)

    def _trade(self, market: _Market, taker: Order, found: Plan) -> None:
        """Carry a plan out: book, accounts, ledger, events. The state of the taker is the caller's."""
        if not found.trades:
            return
        self._executions += 1
        now = self._now()
        mark = market.mark
        for number, (maker, size) in enumerate(found.trades, 1):
            price = maker.limit_price
            assert price is not None  # it rested
            market.book.fill(maker, size)
            taker.filled += size
            taker.filled_notional += size * price
            trade = Fill(
                f"{self._executions}-{number}",
                taker.order_id,
                taker.client_order_id,
                taker.account,
                market.instrument.name,
                taker.side,
                price,
                size,
                ZERO,
                True,
                now,
                ZERO,
                mark,
            )
            market.tape.record(trade)
            self.ledger.trade(trade)
            self._events.append(Traded(trade))
            if taker.account != HOUSE:
                self._settle(market, taker, trade, is_taker=True)
            if maker.account == HOUSE:
                market.house.was_taken_from()
                continue
            self._settle(market, maker, trade, is_taker=False)
            held = self._accounts[maker.account].holdings[market.instrument.name]
            held.order_rests(maker, -size)
            if maker.remaining:
                self._changed(maker)
            else:
                self._end(maker, Status.FILLED, None)

    def _settle(self, market: _Market, order: Order, trade: Fill, *, is_taker: bool) -> None:
        """Book one side of a trade to its account."""
        account, instrument = self._accounts[order.account], market.instrument
        bps = instrument.taker_fee_bps if is_taker else instrument.maker_fee_bps
        fee = trade.price * trade.size * bps / 10_000
        held = self._holding(account, instrument)
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
        self._events += (Filled(fill), PositionChanged(position))

    def _end(self, order: Order, status: Status, reason: Reason | None) -> None:
        """Give an order its final state; takes it out of the book when it rests there."""
        account = self._accounts[order.account]
        if order.status is Status.OPEN:
            held = account.holdings[order.instrument]
            held.reduce_only.pop(order.order_id, None)
            if order.remaining:
                held.order_rests(order, -order.remaining)
                self._markets[order.instrument].book.remove(order)
        order.status, order.reason = status, reason
        account.ended(order)
        self._changed(order)

    def _changed(self, order: Order) -> None:
        order.updated_ns = self._now()
        self.ledger.order(order)
        self._events.append(OrderChanged(order.copy()))

    def _trim_reduce_only(self, account: str, instrument: str) -> None:
        """Cancel resting reduce-only orders, latest first, that the position has no room for any more."""
        held = self._accounts[account].holdings[instrument]
        while held.reduce_only:
            latest = held.reduce_only[next(reversed(held.reduce_only))]
            if _sum_remaining(held) <= held.reducible(latest.side):
                return
            self._end(latest, Status.CANCELLED, Reason.REDUCE_ONLY_LIMIT)

    def _expire(self, now: int) -> None:
        heap = self._expiries
        while heap and heap[0][0] <= now:
            _, account, order_id = heappop(heap)
            order = self._accounts[account].open.get(order_id)
            if order is not None:
                self._end(order, Status.CANCELLED, Reason.EXPIRED)
                self._publish(self._markets[order.instrument])
        if len(heap) > 2 * MAX_OPEN_ORDERS * len(self._accounts):
            # Most of these orders have ended otherwise; those that have not are few.
            heap[:] = [entry for entry in heap if entry[2] in self._accounts[entry[1]].open]
            heapify(heap)

    def _publish(self, *markets: _Market) -> None:
        """Tell the listeners what has happened."""
        for market in markets:
            if market.published != market.book.version:
                market.published = market.book.version
                self._events.append(BookChanged(market.instrument.name))
        if self._events:
            events, self._events = self._events, []
            for event in events:
                for listener in self.listeners:
                    listener(event)


def _sum_remaining(held: Holding) -> Decimal:
    return sum((order.remaining for order in held.reduce_only.values()), ZERO)


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
