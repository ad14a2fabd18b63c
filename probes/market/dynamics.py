"""How the book of a simulated market moves by itself: the order flow around the orders of the client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What the mid of the market does from step to step."""

    STATIC = "static"
    RANDOM_WALK = "random_walk"
    TRENDING = "trending"
    ONE_SIDED = "one_sided"  # no asks
    HALTED = "halted"  # the book stands, nothing trades, orders are refused


_MIDS = MappingProxyType({"BTC": Decimal(60_000), "SOL": Decimal(150)})
LARGEST = 10**9  # what arithmetic of 28 digits takes, with its ticks and sums


@dataclass(frozen=True, slots=True)
class Dynamics:
    """The numbers of the order flow. Prices count in ticks of the instrument, sizes in base units.

    A step is one protocol event. What is served may be stale, crossed or empty by a fault; the true book
    never is.
    """

    kind: Kind = Kind.STATIC
    mid: Decimal = Decimal(3_000)  # where the market begins, in quote units ...
    mids: Mapping[str, Decimal] = field(default_factory=lambda: _MIDS)  # ... unless its base currency is here
    spread_ticks: int = 10
    levels: int = 20
    level_size: Decimal = Decimal(5)
    step_ticks: int = 2  # how far the mid moves in one step, at most (random_walk), or always (trending)
    refill_every: int = 3  # taken levels are filled up again every so many steps; 0: only as the mid moves
    taker_every: int = 3  # others take at the touch every so many steps, first by the third; 0: never
    taker_size: Decimal = Decimal(1)
    halted_after: int = 0  # steps before a halted market halts

    def __post_init__(self) -> None:
        positive = ("mid", "spread_ticks", "levels", "level_size", "taker_size")
        wrong = [f"{name} must be positive" for name in positive if getattr(self, name) <= 0]
        wrong += [
            f"{name} must not be negative"
            for name in ("step_ticks", "refill_every", "taker_every", "halted_after")
            if getattr(self, name) < 0
        ]
        wrong += [f"mids.{base} must be positive" for base, mid in self.mids.items() if mid <= 0]
        # A step may touch every level: more than this would make a venue that hardly answers.
        wrong += [
            f"{name} must be at most 1000" for name in ("levels", "step_ticks") if getattr(self, name) > 1_000
        ]
        wrong += [
            f"{name} must be at most {LARGEST}"
            for name in ("mid", "spread_ticks", "level_size", "taker_size")
            if getattr(self, name) > LARGEST
        ]
        wrong += [
            f"mids.{base} must be at most {LARGEST}" for base, mid in self.mids.items() if mid > LARGEST
        ]
        if wrong:
            raise ValueError("; ".join(wrong))

    def mid_of(self, base: str) -> Decimal:
        """The price at which the market of this base currency begins."""
        return self.mids.get(base, self.mid)
