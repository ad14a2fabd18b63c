"""Single orders against the exchange: what happens to each kind, and what the venue refuses."""

from decimal import Decimal as D

import pytest

from probes.market.account import HISTORY
from probes.market.events import BookChanged, Filled, OrderChanged, PositionChanged, Traded
from probes.market.exchange import MAX_OPEN_ORDERS, Refused
from probes.market.matching import SelfTrade
from probes.market.order import ORDER_FLOW, Reason, Side, Status
from tests.market.clocks import ManualClock
from tests.market.orders import PERP, order, outcome


def test_limit_order_inside_the_spread_rests_and_becomes_the_best_bid(venue):
    exchange = venue()
    assert (exchange.quote(PERP).bid_price, exchange.quote(PERP).ask_price) == (D("2999.99"), D("3000.01"))
    assert outcome(exchange, order()).status is Status.OPEN
    assert (exchange.quote(PERP).bid_price, exchange.quote(PERP).bid_size) == (D("3000.00"), D("0.5"))
    bids, asks = exchange.depth(PERP, 2)
    assert [(level.price, level.size, level.orders) for level in bids] == [
        (D("3000.00"), D("0.50"), 1),
        (D("2999.99"), D("10.00"), 1),
    ]
    assert [level.price for level in asks] == [D("3000.01"), D("3000.02")]


def test_events_come_in_the_order_in_which_things_happened(venue):
    exchange = venue()
    seen: list = []
    exchange.listeners.append(seen.append)
    exchange.submit(order(price="3000.01"))
    assert [type(event) for event in seen] == [
        OrderChanged,
        Traded,
        Filled,
        PositionChanged,
        OrderChanged,
        BookChanged,
    ]
    states = [event.order.status for event in seen if isinstance(event, OrderChanged)]
    assert states == [Status.PENDING, Status.FILLED]


@pytest.mark.parametrize(
    ("sent", "status", "reason", "filled"),
    [
        (order(price="3000.01"), Status.FILLED, None, "0.5"),
        (order(price="3000.01", size="15"), Status.OPEN, None, "10"),
        (order(price="3000.02", size="15"), Status.FILLED, None, "15"),
        (order(price=None), Status.FILLED, None, "0.5"),
        (order(price=None, size="150"), Status.CANCELLED, Reason.MARKET_REMAINDER, "100"),
        (order(price="3000.01", size="15", tif="IOC"), Status.CANCELLED, Reason.IOC_REMAINDER, "10"),
        (order(price="3000.00", tif="IOC"), Status.CANCELLED, Reason.IOC_REMAINDER, "0"),
        (order(price="3000.01", size="10", tif="FOK"), Status.FILLED, None, "10"),
        (order(price="3000.01", size="10.01", tif="FOK"), Status.CANCELLED, Reason.FOK_UNFILLABLE, "0"),
        (order(price=None, size="150", tif="FOK"), Status.CANCELLED, Reason.FOK_UNFILLABLE, "0"),
        (order(price="3000.00", tif="AON"), Status.CANCELLED, Reason.AON_UNFILLABLE, "0"),
        (order(price="3000.02", size="20", tif="AON"), Status.FILLED, None, "20"),
        (order(price="3000.01", post_only=True), Status.REJECTED, Reason.POST_ONLY_WOULD_CROSS, "0"),
        (order(price="3000.00", post_only=True), Status.OPEN, None, "0"),
        (order("sell", price="2999.99", size="3"), Status.FILLED, None, "3"),
    ],
)
def test_what_becomes_of_an_order(venue, sent, status, reason, filled):
    exchange = venue()
    now = outcome(exchange, sent)
    assert (now.status, now.reason, now.filled) == (status, reason, D(filled))
    assert exchange.position("me", PERP).size == (now.filled if sent.side is Side.BUY else -now.filled)


def test_fills_are_at_the_makers_price_and_priority_is_price_then_time(venue):
    exchange = venue()
    first = exchange.submit(order(price="3000.00", size="1", account="you", client_order_id="1"))
    second = exchange.submit(order(price="3000.00", size="1", account="you", client_order_id="2"))
    exchange.submit(order("sell", price="2999.99", size="2.5"))
    prices = [(fill.price, fill.size) for fill in reversed(exchange.fills("me"))]
    assert prices == [(D("3000.00"), 1), (D("3000.00"), 1), (D("2999.99"), D("0.5"))]
    assert [fill.order_id for fill in reversed(exchange.fills("you"))] == [first.order_id, second.order_id]
    trades = {fill.fill_id.partition("-")[0] for fill in exchange.fills("me")}
    assert len(trades) == 1  # one execution
    assert [t.fill_id for t in exchange.trades(PERP, 5)] == [f.fill_id for f in exchange.fills("me")]


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (order(price="3000.005"), Reason.PRICE_OFF_TICK),
        (order(price="NaN"), Reason.PRICE_OFF_TICK),
        (order(price="1e40"), Reason.PRICE_OFF_TICK),
        (order(price="-1"), Reason.PRICE_OFF_TICK),
        (order(size="0.005"), Reason.SIZE_TOO_SMALL),
        (order(size="Infinity"), Reason.SIZE_TOO_SMALL),
        (order(size="0.015"), Reason.SIZE_OFF_STEP),
        (order(size="1e40"), Reason.SIZE_TOO_LARGE),
        (order(account="nobody"), Reason.UNKNOWN_ACCOUNT),
        (order(account=ORDER_FLOW), Reason.UNKNOWN_ACCOUNT),
        (order(post_only=True, tif="IOC"), Reason.POST_ONLY_NEEDS_REST),
        (order(post_only=True, price=None), Reason.POST_ONLY_NEEDS_REST),
        (order(reduce_only=True), Reason.REDUCE_ONLY_NO_POSITION),
        (order(expires_ns=10**18), Reason.EXPIRED),
    ],
)
def test_refused_outright_and_without_a_trace_in_the_book(venue, journal, sent, reason):
    exchange = venue()
    before = exchange.depth(PERP, 100)
    with pytest.raises(Refused) as refused:
        exchange.submit(sent)
    assert refused.value.reason is reason
    assert exchange.depth(PERP, 100) == before
    assert [e.reason for e in journal.events() if e.kind != "arrival"] == [reason]


def test_every_order_arrives_at_a_book_that_the_ledger_shows(venue, journal):
    exchange = venue()
    exchange.submit(order(size="10", price="3000.01"))
    with pytest.raises(Refused):
        exchange.submit(order(size="0.001"))
    kinds = [e.kind for e in journal.events() if e.kind in ("arrival", "order", "refused")]
    assert kinds[0] == "arrival"
    assert kinds[-2:] == ["arrival", "refused"]
    arrivals = [e.values() for e in journal.events() if e.kind == "arrival"]
    assert arrivals[0]["account"] == "me"
    assert [data["ask_price"] for data in arrivals] == [D("3000.01"), D("3000.02")]


def test_numbers_are_written_one_way_whatever_digits_were_sent(venue):
    accepted = venue().submit(order(size="5E-1", price="3.0E+3"))
    assert (str(accepted.size), str(accepted.limit_price)) == ("0.50", "3000.00")


def test_client_order_ids_are_unique_among_open_orders_only(venue):
    exchange = venue()
    first = exchange.submit(order(client_order_id="7"))
    with pytest.raises(Refused, match="client order id is in use"):
        exchange.submit(order(client_order_id="7"))
    exchange.submit(order(client_order_id="7", account="you"))
    exchange.cancel("me", client_order_id="7")
    second = exchange.submit(order(client_order_id="7"))
    assert exchange.order("me", client_order_id="7").order_id == second.order_id
    assert exchange.order("me", order_id=first.order_id).status is Status.CANCELLED
    assert exchange.order("you", order_id=first.order_id) is None


def test_cancel(venue, journal):
    exchange = venue()
    sent = exchange.submit(order())
    with pytest.raises(Refused, match="no such order"):
        exchange.cancel("you", order_id=sent.order_id)
    cancelled = exchange.cancel("me", order_id=sent.order_id)
    assert (cancelled.status, cancelled.reason) == (Status.CANCELLED, Reason.BY_CLIENT)
    assert exchange.quote(PERP).bid_price == D("2999.99")
    with pytest.raises(Refused, match="order has ended"):
        exchange.cancel("me", order_id=sent.order_id)
    with pytest.raises(Refused, match="unknown account"):
        exchange.cancel("nobody", order_id=sent.order_id)
    with pytest.raises(Refused, match="no such order"):
        exchange.cancel("me")
    refused = [e.refused for e in journal.events() if e.kind == "cancel"]
    assert refused == [Reason.UNKNOWN_ORDER, None, Reason.ORDER_IS_FINAL, Reason.UNKNOWN_ORDER]


def test_cancel_of_a_part_filled_order_leaves_those_behind_it(venue):
    exchange = venue()
    sent = exchange.submit(order(size="2"))
    exchange.submit(order(size="1", account="you"))
    exchange.submit(order("sell", size="1.5", price="3000.00", account="you", tif="IOC"))
    assert exchange.depth(PERP, 1)[0][0].size == D("1.5")
    assert exchange.cancel("me", order_id=sent.order_id).filled == D("1.5")
    assert exchange.depth(PERP, 1)[0][0].size == 1


def test_cancel_all_takes_the_named_instruments_of_one_account(venue):
    exchange = venue()
    for price in ("2999.00", "2998.00"):
        exchange.submit(order(price=price))
    exchange.submit(order(price="2999.00", account="you"))
    assert exchange.cancel_all("me", ["BTC_USDT_Perp"]) == 0
    assert exchange.cancel_all("me", [PERP]) == 2
    assert exchange.cancel_all("me") == 0
    assert len(exchange.open_orders("you")) == 1


@pytest.mark.parametrize(
    ("policy", "taker", "maker"),
    [
        (SelfTrade.CANCEL_TAKER, (Status.CANCELLED, Reason.SELF_TRADE, D(1)), (Status.OPEN, None)),
        (
            SelfTrade.CANCEL_MAKER,
            (Status.FILLED, None, D(2)),
            (Status.CANCELLED, Reason.SELF_TRADE),
        ),
        (
            SelfTrade.CANCEL_BOTH,
            (Status.CANCELLED, Reason.SELF_TRADE, D(1)),
            (Status.CANCELLED, Reason.SELF_TRADE),
        ),
    ],
)
def test_an_order_never_trades_with_one_of_its_own_account(venue, policy, taker, maker):
    exchange = venue(self_trade=policy)
    exchange.submit(order(size="1", account="you"))
    own = exchange.submit(order(size="1"))
    now = outcome(exchange, order("sell", size="2", price="2999.99"))
    assert (now.status, now.reason, now.filled) == taker
    resting = exchange.order("me", order_id=own.order_id)
    assert (resting.status, resting.reason) == maker


def test_expiry_ends_what_rests_and_says_so(venue):
    clock = ManualClock(10**18)
    exchange = venue(clock=clock)
    seen: list = []
    sent = exchange.submit(order(expires_ns=10**18 + 5))
    exchange.submit(order(price="2999.00", expires_ns=10**18 + 9))
    exchange.listeners.append(seen.append)
    clock.advance(5e-9)
    exchange.step()
    assert [type(event) for event in seen] == [OrderChanged, BookChanged]
    assert (seen[0].order.order_id, seen[0].order.reason) == (sent.order_id, Reason.EXPIRED)
    assert len(exchange.open_orders("me")) == 1


def test_rejected_by_the_scenario_after_it_was_accepted(venue):
    exchange = venue()
    accepted = exchange.submit(order(), reject=Reason.BY_SCENARIO)
    assert accepted.status is Status.PENDING
    now = exchange.order("me", order_id=accepted.order_id)
    assert (now.status, now.reason) == (Status.REJECTED, Reason.BY_SCENARIO)
    assert exchange.quote(PERP).bid_price == D("2999.99")


def test_a_reduce_only_order_behind_others_of_its_account_gets_only_what_they_leave(venue):
    exchange = venue()
    exchange.submit(order(size="1", price="3000.01"))
    first = exchange.submit(order("sell", size="0.75", price="3000.00"))
    second = exchange.submit(order("sell", size="0.5", price="3000.00", reduce_only=True))
    whole = outcome(exchange, order(size="1.25", price="3000.00", account="you", tif="FOK"))
    assert (whole.status, whole.reason) == (Status.CANCELLED, Reason.FOK_UNFILLABLE)
    taken = outcome(exchange, order(size="1.25", price="3000.00", account="you", tif="IOC"))
    assert taken.filled == 1
    assert exchange.position("me", PERP).size == 0
    assert exchange.order("me", order_id=first.order_id).status is Status.FILLED
    left = exchange.order("me", order_id=second.order_id)
    assert (left.status, left.reason, left.filled) == (
        Status.CANCELLED,
        Reason.REDUCE_ONLY_LIMIT,
        D("0.25"),
    )


def test_reduce_only_that_closes_more_than_there_is_closes_what_there_is(venue):
    exchange = venue()
    exchange.submit(order(size="1", price=None))
    with pytest.raises(Refused, match="would increase"):
        exchange.submit(order(price=None, reduce_only=True))
    with pytest.raises(Refused, match="exceed the position"):
        exchange.submit(order("sell", size="2", price="3001.00", reduce_only=True))
    resting = exchange.submit(order("sell", size="0.75", price="3001.00", reduce_only=True))
    with pytest.raises(Refused, match="exceed the position"):
        exchange.submit(order("sell", size="0.5", price="3001.00", reduce_only=True))
    exchange.submit(order("sell", size="0.25", price="3001.00", reduce_only=True))
    exchange.cancel("me", order_id=resting.order_id)
    now = outcome(exchange, order("sell", size="2", price=None, reduce_only=True))
    assert (now.status, now.reason, now.filled) == (Status.CANCELLED, Reason.REDUCE_ONLY_LIMIT, 1)
    assert exchange.positions("me") == []


def test_memory_is_bounded(venue):
    exchange = venue()
    for number in range(HISTORY + 10):
        sent = exchange.submit(order(size="0.01", client_order_id=str(number), expires_ns=2 * 10**18))
        exchange.cancel("me", order_id=sent.order_id)
    history = exchange.order_history("me")
    assert (len(history), history[0].order_id) == (HISTORY, sent.order_id)
    assert exchange.order("me", client_order_id="9") is None
    assert exchange.order("me", client_order_id="10") is not None
    for _ in range(MAX_OPEN_ORDERS):
        exchange.submit(order(size="0.01", price="2000.00"))
    with pytest.raises(Refused, match="too many open orders"):
        exchange.submit(order(size="0.01", price="2000.00"))


def test_accounts_are_opened_once(venue):
    exchange = venue()
    for name in ("me", ORDER_FLOW):
        with pytest.raises(ValueError, match="already"):
            exchange.open_account(name, D(1))
    with pytest.raises(KeyError):
        exchange.quote("DOGE_USDT_Perp")
