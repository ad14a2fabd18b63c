"""Single orders against the exchange: what happens to each kind, and what the venue refuses."""

from decimal import Decimal as D

import pytest

from probes.market.events import BookChanged, Filled, OrderChanged, PositionChanged, Traded
from probes.market.exchange import Exchange, Refused
from probes.market.order import Order, Reason, Side, Status, TimeInForce

PERP = "ETH_USDT_Perp"


def order(side="buy", size="0.5", price: str | None = "3000.00", account="me", tif="GTT", **more) -> Order:
    limit = None if price is None else D(price)
    return Order(
        "",
        more.pop("client_order_id", ""),
        account,
        PERP,
        Side(side),
        D(size),
        limit,
        TimeInForce(tif),
        **more,
    )


def outcome(exchange: Exchange, sent: Order) -> Order:
    """Submit, and see what became of it."""
    accepted = exchange.submit(sent)
    assert accepted.status is Status.PENDING
    now = exchange.order(sent.account, order_id=accepted.order_id)
    assert now is not None
    return now


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
    assert [event.order.status for event in seen if isinstance(event, OrderChanged)] == [
        Status.PENDING,
        Status.FILLED,
    ]


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
    assert [e.data["reason"] for e in journal.events() if e.kind != "arrival"] == [reason]


def test_every_order_arrives_at_a_book_that_the_ledger_shows(venue, journal):
    exchange = venue()
    exchange.submit(order(size="10", price="3000.01"))
    with pytest.raises(Refused):
        exchange.submit(order(size="0.001"))
    kinds = [e.kind for e in journal.events() if e.kind in ("arrival", "order", "refused")]
    assert kinds[0] == "arrival"
    assert kinds[-2:] == ["arrival", "refused"]
    arrivals = [e.data for e in journal.events() if e.kind == "arrival"]
    assert arrivals[0]["account"] == "me"
    assert [data["ask_price"] for data in arrivals] == ["3000.01", "3000.02"]
