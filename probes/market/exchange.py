"""The exchange: accepts orders, matches them, keeps accounts, and moves its markets step by step.

Everything happens in the caller's thread, at once and in order; nothing depends on the clock but the
expiry of orders. Same instruments, dynamics, seed and calls: same trades, ids and rows of the ledger.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import Any, Self

from probes.market.account import Account, AccountSummary, Position
from probes.market.basis import Basis
from probes.market.clearing import Clearing
from probes.market.clock import Clock
from probes.market.dynamics import Dynamics
from probes.market.events import MarketEvent
from probes.market.fees import FeeModel, ProportionalFees
from probes.market.ledger import Ledger
from probes.market.market import Market, Statistics
from probes.market.matching import SelfTrade
from probes.market.mid_path import MidPath
from probes.market.order import ORDER_FLOW, Fill, Instrument, Level, Order, Quote, Reason, Side, Status
from probes.market.order_flow import lowest_ticks
from probes.market.queue_models import QueueModel
from probes.market.scenario import Scenario
from probes.market.trade_history import Candle
from probes.market.validation import beyond_limits, malformed

MAX_OPEN_ORDERS = 1_000
"""Open orders that an account may have at once."""


class Refused(Exception):  # noqa: N818 - the word of the trade
    """The venue did not accept a request; it left no trace but a row in the ledger."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


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
        clock: Clock,
        *,
        self_trade: SelfTrade = SelfTrade.CANCEL_TAKER,
        paths: Mapping[str, MidPath] | None = None,
        basis: Callable[[Instrument], Basis] | None = None,
        fees: FeeModel | None = None,
        queue: QueueModel = QueueModel.FIFO,
    ) -> None:
        """`paths`, by base currency, may be shared with other exchanges; those missing are made from
        `dynamics` and `seed`. `basis` makes that of an instrument to its path.
        """
        self.instruments: Mapping[str, Instrument] = MappingProxyType({one.name: one for one in instruments})
        self.listeners: list[Callable[[MarketEvent], None]] = []
        self.ledger = ledger
        self._now = clock.utc_ns
        self._clearing = Clearing(seed, ledger, clock, fees or ProportionalFees())
        self._accounts = self._clearing.accounts
        known = dict(paths or {})
        for one in instruments:
            if one.base not in known:
                known[one.base] = MidPath(
                    dynamics, one.base, one.tick_size, seed, lowest=lowest_ticks(dynamics)
                )
        self._markets = {
            one.name: Market(
                one, dynamics, seed, self._clearing, self_trade, known[one.base], basis and basis(one), queue
            )
            for one in instruments
        }
        self._paths: dict[MidPath, None] = {}  # of markets that move
        self._is_stepping = False
        # A market that nobody has ever looked at need not move: nobody could tell.
        self._active: dict[str, Market] = {}

    @classmethod
    def in_scenario(
        cls, instruments: Sequence[Instrument], scenario: Scenario, seed: int, ledger: Ledger, clock: Clock
    ) -> Self:
        """The exchange of a venue, with every model of the market that the scenario has."""
        return cls(
            instruments,
            scenario.dynamics,
            seed,
            ledger,
            clock,
            fees=scenario.fees,
            queue=scenario.queue,
        )

    # What moves the market

    def open_account(self, account: str, cash: Decimal) -> None:
        """Open an account with this much of the quote currency."""
        if account in self._accounts or account == ORDER_FLOW:
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
        if order.instrument in self._markets:
            self.ledger.arrival(order, self.quote(order.instrument))
        reason = self._refusal(order, now)
        if reason is not None:
            self.ledger.refused(order, reason)
            raise Refused(reason)
        market = self._market(order.instrument)
        accepted = self._clearing.accept(market.instrument, order, now)
        pending = accepted.copy()
        if reject is None:
            market.submit(accepted)
        else:
            self._clearing.end(accepted, Status.REJECTED, reject)
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
        self._cancel([order])
        return order.copy()

    def cancel_all(self, account: str, instruments: Collection[str] | None = None) -> int:
        """Cancel what is open, on these instruments or on all, and return how many orders that were."""
        self._expire(self._now())
        orders = [
            order
            for order in self._account(account).open.values()
            if instruments is None or order.instrument in instruments
        ]
        self._cancel(orders)
        return len(orders)

    def liquidate(self, account: str, tags: dict[str, Any] | None = None) -> None:
        """Cancel all orders of the account and close its positions at the market, as a venue does.

        What the book cannot take stays open. `tags` are those of the orders that close.
        """
        self._expire(self._now())
        for order in list(self._account(account).open.values()):
            self._clearing.end(order, Status.CANCELLED, Reason.LIQUIDATED)
        for held in self.positions(account):
            side = Side.SELL if held.size > 0 else Side.BUY
            closing = Order(
                "",
                "0",
                account,
                held.instrument,
                side,
                abs(held.size),
                None,
                reduce_only=True,
                tags=tags or {},
            )
            market = self._market(held.instrument)
            market.submit(self._clearing.accept(market.instrument, closing, self._now()))
        self._publish(*self._markets.values())

    def step(self) -> None:
        """Let every market that was ever asked for move one step, and end what has expired."""
        self._expire(self._now())
        self._is_stepping = True
        try:
            for path in self._paths:
                path.step()
            for market in self._active.values():
                market.order_flow.step()
        finally:
            self._is_stepping = False
        self._publish(*self._active.values())

    # What can be asked

    def quote(self, instrument: str) -> Quote:
        """Best bid and offer now; KeyError for an unknown instrument."""
        return self._market(instrument).quote()

    def depth(self, instrument: str, levels: int) -> tuple[list[Level], list[Level]]:
        """Bids and asks, best first. The lists are kept until the book changes: do not change them."""
        return self._market(instrument).depth(levels)

    def trades(self, instrument: str, limit: int) -> list[Fill]:
        """The last public trades as fills of their takers, latest first."""
        return list(islice(reversed(self._market(instrument).trade_history.trades), limit))

    def candles(self, instrument: str, minutes: int, limit: int) -> list[Candle]:
        """The last candles of so many minutes each that saw trades, latest first."""
        return self._market(instrument).trade_history.candles(minutes, limit)

    def statistics(self, instrument: str) -> Statistics:
        """Mark, last trade, and the day so far."""
        return self._market(instrument).statistics()

    def mark(self, instrument: str) -> Decimal:
        """The mark price; KeyError for an unknown instrument."""
        return self._market(instrument).mark

    def is_halted(self, instrument: str) -> bool:
        return self._markets[instrument].order_flow.is_halted

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

    def _market(self, instrument: str) -> Market:
        market = self._active.get(instrument)
        if market is None:
            market = self._active[instrument] = self._markets[instrument]
            self._paths[market.path] = None
            market.path.follow(partial(self._follow_path, market), always=market.has_basis)
            market.order_flow.quote_at_path()
        return market

    def _follow_path(self, market: Market) -> None:
        """The path of a market has moved: by a step of this exchange, or of another that shares it."""
        market.order_flow.follow_path()
        if not self._is_stepping:
            self._publish(market)

    def _account(self, account: str) -> Account:
        try:
            return self._accounts[account]
        except KeyError:
            raise Refused(Reason.UNKNOWN_ACCOUNT) from None

    def _refusal(self, order: Order, now: int) -> Reason | None:
        """Why the venue does not accept this order; None when it does."""
        market, account = self._markets.get(order.instrument), self._accounts.get(order.account)
        if account is None:
            return Reason.UNKNOWN_ACCOUNT
        if market is None:
            return Reason.UNKNOWN_INSTRUMENT
        reason = malformed(market.instrument, order)
        if reason is not None:
            return reason
        if order.expires_ns is not None and order.expires_ns <= now:
            return Reason.EXPIRED
        if market.order_flow.is_halted:
            return Reason.HALTED
        if account.is_active(order.client_order_id):
            return Reason.DUPLICATE_CLIENT_ORDER_ID
        if len(account.open) >= MAX_OPEN_ORDERS:
            return Reason.TOO_MANY_ORDERS
        held = self._clearing.holding(order.account, market.instrument)
        return beyond_limits(account, held, market.instrument, order, self.mark)

    def _cancel(self, orders: Sequence[Order]) -> None:
        for order in orders:
            self.ledger.cancel(order.account, order)
            self._clearing.end(order, Status.CANCELLED, Reason.BY_CLIENT)
        self._publish(*{order.instrument: self._markets[order.instrument] for order in orders}.values())

    def _expire(self, now: int) -> None:
        if self._clearing.expire(now):
            self._publish(*self._markets.values())

    def _publish(self, *changed: Market) -> None:
        """Tell the listeners what has happened."""
        for market in changed:
            market.publish()
        events = self._clearing.events
        if events:
            self._clearing.events = []
            for event in events:
                for listener in self.listeners:
                    listener(event)
