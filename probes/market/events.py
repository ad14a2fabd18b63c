"""What the exchange tells its listeners; each holds the state at that moment and never changes."""

from dataclasses import dataclass

from probes.market.account import Position
from probes.market.order import Fill, Order


@dataclass(frozen=True, slots=True)
class BookChanged:
    """Sent once an operation, after it, for each instrument whose book it changed."""

    instrument: str


@dataclass(frozen=True, slots=True)
class Traded:
    """A public trade, as the fill of the taker (`ORDER_FLOW` if it was none of the accounts)."""

    trade: Fill


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order came, changed or ended."""

    order: Order


@dataclass(frozen=True, slots=True)
class Filled:
    """One fill of one account; the other side of the trade has its own."""

    fill: Fill


@dataclass(frozen=True, slots=True)
class PositionChanged:
    """A position after a fill."""

    position: Position


MarketEvent = BookChanged | Traded | OrderChanged | Filled | PositionChanged
