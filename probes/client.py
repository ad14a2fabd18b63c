"""What a probe asks of the client under test, and what such a client claims in return.

The reference clients of `probes.venues` fill this shape, as do adapters around a user's own client.
A probe never believes a claim: it holds it against the venue's ledger.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from probes.market.order import Quote, Side


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """An order to be worked iteratively: child orders near the BBO until `size` is filled.

    The first child stands one tick better than the touch (a buy at best ask - 1 tick); later ones may
    move one tick a time towards the market, never beyond `max_slippage_bps` from the arrival mid.
    """

    instrument: str
    side: Side
    size: Decimal
    tick_size: Decimal
    max_iterations: int = 20
    max_slippage_bps: Decimal = Decimal(5)


@dataclass(frozen=True, slots=True)
class Claim:
    """What the client says came of an order plan."""

    success: bool
    filled: Decimal
    average_price: Decimal | None
    iterations: int
    reason: str = ""


class Client(Protocol):
    """A client of a venue, seen from a probe. Errors may be of any kind; the probe reports them."""

    async def connect(self) -> None: ...

    async def fetch_bbo(self, instrument: str) -> Quote: ...

    async def work_order(self, plan: OrderPlan) -> Claim: ...

    async def position(self, instrument: str) -> Decimal:
        """Signed base units; long is positive."""
        ...

    async def disconnect(self) -> None: ...
