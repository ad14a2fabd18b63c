"""Where the price of an underlying goes, step by step: one path, which several markets may trade.

Two venues that are given the same path see the same moves; each adds its own basis (`probes.market.basis`).
"""

from collections.abc import Callable
from decimal import Decimal
from math import floor
from random import Random

from probes.market.dynamics import Dynamics, Kind


class MidPath:
    """The mid of one underlying in quote units, a multiple of `unit`. Same seed and steps: same path.

    Whoever runs a market that trades it steps it; every market on it follows each step at once.
    """

    def __init__(self, dynamics: Dynamics, base: str, unit: Decimal, seed: int, *, lowest: int = 1) -> None:
        """Begin where `dynamics` say for this base currency; `lowest` is in units."""
        self._kind = dynamics.kind
        self._most = dynamics.step_ticks
        self._unit = unit
        self._lowest = lowest
        self._units = max(int(dynamics.mid_of(base) / unit), lowest)
        self._random = Random(f"{seed}:{base}:mid").random
        self._followers: list[Callable[[], None]] = []
        self._always: list[Callable[[], None]] = []
        self.mid = unit * self._units

    def follow(self, stepped: Callable[[], None], *, always: bool) -> None:
        """Call `stepped` after each step from now on, or only after those that move the mid."""
        self._followers.append(stepped)
        if always:
            self._always.append(stepped)

    def step(self) -> None:
        """Move on, and let every market on the path follow."""
        if self._kind is Kind.RANDOM_WALK:
            moved = self._units + floor(self._random() * (2 * self._most + 1)) - self._most
            units = max(moved, self._lowest)
        elif self._kind is Kind.TRENDING:
            units = self._units + self._most
        else:
            units = self._units
        followers = self._always
        if units != self._units:
            self._units = units
            self.mid = self._unit * units
            followers = self._followers
        for stepped in followers:
            stepped()
