"""What the measures of a probe must keep to. Each is a key of `[tool.diag.probe]` and of `--bound`."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of the probes; the names end in their unit, but for numbers of things."""

    # bbo
    max_latency_p95_ms: Decimal = Decimal(1000)
    max_age_ms: Decimal = Decimal(2000)
    max_disagreement_bps: Decimal = Decimal(5)  # between ticker, book and stream
    max_quoted_spread_p95_bps: Decimal = Decimal(10)
    # iterative_order; the first two are what the client is told to keep to
    max_iterations: int = 20
    max_slippage_bps: Decimal = Decimal(5)  # of every child and of the whole, from the arrival mid
    max_child_distance_bps: Decimal = Decimal(5)  # of a child from the touch at the moment it arrives
    max_effective_spread_bps: Decimal = Decimal(10)
    max_order_seconds: Decimal = Decimal(60)
    # orders of a program
    max_resting_seconds: Decimal = Decimal(3600)  # for which an order stands in the book untouched
    max_exposed_seconds: Decimal = Decimal(60)  # for which the legs at several venues may differ
    # a program under observation
    max_blocked_percent: Decimal = Decimal(10)  # of the time its event loop runs, in which it is held up
    max_stall_ms: Decimal = Decimal(1000)  # the longest time that it is held up at a stretch
