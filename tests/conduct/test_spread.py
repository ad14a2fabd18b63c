from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.conduct.spread import (
    effective_spread,
    in_bps,
    percentile,
    plain,
    quoted_spread,
    slippage,
)
from probes.market.order import Side

prices = st.decimals("0.01", 100_000, places=2)
sizes = st.decimals("0.01", 100, places=2)


@given(st.lists(st.integers(0, 10**9), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_smallest_sample_that_so_many_do_not_exceed(
    samples: list[int], percent: int
) -> None:
    samples.sort()
    found = percentile(samples, percent)
    assert found in samples
    covered = [value for value in samples if value <= found]
    below = [value for value in samples if value < found]
    assert len(covered) * 100 >= percent * len(samples)
    assert len(below) * 100 < percent * len(samples)


def test_no_samples_have_no_percentile_and_no_fills_no_spread() -> None:
    with pytest.raises(ValueError):
        percentile([], 50)
    with pytest.raises(ValueError):
        effective_spread([])


def test_two_or_three_cents_are_far_less_than_half_a_basis_point_at_3000() -> None:
    two, three = (
        quoted_spread(Decimal(3000), Decimal(3000) + cents) for cents in map(Decimal, ("0.02", "0.03"))
    )
    assert (in_bps(two.bps), in_bps(three.bps)) == ("0.067 bps", "0.100 bps")


@given(prices, prices)
def test_quoted_spread_is_signed_and_in_bps_of_the_mid(bid: Decimal, ask: Decimal) -> None:
    spread = quoted_spread(bid, ask)
    assert spread.price == ask - bid
    exact = Fraction(ask - bid) / (Fraction(bid + ask) / 2) * 10_000
    assert abs(Fraction(spread.bps) - exact) < Fraction(1, 10**9)


@given(st.lists(st.tuples(prices, sizes, prices), min_size=1, max_size=6))
def test_effective_spread_is_twice_the_distance_weighted_by_size(
    fills: list[tuple[Decimal, Decimal, Decimal]],
) -> None:
    spread = effective_spread(fills)
    total = sum(Fraction(size) for _, size, _ in fills)
    exact = sum(2 * abs(Fraction(p) - Fraction(m)) * Fraction(s) for p, s, m in fills) / total
    assert abs(Fraction(spread.price) - exact) < Fraction(1, 10**9)
    exact = sum(2 * abs(Fraction(p) - Fraction(m)) / Fraction(m) * Fraction(s) for p, s, m in fills) / total
    assert abs(Fraction(spread.bps) - exact * 10_000) < Fraction(1, 10**6)


@given(prices, prices)
def test_slippage_is_a_cost_when_positive_on_either_side(average: Decimal, mid: Decimal) -> None:
    bought, sold = slippage(Side.BUY, average, mid), slippage(Side.SELL, average, mid)
    assert bought.price == average - mid == -sold.price
    assert bought.bps == -sold.bps
    assert (bought.bps > 0) == (average > mid)


@pytest.mark.parametrize(
    ("value", "text"),
    [("0E-9", "0"), ("1E+3", "1000"), ("3000.050", "3000.05"), ("-0.00", "0"), ("0.5", "0.5")],
)
def test_prices_are_shown_plain(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text
