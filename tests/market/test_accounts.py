"""Cash, positions, PnL, fees and margin, with numbers worked out by hand."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.market.account import Holding
from probes.market.exchange import Refused
from probes.market.order import Reason, Side
from tests.market.orders import PERP, order, outcome


def test_a_round_trip_between_two_accounts(venue):
    exchange = venue()
    exchange.submit(order("sell", size="2", price="3000.00", account="you"))
    exchange.submit(order(size="2", price="3000.00"))
    mine, yours = exchange.fills("me")[0], exchange.fills("you")[0]
    assert (mine.is_taker, mine.fee) == (True, D("2.7"))  # 6000 x 4.5 bps
    assert (yours.is_taker, yours.fee) == (False, D("-0.3"))  # a rebate of 0.5 bps
    assert mine.fill_id == yours.fill_id
    exchange.submit(order(size="1", price="2999.00", account="you"))
    exchange.submit(order("sell", size="1", price=None))  # at 2999.99, the bid of the order flow
    position = exchange.position("me", PERP)
    assert (position.size, position.entry_price, position.exit_price) == (1, 3000, D("2999.99"))
    assert (position.realized_pnl, position.unrealized_pnl) == (D("-0.01"), 0)
    assert position.fees == D("2.7") + D("1.3499955")
    assert position.notional == 3000
    summary = exchange.account_summary("me")
    assert summary.cash == 1_000_000 - D("0.01") - position.fees
    assert summary.positions == (position,)
    assert (summary.initial_margin, summary.maintenance_margin) == (150, 75)
    assert summary.available == summary.equity - 150
    assert exchange.statistics(PERP).open_interest == 2


def test_a_position_that_turns_around_begins_anew(venue):
    exchange = venue()
    exchange.submit(order(size="1", price="3000.01"))
    exchange.submit(order("sell", size="3", price="2999.99"))
    position = exchange.position("me", PERP)
    assert (position.size, position.entry_price, position.exit_price) == (-2, D("2999.99"), None)
    assert position.realized_pnl == 0
    assert exchange.fills("me")[0].realized_pnl == D("-0.02")
    assert position.unrealized_pnl == D("-0.02")


def test_margin_is_asked_of_what_adds_to_the_worst_case(venue):
    exchange = venue(level_size=D(1_000))
    exchange.open_account("poor", D(1_500))  # at 5 %, good for 10 ETH
    with pytest.raises(Refused, match="not enough margin"):
        exchange.submit(order(size="10.01", price="3000.00", account="poor"))
    bid = exchange.submit(order(size="9.99", price="3000.00", account="poor"))
    exchange.submit(order("sell", size="9.99", price="3000.01", account="poor"))  # the other side is free
    with pytest.raises(Refused, match="not enough margin"):
        exchange.submit(order(size="0.02", price="3000.00", account="poor"))
    assert exchange.account_summary("poor").initial_margin == D("1498.5")
    exchange.cancel("poor", order_id=bid.order_id)
    exchange.cancel_all("poor")
    assert exchange.account_summary("poor").initial_margin == 0
    assert outcome(exchange, order(size="9.9", price=None, account="poor")).filled == D("9.9")
    with pytest.raises(Refused, match="not enough margin"):
        exchange.submit(order(size="0.1", price="3000.00", account="poor"))
    assert outcome(exchange, order("sell", size="5", price=None, account="poor")).filled == 5


def test_open_orders_count_towards_the_maximum_position(venue):
    exchange = venue()
    exchange.open_account("rich", D(10**9))
    exchange.submit(order(size="600", price="2990.00", account="rich"))
    with pytest.raises(Refused) as refused:
        exchange.submit(order(size="400.01", price="2990.00", account="rich"))
    assert refused.value.reason is Reason.SIZE_TOO_LARGE
    exchange.submit(order(size="400", price="2990.00", account="rich"))


trades = st.tuples(st.sampled_from(Side), st.integers(1, 700), st.integers(1, 10**6))


@given(st.lists(trades, min_size=1, max_size=30))
def test_what_a_position_realises_adds_up_to_what_was_paid_and_received(sequence):
    held, realized, flow, size = Holding(D(500)), D(0), D(0), D(0)
    for side, lots, ticks in sequence:
        amount, price = D(lots) / 10**7, D(ticks) / 10**5
        sign = 1 if side is Side.BUY else -1
        realized += held.trade(side, amount, price, D(0))
        flow -= sign * amount * price
        size += sign * amount
        assert held.size == size
        assert realized - held.cost == flow
        assert size or not held.cost
        if size:
            prices = [D(t) / 10**5 for s, _, t in sequence if (s is Side.BUY) == (size > 0)]
            assert min(prices) - D("1e-2") <= held.cost / size <= max(prices) + D("1e-2")
