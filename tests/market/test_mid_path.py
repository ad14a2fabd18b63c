"""Two venues can trade the same underlying: one path of the mid, and each its own basis to it."""

from collections.abc import Callable
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.market.basis import Basis, MeanRevertingBasis, OscillatingBasis, StaticBasis
from probes.market.dynamics import Dynamics, Kind
from probes.market.events import BookChanged, MarketEvent
from probes.market.exchange import Exchange
from probes.market.ledger import Ledger
from probes.market.mid_path import MidPath
from tests.market.clocks import ManualClock
from tests.market.conftest import ETH
from tests.market.orders import PERP, order

WALK = Dynamics(Kind.RANDOM_WALK, step_ticks=500, taker_every=0)
STILL = Dynamics(taker_every=0)


def path(dynamics: Dynamics = WALK, seed: int = 1) -> MidPath:
    return MidPath(dynamics, "ETH", D("0.01"), seed)


@pytest.fixture
def on(journal) -> Callable[..., Exchange]:
    """Makes an exchange that trades ETH on a given path."""

    def make(
        shared: MidPath, basis: Basis | None = None, seed: int = 1, dynamics: Dynamics = STILL
    ) -> Exchange:
        of_instrument = None if basis is None else lambda _: basis
        clock = ManualClock(10**18)
        made = Exchange(
            [ETH], dynamics, seed, Ledger(journal, "sim"), clock, paths={"ETH": shared}, basis=of_instrument
        )
        made.open_account("me", D(1_000_000))
        return made

    return make


def test_two_exchanges_follow_one_path_whoever_steps_it(on):
    shared = path()
    one, two = on(shared), on(shared, StaticBasis(D(10)), seed=2)
    two.quote(PERP)
    seen: list[MarketEvent] = []
    two.listeners.append(seen.append)
    mids = set()
    for number in range(60):
        (one if number % 2 else two).step()
        mids.add(one.mark(PERP))
        assert one.mark(PERP) == shared.mid
        assert 0 <= shared.mid * D("1.001") - two.mark(PERP) < ETH.tick_size
        quote = two.quote(PERP)
        assert quote.bid_price < two.mark(PERP) < quote.ask_price
    assert len(mids) > 50
    assert seen.count(BookChanged(PERP)) == len(seen) > 50  # also of the steps that `one` made


def test_a_venue_that_is_looked_at_late_stands_where_the_path_is(on):
    shared = path()
    one, two = on(shared), on(shared)
    one.quote(PERP)
    for _ in range(20):
        one.step()
    assert shared.mid != 3000
    assert two.quote(PERP).mid == two.mark(PERP) == shared.mid


def test_a_resting_order_is_met_as_the_other_venue_moves_the_path(on):
    shared = path(Dynamics(Kind.TRENDING, step_ticks=1))
    one, two = on(shared), on(shared)
    sent = two.submit(order("sell", price="3000.02"))
    for _ in range(20):
        one.quote(PERP)
        one.step()
    assert two.order("me", order_id=sent.order_id).status.value == "filled"


def test_the_index_is_the_path_and_the_mark_the_venues_own(on):
    venue = on(path(), StaticBasis(D(-25)))
    stats = venue.statistics(PERP)
    assert (stats.index_price, stats.mark_price) == (3000, D("2992.50"))


def test_a_halted_venue_stands_while_the_path_goes_on(on):
    shared = path()
    halted = on(shared, dynamics=Dynamics(Kind.HALTED))
    other = on(shared)
    before = halted.quote(PERP)
    for _ in range(20):
        other.quote(PERP)
        other.step()
    assert shared.mid != 3000
    assert halted.quote(PERP) == before


def test_the_path_depends_on_its_seed_and_steps_alone(on):
    def walked(seed: int, *others: int) -> list[D]:
        shared = path(seed=seed)
        venues = [on(shared, seed=other) for other in others]
        for venue in venues:
            venue.quote(PERP)
        mids = []
        for number in range(30):
            venues[number % len(venues)].step()
            mids.append(shared.mid)
        return mids

    assert walked(1, 5) == walked(1, 6, 7)
    assert walked(1, 5) != walked(2, 5)


def test_an_oscillating_basis_swings_and_comes_back():
    basis = OscillatingBasis(D(2), D(10), 8)
    first, again = [basis.next_bps() for _ in range(8)], [basis.next_bps() for _ in range(8)]
    assert first == again
    assert (first[0], first[2], first[4], first[6]) == (2, 12, 2, -8)
    with pytest.raises(ValueError, match="period_steps must be positive"):
        OscillatingBasis(D(0), D(1), 0)


@given(st.integers(0, 1000), st.integers(1, 10), st.integers(0, 20), st.integers(-50, 50))
def test_a_mean_reverting_basis_stays_near_its_mean(seed, tenths, noise, mean):
    reversion = D(tenths) / 10
    one = MeanRevertingBasis(D(mean), reversion, D(noise), seed)
    two = MeanRevertingBasis(D(mean), reversion, D(noise), seed)
    drawn = [one.next_bps() for _ in range(200)]
    assert drawn == [two.next_bps() for _ in range(200)]
    assert drawn[0] == mean
    assert all(abs(each - mean) <= noise / reversion + D("0.01") for each in drawn)
    if noise:
        assert len(set(drawn)) > 100
        assert min(drawn) < mean < max(drawn)


def test_a_mean_reverting_basis_is_drawn_from_its_own_seed():
    one, two = (MeanRevertingBasis(D(0), D("0.2"), D(5), seed) for seed in (1, 2))
    assert [one.next_bps() for _ in range(9)] != [two.next_bps() for _ in range(9)]
    with pytest.raises(ValueError, match="reversion must be above 0 and at most 1"):
        MeanRevertingBasis(D(0), D(0), D(5), 1)


@pytest.mark.parametrize(
    "basis", [OscillatingBasis(D(0), D(30), 12), MeanRevertingBasis(D(0), D("0.1"), D(9), 3)]
)
def test_a_moving_basis_moves_the_venue_on_a_path_that_stands(on, basis):
    shared = path(STILL)
    venue, other = on(shared, basis), on(shared)
    other.quote(PERP)
    marks = set()
    for _ in range(24):
        venue.quote(PERP)
        other.step()
        marks.add(venue.mark(PERP))
        assert venue.quote(PERP).bid_price < venue.quote(PERP).ask_price
    assert len(marks) > 6
    assert other.mark(PERP) == 3000
