"""How the book of a simulated market moves by itself: the crowd around the orders of the client."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What the mid of the market does from step to step."""

    STATIC = "static"
    RANDOM_WALK = "random_walk"
    TRENDING = "trending"
    ONE_SIDED = "one_sided"  # no asks
    HALTED = "halted"  # the book stands, nothing trades, orders are refused


@dataclass(frozen=True, slots=True)
class Dynamics:
    """The numbers of the crowd. Prices count in ticks of the instrument, sizes in base units."""

    kind: Kind = Kind.STATIC
    spread_ticks: int = 10
    levels: int = 20
    level_size: Decimal = Decimal(5)
    step_ticks: int = 2  # how far the mid moves in one step, at most (random_walk), or always (trending)
    taker_every: int = 3  # the crowd takes at the touch every so many steps; 0: never
    taker_size: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        positive = ("spread_ticks", "levels", "level_size", "taker_size")
        wrong = [f"{name} must be positive" for name in positive if getattr(self, name) <= 0]
        wrong += [
            f"{name} must not be negative"
            for name in ("step_ticks", "taker_every")
            if getattr(self, name) < 0
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
