"""The exchange against a naive one, order for order; and a lively market that must keep the same promises."""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from diag.record import Journal
from probes.market.dynamics import Dynamics, Kind
from probes.market.events import Filled, MarketEvent, Traded
from probes.market.exchange import Exchange, Refused
from probes.market.ledger import Ledger
from probes.market.matching import SelfTrade
from probes.market.order import (
    ORDER_FLOW,
    ZERO,
    Fill,
    Instrument,
    Level,
    Order,
    Reason,
    Side,
    Status,
    TimeInForce,
)
from tests.market.clocks import ManualClock
from tests.market.naive import Entry, Naive

pytestmark = pytest.mark.slow

PERP = "ETH_USDT_Perp"
ETH = Instrument(
    PERP,
    "ETH",
    "USDT",
    Decimal("0.01"),
    Decimal("0.01"),
    Decimal("0.01"),
    Decimal(1_000),
    Decimal("-0.5"),
    Decimal("4.5"),
    Decimal(500),
)
CASH = Decimal(1_000_000)
NAMES = ("ann", "ben", "cid")

sides = st.sampled_from(Side)
names = st.sampled_from(NAMES)
sizes = st.integers(1, 8).map(lambda n: Decimal(n) / 4)
ticks = st.integers(-1, 1)  # few prices, for queues to grow and orders to meet
kinds = st.sampled_from(["GTT", "GTT", "GTT", "IOC", "FOK", "AON", "post", "market"])


def order_of(
    account: str, side: Side, size: Decimal, price: Decimal | None, kind: str, *, reduce_only: bool
) -> Order:
    tif = TimeInForce(kind) if kind in ("IOC", "FOK", "AON") else TimeInForce.GOOD_TILL_TIME
    limit = None if kind == "market" else price
    return Order(
        "", "", account, PERP, side, size, limit, tif, post_only=kind == "post", reduce_only=reduce_only
    )


def answer(ask: Callable[[], Order]) -> Order | Reason:
    try:
        return ask()
    except Refused as refused:
        return refused.reason


class Base(RuleBasedStateMachine):
    def start(self, dynamics: Dynamics, policy: SelfTrade, seed: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.journal = Journal(Path(self.folder.name) / "run")
        self.clock = ManualClock(10**18)
        ledger = Ledger(self.journal, "sim")
        self.exchange = Exchange([ETH], dynamics, seed, ledger, self.clock, self_trade=policy)
        self.events: list[MarketEvent] = []
        self.exchange.listeners.append(self.events.append)
        for name in NAMES:
            self.exchange.open_account(name, CASH)

    def fills(self, account: str) -> list[Fill]:
        return [e.fill for e in self.events if isinstance(e, Filled) and e.fill.account == account]

    def accounts_add_up(self) -> None:
        """Position is the sum of fills; equity is what was paid and received, to the last digit."""
        for name in NAMES:
            fills = self.fills(name)
            signed = [f.size if f.side is Side.BUY else -f.size for f in fills]
            position = self.exchange.position(name, PERP)
            assert position.size == sum(signed, ZERO)
            flow = sum((-s * f.price for s, f in zip(signed, fills, strict=True)), ZERO)
            fees = sum((f.fee for f in fills), ZERO)
            summary = self.exchange.account_summary(name)
            assert summary.equity == CASH + flow - fees + position.size * position.mark_price
            assert summary.cash == CASH + sum((f.realized_pnl for f in fills), ZERO) - fees

    def rows_tell_the_same(self) -> None:
        told = [e.fill.fill_id for e in self.events if isinstance(e, Filled)]
        rows = list(self.journal.events())
        assert [row.fill_id for row in rows if row.kind == "fill"] == told
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))

    def teardown(self) -> None:
        if hasattr(self, "journal"):
            self.accounts_add_up()
            self.rows_tell_the_same()
            self.journal.close()
            self.folder.cleanup()


class AgainstNaive(Base):
    """With an order flow that only stands far off, the naive model foresees everything."""

    @initialize(policy=st.sampled_from(SelfTrade))
    def begin(self, policy: SelfTrade) -> None:
        dynamics = Dynamics(spread_ticks=100, levels=1, level_size=Decimal(2), refill_every=1, taker_every=0)
        self.start(dynamics, policy, 1)
        self.model = Naive(policy)
        self.sent: list[tuple[str, Entry]] = []
        self.model.submit(self.of_order_flow(Side.BUY, Decimal(2)))
        self.model.submit(self.of_order_flow(Side.SELL, Decimal(2)))

    def of_order_flow(self, side: Side, size: Decimal) -> Order:
        price = Decimal("2999.50") if side is Side.BUY else Decimal("3000.50")
        return Order("", "", ORDER_FLOW, PERP, side, size, price)

    @rule(
        account=names,
        side=sides,
        size=sizes,
        tick=ticks,
        kind=kinds,
        reduce_only=st.sampled_from([False, False, True]),
        client_id=st.sampled_from(["", "", "", "1", "2"]),
        lives=st.sampled_from([None, None, 50, 150]),
    )
    def submit(self, account, side, size, tick, kind, reduce_only, client_id, lives) -> None:
        order = order_of(account, side, size, 3000 + tick * ETH.tick_size, kind, reduce_only=reduce_only)
        order.client_order_id = client_id
        order.expires_ns = None if lives is None else self.clock.utc_ns() + lives
        expected = self.model.refusal(order)
        accepted = answer(lambda: self.exchange.submit(order))
        if expected is not None:
            assert accepted is expected
            return
        assert isinstance(accepted, Order)
        assert accepted.status is Status.PENDING
        assert accepted.filled == 0
        self.sent.append((accepted.order_id, self.model.submit(order)))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def cancel(self, data) -> None:
        still_open = [(i, e) for i, e in self.sent if e.status is Status.OPEN]
        order_id, entry = data.draw(st.sampled_from(still_open or self.sent))
        cancelled = answer(lambda: self.exchange.cancel(entry.order.account, order_id=order_id))
        if entry.status.is_final:
            assert cancelled is Reason.ORDER_IS_FINAL
        else:
            assert isinstance(cancelled, Order)
            assert cancelled.status is Status.CANCELLED
            self.model.cancel(entry)

    @rule(account=names)
    def cancel_all(self, account) -> None:
        open_entries = [e for _, e in self.sent if e.order.account == account and e.status is Status.OPEN]
        assert self.exchange.cancel_all(account) == len(open_entries)
        for entry in open_entries:
            self.model.cancel(entry)

    @rule()
    def time_passes(self) -> None:
        self.clock.advance(100e-9)
        for _, entry in self.sent:
            expires = entry.order.expires_ns
            if entry.status is Status.OPEN and expires is not None and expires <= self.clock.utc_ns():
                self.model.cancel(entry, Reason.EXPIRED)
        self.step()

    @rule()
    def step(self) -> None:
        self.exchange.step()
        for side in Side:  # the order flow fills up, behind whoever came meanwhile
            mine = [e.remaining for e in self.model.resting(side) if e.order.account == ORDER_FLOW]
            if sum(mine) < 2:
                self.model.submit(self.of_order_flow(side, 2 - sum(mine, ZERO)))

    @invariant()
    def orders_are_what_the_model_says(self) -> None:
        for order_id, entry in getattr(self, "sent", ()):
            order = self.exchange.order(entry.order.account, order_id=order_id)
            assert order is not None
            assert (order.status, order.reason, order.filled) == (entry.status, entry.reason, entry.filled)
            mine = [t for t in self.model.trades if entry in (t.maker, t.taker)]
            assert order.filled_notional == sum((t.size * t.price for t in mine), ZERO)

    @invariant()
    def the_book_is_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        bids, asks = self.exchange.depth(PERP, 1_000)
        for side, levels in ((Side.BUY, bids), (Side.SELL, asks)):
            expected: dict[Decimal, list[Entry]] = defaultdict(list)
            for entry in self.model.resting(side):
                expected[entry.order.limit_price].append(entry)
            assert levels == [
                Level(price, sum((e.remaining for e in found), ZERO), len(found))
                for price, found in expected.items()
            ]

    @invariant()
    def trades_and_accounts_are_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        trades = [e.trade for e in self.events if isinstance(e, Traded)]
        assert [(t.side, t.price, t.size, t.account) for t in trades] == [
            (t.taker.order.side, t.price, t.size, t.taker.order.account) for t in self.model.trades
        ]
        mark = self.exchange.mark(PERP)
        for name in NAMES:
            position = self.model.position(name)
            assert self.exchange.position(name, PERP).size == position
            buys, sells = (
                sum((e.remaining for e in self.model.resting(side) if e.order.account == name), ZERO)
                for side in (Side.BUY, Side.SELL)
            )
            margin = max(position + buys, sells - position) * mark * ETH.initial_margin_bps / 10_000
            assert self.exchange.account_summary(name).initial_margin == margin


class Lively(Base):
    """An order flow that moves, refills and takes: what holds whatever it does."""

    @initialize(
        dynamics=st.builds(
            Dynamics,
            kind=st.sampled_from([Kind.RANDOM_WALK, Kind.TRENDING, Kind.STATIC, Kind.ONE_SIDED]),
            spread_ticks=st.integers(1, 4),
            levels=st.integers(1, 4),
            level_size=sizes,
            step_ticks=st.integers(0, 6),
            refill_every=st.integers(0, 2),
            taker_every=st.integers(0, 2),
            taker_size=sizes,
        ),
        policy=st.sampled_from(SelfTrade),
        seed=st.integers(0, 2**64),
    )
    def begin(self, dynamics, policy, seed) -> None:
        self.start(dynamics, policy, seed)
        self.reference = Decimal(3000)

    def watched(self, action) -> None:
        """Do it, and see that nobody was traded through, filled beyond a limit, or flipped."""
        open_before = {o.order_id: o for name in NAMES for o in self.exchange.open_orders(name)}
        positions = {name: self.exchange.position(name, PERP).size for name in NAMES}
        start = len(self.events)
        action()
        for event in self.events[start:]:
            if isinstance(event, Traded):
                trade = event.trade
                for order in (o for o in open_before.values() if o.side is trade.side.opposite):
                    now = self.exchange.order(order.account, order_id=order.order_id)
                    better = (
                        order.limit_price > trade.price
                        if order.side is Side.BUY
                        else order.limit_price < trade.price
                    )
                    assert not (better and now.status is Status.OPEN), "traded through a resting order"
            if isinstance(event, Filled):
                fill = event.fill
                order = self.exchange.order(fill.account, order_id=fill.order_id)
                if order.limit_price is not None:
                    bought = fill.side is Side.BUY
                    assert fill.price <= order.limit_price if bought else fill.price >= order.limit_price
                    assert fill.is_taker or fill.price == order.limit_price
                assert not (order.post_only and fill.is_taker)
                before = positions[fill.account]
                after = before + (fill.size if fill.side is Side.BUY else -fill.size)
                if order.reduce_only:
                    assert abs(after) < abs(before)
                    assert after * before >= 0
                positions[fill.account] = after

    @rule(account=names, side=sides, size=sizes, tick=ticks, kind=kinds, reduce_only=st.booleans())
    def submit(self, account, side, size, tick, kind, reduce_only) -> None:
        price = self.exchange.mark(PERP).quantize(ETH.tick_size) + tick * ETH.tick_size
        order = order_of(account, side, size, price, kind, reduce_only=reduce_only)

        def action() -> None:
            accepted = answer(lambda: self.exchange.submit(order))
            if isinstance(accepted, Reason):
                return
            now = self.exchange.order(account, order_id=accepted.order_id)
            if order.time_in_force in (TimeInForce.FILL_OR_KILL, TimeInForce.ALL_OR_NONE):
                assert now.filled in (0, size)
            if kind == "post":
                assert now.filled == 0

        self.watched(action)

    @rule(account=names)
    def cancel_all(self, account) -> None:
        self.watched(lambda: self.exchange.cancel_all(account))

    @rule(times=st.integers(1, 10))
    def step(self, times) -> None:
        for _ in range(times):
            self.watched(self.exchange.step)

    @invariant()
    def book_is_sound(self) -> None:
        if not hasattr(self, "exchange"):
            return
        bids, asks = self.exchange.depth(PERP, 1_000)
        assert not (bids and asks) or bids[0].price < asks[0].price
        assert [b.price for b in bids] == sorted({b.price for b in bids}, reverse=True)
        assert [a.price for a in asks] == sorted({a.price for a in asks})
        assert all(level.size > 0 and level.orders > 0 for level in bids + asks)
        quote = self.exchange.quote(PERP)
        assert (quote.bid_price, quote.bid_size) == ((bids[0].price, bids[0].size) if bids else (None, 0))
        assert (quote.ask_price, quote.ask_size) == ((asks[0].price, asks[0].size) if asks else (None, 0))
        for name in NAMES:  # what is open is in the book, and no more of it than its price level holds
            for order in self.exchange.open_orders(name):
                levels = bids if order.side is Side.BUY else asks
                assert [x for x in levels if x.price == order.limit_price and x.size >= order.remaining]

    def teardown(self) -> None:
        if hasattr(self, "exchange"):
            self.every_trade_has_two_sides()
        super().teardown()

    def every_trade_has_two_sides(self) -> None:
        filled: dict[str, list[Fill]] = defaultdict(list)
        for event in self.events:
            if isinstance(event, Filled):
                filled[event.fill.fill_id].append(event.fill)
        trades = [e.trade for e in self.events if isinstance(e, Traded)]
        assert max(Counter(t.fill_id for t in trades).values(), default=1) == 1
        assert set(filled) <= {t.fill_id for t in trades}
        for trade in trades:
            for fill in filled[trade.fill_id]:
                assert (fill.size, fill.price) == (trade.size, trade.price)
                assert fill.side is (trade.side if fill.is_taker else trade.side.opposite)


TestAgainstNaive = AgainstNaive.TestCase
TestAgainstNaive.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestLively = Lively.TestCase
TestLively.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
