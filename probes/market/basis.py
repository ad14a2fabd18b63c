"""By how much the price of one venue differs from the path that it shares with others.

A basis is the state of one instrument at one venue: `next_bps` moves it one step of the path on.
"""

import math
from decimal import Decimal
from random import Random
from typing import Protocol

_DIGITS = Decimal("0.0001")  # of a basis point; floats may differ from machine to machine beyond them


class Basis(Protocol):
    """In basis points of the path; negative: the venue is cheaper."""

    def next_bps(self) -> Decimal: ...


class StaticBasis:
    """Always the same."""

    def __init__(self, bps: Decimal) -> None:
        self._bps = bps

    def next_bps(self) -> Decimal:
        return self._bps


class OscillatingBasis:
    """Swings around `mean_bps` by `amplitude_bps` either way, once in `period_steps`; begins at the mean."""

    def __init__(self, mean_bps: Decimal, amplitude_bps: Decimal, period_steps: int) -> None:
        if period_steps < 1:
            raise ValueError("period_steps must be positive")
        swing = (math.sin(2 * math.pi * step / period_steps) for step in range(period_steps))
        self._values = [mean_bps + (amplitude_bps * Decimal(each)).quantize(_DIGITS) for each in swing]
        self._steps = 0

    def next_bps(self) -> Decimal:
        value = self._values[self._steps % len(self._values)]
        self._steps += 1
        return value


class MeanRevertingBasis:
    """Is pushed by up to `noise_bps` either way each step, and drawn back by the share `reversion` of its
    distance from `mean_bps` (an Ornstein-Uhlenbeck process in steps, with even noise); begins at the mean.
    """

    def __init__(self, mean_bps: Decimal, reversion: Decimal, noise_bps: Decimal, seed: int | str) -> None:
        if not 0 < reversion <= 1:
            raise ValueError("reversion must be above 0 and at most 1")
        self._mean = mean_bps
        self._reversion = reversion
        self._noise = noise_bps
        self._random = Random(f"{seed}:basis")
        self._bps = mean_bps

    def next_bps(self) -> Decimal:
        value = self._bps
        push = self._noise * Decimal(self._random.uniform(-1, 1))
        self._bps = (value + self._reversion * (self._mean - value) + push).quantize(_DIGITS)
        return value
