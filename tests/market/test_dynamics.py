"""The order flow: how the book moves in each kind of market, the same way for the same seed."""

from decimal import Decimal as D
from pathlib import Path

import pytest

from diag.record import Journal
from probes.market.clock import SystemClock
from probes.market.dynamics import Dynamics, Kind
from probes.market.events import BookChanged, Traded
from probes.market.exchange import Exchange, Refused
from probes.market.ledger import Ledger
from probes.market.order import Reason, Side, Status
from tests.market.conftest import ETH
from tests.market.orders import PERP, order, outcome


def touch(exchange: Exchange) -> tuple[D | None, D | None]:
    quote = exchange.quote(PERP)
    return quote.bid_price, quote.ask_price


def test_a_static_book_without_takers_never_changes(venue):
    exchange = venue()
    before, seen = exchange.depth(PERP, 50), []
    sent = exchange.submit(order())
    exchange.listeners.append(seen.append)
    for _ in range(500):
        exchange.step()
    assert seen == []
    assert exchange.order("me", order_id=sent.order_id).status is Status.OPEN
    exchange.cancel_all("me")
    assert exchange.depth(PERP, 50) == before


def test_takers_fill_an_order_that_rests_inside_the_touch(venue):
    exchange = venue(taker_every=3, taker_size=D("0.2"))
    sent = exchange.submit(order())
    sizes = []
    for _ in range(100):
        exchange.step()
        sizes.append(exchange.order("me", order_id=sent.order_id).filled)
    assert sizes[0] == 0
    assert sorted(set(sizes)) == [0, D("0.2"), D("0.4"), D("0.5")]  # in parts, and whole in the end
    assert all(not fill.is_taker and fill.price == 3000 for fill in exchange.fills("me"))


def test_takers_serve_those_at_the_touch_in_the_order_of_their_coming(venue):
    exchange = venue(taker_every=1, taker_size=D(1))
    sent = exchange.submit(order(price="2999.99"))  # behind the ten of the order flow
    trades = 0
    while exchange.order("me", order_id=sent.order_id).filled == 0:
        exchange.step()
        trades += 1
        assert trades < 100
    sold = {t.fill_id.partition("-")[0] for t in exchange.trades(PERP, 100) if t.side is Side.SELL}
    assert len(sold) == 11  # ten went to the order flow, which came first; what it filled up came later


def test_what_was_taken_comes_back_at_the_next_due_step(venue):
    exchange = venue(refill_every=3)
    before = exchange.depth(PERP, 50)[1]
    exchange.submit(order(size="15", price=None))
    taken = exchange.depth(PERP, 50)[1]
    assert (taken[0].price, taken[0].size, len(taken)) == (D("3000.02"), 5, 9)
    for _ in range(2):
        exchange.step()
        assert exchange.depth(PERP, 50)[1] == taken
    exchange.step()
    after = exchange.depth(PERP, 50)[1]
    assert [(level.price, level.size) for level in after] == [(level.price, level.size) for level in before]
    assert [level.orders for level in after[:3]] == [1, 2, 1]  # what was left keeps its place


def test_an_order_where_the_order_flow_wants_to_quote_is_filled_bit_by_bit_not_traded_through(venue):
    exchange = venue()
    sent = exchange.submit(order("sell", size="35", price="2999.99"))  # ten at once
    filled = []
    for _ in range(3):
        filled.append(exchange.order("me", order_id=sent.order_id).filled)
        assert touch(exchange) == (D("2999.98"), D("2999.99"))
        exchange.step()
    assert filled == [10, 20, 30]
    assert exchange.order("me", order_id=sent.order_id).status is Status.FILLED
    assert (touch(exchange), exchange.quote(PERP).bid_size) == ((D("2999.99"), D("3000.01")), 5)


def test_a_trend_rises_by_its_step_and_fills_what_it_passes(venue):
    exchange = venue("trending", step_ticks=2)
    sent = exchange.submit(order("sell", price="3000.09"))
    for number in range(1, 11):
        exchange.step()
        assert exchange.mark(PERP) == 3000 + number * D("0.02")
        bids, asks = exchange.depth(PERP, 50)
        assert bids[0].price < asks[0].price
        assert sum(level.size for level in bids + asks) in (D("200.5"), D("199.5"), D(200))
    assert exchange.order("me", order_id=sent.order_id).status is Status.FILLED
    assert [fill.price for fill in exchange.fills("me")] == [D("3000.09")]


def test_a_random_walk_goes_both_ways_keeps_its_shape_and_never_leaves_the_ground(venue):
    exchange = venue("random_walk", step_ticks=40, mid=D("0.5"))
    moves = set()
    for _ in range(400):
        before = exchange.mark(PERP)
        exchange.step()
        moves.add((exchange.mark(PERP) - before) / ETH.tick_size)
        bids, asks = exchange.depth(PERP, 50)
        assert (len(bids), len(asks)) == (10, 10)
        assert {level.size for level in bids + asks} == {10}
        assert asks[0].price - bids[0].price == 2 * ETH.tick_size
        assert bids[-1].price > 0
    assert min(moves) < -20
    assert max(moves) > 20
    assert max(map(abs, moves)) <= 40


def test_a_one_sided_market_has_no_asks_until_somebody_offers(venue):
    exchange = venue("one_sided", taker_every=1)
    assert touch(exchange) == (D("2999.99"), None)
    assert exchange.quote(PERP).mid is None
    nothing = outcome(exchange, order(price=None))
    assert (nothing.status, nothing.reason) == (Status.CANCELLED, Reason.NO_LIQUIDITY)
    sent = exchange.submit(order("sell", price="3000.00"))
    for _ in range(50):
        exchange.step()
    assert exchange.order("me", order_id=sent.order_id).status is Status.FILLED
    assert touch(exchange) == (D("2999.99"), None)


def test_a_halted_market_stands_still_refuses_orders_and_lets_cancel(venue):
    exchange = venue("halted", halted_after=2, taker_every=1)
    sent = exchange.submit(order(price="2990.00"))
    assert not exchange.is_halted(PERP)
    for _ in range(2):
        exchange.step()
    assert exchange.is_halted(PERP)
    before = exchange.depth(PERP, 50)
    trades = exchange.trades(PERP, 9)
    for _ in range(9):
        exchange.step()
    assert exchange.depth(PERP, 50) == before
    assert exchange.trades(PERP, 9) == trades
    assert len(trades) == 2
    with pytest.raises(Refused, match="trading is halted"):
        exchange.submit(order())
    assert exchange.cancel("me", order_id=sent.order_id).status is Status.CANCELLED


def test_the_book_tells_of_a_change_once_a_step(venue):
    exchange = venue("trending", taker_every=1)
    exchange.quote(PERP)
    seen: list = []
    exchange.listeners.append(seen.append)
    exchange.step()
    assert [type(event) for event in seen] == [Traded, BookChanged]


def run(folder: Path, seed: int, kind: Kind) -> list[tuple[int, str, object]]:
    with Journal(folder) as journal:
        ledger = Ledger(journal, "sim")
        exchange = Exchange([ETH], Dynamics(kind, spread_ticks=4), seed, ledger, SystemClock())
        exchange.open_account("me", D(100_000))
        for number in range(60):
            quote = exchange.quote(PERP)
            exchange.ledger.quote(quote, via="ticker")
            assert quote.ask_price is not None
            side, price = ("buy", quote.ask_price) if number % 3 else ("sell", quote.bid_price)
            price += (number % 4) * ETH.tick_size * (-1 if side == "buy" else 1)
            exchange.submit(order(side, size="0.4", price=str(price)))
            exchange.step()
            if number % 10 == 9:
                exchange.cancel_all("me")
        return [(event.seq, event.kind, event.values()) for event in journal.events()]


@pytest.mark.parametrize("kind", [Kind.STATIC, Kind.RANDOM_WALK])
def test_same_seed_same_rows_another_seed_others(tmp_path, kind):
    first = run(tmp_path / "1", 7, kind)
    assert first == run(tmp_path / "2", 7, kind)
    assert first != run(tmp_path / "3", 8, kind)
    kinds = {kind for _, kind, _ in first}
    assert kinds == {"quote", "arrival", "order", "trade", "fill", "position", "cancel"}


def test_instruments_begin_where_their_base_currency_does_and_stay_on_their_grid(tmp_path):
    from dataclasses import replace

    coarse = replace(
        ETH, name="BTC_USDT_Perp", base="BTC", tick_size=D("0.5"), min_size=D("2"), size_step=D("0.002")
    )
    with Journal(tmp_path / "run") as journal:
        exchange = Exchange(
            [ETH, coarse], Dynamics(level_size=D("1.0009")), 1, Ledger(journal, "sim"), SystemClock()
        )
        assert (exchange.mark(PERP), exchange.mark("BTC_USDT_Perp")) == (3000, 60_000)
        assert exchange.quote("BTC_USDT_Perp").bid_size == 2
        assert exchange.quote(PERP).bid_size == 1
        assert exchange.quote("BTC_USDT_Perp").bid_price == D("59997.5")


def test_wrong_numbers_are_all_named_at_once():
    with pytest.raises(
        ValueError, match="mid must be positive; levels must be positive; taker_every must not"
    ):
        Dynamics(mid=D(0), levels=0, taker_every=-1)
    with pytest.raises(ValueError, match=r"^mids\.X must be positive; levels must be at most 1000$"):
        Dynamics(mids={"X": D(-1)}, levels=1001)
