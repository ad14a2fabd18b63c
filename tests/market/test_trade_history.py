"""Trades, candles and the day, against sums over the plain list of trades."""

from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from probes.market.order import Fill, Side
from probes.market.trade_history import MINUTE_NS, TRADES, TradeHistory

START = 1_700_000_000 * 10**9 // MINUTE_NS * MINUTE_NS


def trade(at: int, price: int = 100, size: int = 1, side: Side = Side.BUY) -> Fill:
    return Fill("1-1", "", "", "me", "ETH", side, D(price), D(size), D(0), True, at)


trades = st.lists(
    st.tuples(st.integers(0, 3 * 24 * 60 * 2), st.integers(1, 9), st.integers(1, 9), st.sampled_from(Side)),
    min_size=1,
    max_size=40,
)


@given(trades, st.integers(0, 3 * 24 * 60))
def test_the_day_is_what_the_trades_of_the_last_24_hours_add_up_to(found, later):
    history, known = TradeHistory(), []
    for half_minutes, price, size, side in sorted(found, key=lambda one: one[0]):
        known.append(trade(START + half_minutes * MINUTE_NS // 2, price, size, side))
        history.record(known[-1])
    now = known[-1].utc_ns + later * MINUTE_NS
    day = history.day(now)
    sure = [t for t in known if t.utc_ns > now - 1_439 * MINUTE_NS]
    may = [t for t in known if t.utc_ns >= now - 1_442 * MINUTE_NS]
    if day is None:
        assert not sure
        return
    assert sum(t.size for t in sure) <= day.volume <= sum(t.size for t in may)
    assert len(sure) <= day.trades <= len(may)
    if sure == may:
        assert (day.open, day.close) == (sure[0].price, sure[-1].price)
        assert (day.high, day.low) == (max(t.price for t in sure), min(t.price for t in sure))
        assert day.notional == sum(t.price * t.size for t in sure)
        assert day.buy_volume == sum(t.size for t in sure if t.side is Side.BUY)
        assert day.buy_notional == sum(t.size * t.price for t in sure if t.side is Side.BUY)


def test_candles_of_more_minutes_are_made_of_those_of_one():
    history = TradeHistory()
    start = START // (5 * MINUTE_NS) * 5 * MINUTE_NS
    for minute, price in ((0, 10), (0, 12), (1, 8), (4, 9), (5, 20), (11, 1)):
        history.record(trade(start + minute * MINUTE_NS + 1, price))
    fives = history.candles(5, 10)
    assert [((c.open_ns - start) // MINUTE_NS, c.trades) for c in fives] == [(10, 1), (5, 1), (0, 4)]
    last = fives[-1]
    assert (last.open, last.high, last.low, last.close, last.volume) == (10, 12, 8, 9, 4)
    assert history.candles(5, 1) == fives[:1]
    assert len(history.candles(1, 10)) == 5


def test_memory_is_bounded():
    history = TradeHistory()
    for minute in range(1_500):
        history.record(trade(START + minute * MINUTE_NS))
    assert len(history.trades) == TRADES
    assert len(history.candles(1, 10_000)) == 1_440
    assert history.candles(1, 10_000)[-1].open_ns == START + 60 * MINUTE_NS
    day = history.day(START + 1_500 * MINUTE_NS)
    assert day is not None
    assert 1_439 <= day.trades <= 1_440
    assert history.day(START + 10_000 * MINUTE_NS) is None
