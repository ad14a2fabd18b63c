"""Rows of the ledger, read back from the record."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.record import Event, Journal
from probes.market.account import Position
from probes.market.ledger import Ledger
from probes.market.order import Fill, Order, Quote, Reason, Side, Status, TimeInForce

NASTY = 'a"\\\n\u2028\ud800'


@pytest.mark.slow
@given(
    text=st.text() | st.just(NASTY),
    number=st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**9), max_value=10**9),
    price=st.none() | st.just(D("0E-9")),
    side=st.sampled_from(Side),
    flag=st.booleans(),
    reason=st.none() | st.sampled_from(Reason),
)
def test_every_row_says_what_it_was_given(tmp_path_factory, text, number, price, side, flag, reason):
    order = Order(
        text,
        text,
        text,
        text,
        side,
        number,
        price,
        TimeInForce.ALL_OR_NONE,
        flag,
        not flag,
        None,
        Status.OPEN,
        reason,
        number,
        number,
    )
    fill = Fill(text, text, text, text, text, side, number, number, number, flag, 1, number, number)
    quote = Quote(text, price, number, None, number, 1)
    position = Position(text, text, number, price, None, number, number, number, number)
    with Journal(tmp_path_factory.mktemp("run") / "r") as journal:
        ledger = Ledger(journal, "sim")
        seqs = [
            ledger.request(text, account=None, data={"a": [text, None, number]}),
            ledger.response(1, 200),
            ledger.quote(quote, via=text),
            ledger.arrival(order, quote),
            ledger.order(order),
            ledger.refused(order, Reason.MARGIN),
            ledger.trade(fill),
            ledger.fill(fill),
            ledger.cancel(text, order, reason),
            ledger.cancel(text, None),
            ledger.position(position),
            ledger.fault(text, request=1),
        ]
        rows = list(journal.events())
    assert [row.seq for row in rows] == seqs == list(range(1, len(seqs) + 1))
    plain, shown = number, price
    of_quote = {
        "instrument": text,
        "bid_price": shown,
        "bid_size": plain,
        "ask_price": None,
        "ask_size": plain,
    }
    of_order = {
        "order_id": text,
        "client_order_id": text,
        "account": text,
        "instrument": text,
        "side": side,
        "size": plain,
        "limit_price": shown,
        "time_in_force": "AON",
        "post_only": flag,
        "reduce_only": not flag,
        "filled": plain,
        "filled_notional": plain,
    }
    assert {row.values().pop("venue") for row in rows} == {"sim"}
    assert [(row.kind, _without_venue(row)) for row in rows] == [
        (
            "request",
            {
                "endpoint": text,
                "operation": None,
                "account": None,
                "data": {"a": [text, None, format(number, "f")]},
                "order": None,
                "feed": None,
            },
        ),
        (
            "response",
            {
                "request": 1,
                "status": 200,
                "code": None,
                "origin": None,
                "meaning": None,
                "retry_after_s": None,
            },
        ),
        ("quote", {"via": text, **of_quote}),
        ("arrival", {"client_order_id": text, "account": text, **of_quote}),
        ("order", {**of_order, "status": "open", "reason": reason}),
        ("refused", {**of_order, "reason": "not enough margin"}),
        (
            "trade",
            {
                "trade_id": text,
                "instrument": text,
                "side": side,
                "price": plain,
                "size": plain,
            },
        ),
        (
            "fill",
            {
                "fill_id": text,
                "order_id": text,
                "client_order_id": text,
                "account": text,
                "instrument": text,
                "side": side,
                "price": plain,
                "size": plain,
                "fee": plain,
                "realized_pnl": plain,
                "is_taker": flag,
            },
        ),
        (
            "cancel",
            {"account": text, "instrument": text, "order_id": text, "refused": reason},
        ),
        ("cancel", {"account": text, "instrument": None, "order_id": None, "refused": None}),
        (
            "position",
            {
                "account": text,
                "instrument": text,
                "size": plain,
                "entry_price": shown,
                "realized_pnl": plain,
                "fees": plain,
            },
        ),
        (
            "fault",
            {
                "account": None,
                "name": text,
                "request": 1,
                "stream": None,
                "selector": None,
                "is_delta": False,
            },
        ),
    ]


def _without_venue(row: Event) -> dict[str, object]:
    return {name: value for name, value in row.values().items() if name != "venue"}
