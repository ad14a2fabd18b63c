"""The measures: percentiles, quoted and effective spread, slippage; always as a price and in bps.

| measure | definition | source |
|---|---|---|
| percentile | nearest rank: the smallest sample that at least p % of the samples do not exceed | Hyndman and Fan, *Sample Quantiles in Statistical Packages* (1996), type 1: always a sample that was seen |
| mid | (bid + ask) / 2 | |
| quoted spread | ask - bid; in bps of the mid | SEC Regulation NMS, 17 CFR 242.600(b), "average quoted spread" |
| effective spread | twice the distance of the fill from the mid at which its order arrived; in bps of that mid | 17 CFR 242.600(b), "average effective spread", weighted by size |
| slippage | signed distance of the average fill from the mid when the decision was made, positive when it cost; in bps of that mid | Perold, *The Implementation Shortfall* (1988) |
"""  # noqa: E501

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from diag.record.trading import Side

Sample = TypeVar("Sample", int, Decimal)

BPS = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance between prices: in quote units, and in bps of the mid it is measured against."""

    price: Decimal
    bps: Decimal

    def __str__(self) -> str:
        return f"{in_bps(self.bps)} ({plain(self.price)})"


def percentile(samples: Sequence[Sample], percent: int) -> Sample:
    """The nearest-rank percentile of samples that are sorted already; raises ValueError if there are none."""
    if not samples:
        raise ValueError("no samples")
    return samples[max(0, math.ceil(len(samples) * percent / 100) - 1)]


def quoted_spread(bid: Decimal, ask: Decimal) -> Distance:
    """Ask - bid; negative when the quote is crossed."""
    return _of(ask - bid, (bid + ask) / 2)


def effective_spread(fills: Sequence[tuple[Decimal, Decimal, Decimal]]) -> Distance:
    """Of fills, each as (price, size, mid at which its order arrived); raises ValueError without fills."""
    total = sum((size for _, size, _ in fills), Decimal(0))
    if not total:
        raise ValueError("no fills")
    price = sum((2 * abs(price - mid) * size for price, size, mid in fills), Decimal(0)) / total
    bps = sum((2 * abs(price - mid) / mid * size for price, size, mid in fills), Decimal(0)) / total * BPS
    return Distance(price, bps)


def slippage(side: Side, average_price: Decimal, arrival_mid: Decimal) -> Distance:
    """Of an order that was filled at this average; negative when it was better than the arrival mid."""
    signed = average_price - arrival_mid
    return _of(signed if side is Side.BUY else -signed, arrival_mid)


def _of(price: Decimal, mid: Decimal) -> Distance:
    return Distance(price, price / mid * BPS)


def plain(value: Decimal) -> str:
    """A price or size without exponent and without idle zeros, at most nine decimals."""
    text = f"{value:.9f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def in_bps(value: Decimal) -> str:
    """As in `0.17 bps`; three decimals where two would show nothing."""
    return f"{value:.3f} bps" if 0 < abs(value) < Decimal("0.1") else f"{value:.2f} bps"


def in_ms(nanoseconds: int) -> str:
    """As in `1.24 ms`."""
    return f"{nanoseconds / 1e6:.2f} ms"
