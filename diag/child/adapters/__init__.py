"""How to drive a client: one module a shape of client, each a handful of functions.

    construct(kind, order)      -> the client; `kind` is the class that was named
    connect(client, order)      get it ready to trade
    fetch_bbo(client, order)    -> (bid, ask), or a mapping or object: bid, ask, bid_size, ask_size
    work_order(client, order)   -> a mapping or object: success, filled, average_price, iterations, reason
    position(client, order)     -> signed size
    disconnect(client, order)

Each may be plain or async. `order` is an `Order`. A file of one's own (`--adapter FILE`) defines those
that differ; the rest come from the profile that fits the class, or from the one it names as PROFILE. Profiles
for one venue's own libraries lie in the folder of the venue; they import `_diag_child.adapters.common`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any


class Order:
    """What is to be traded. `client_instrument` is what the client itself calls the instrument."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.ticker: str = values["ticker"]
        self.instrument: str = values["instrument"]
        self.client_instrument = self.instrument
        self.update(values)

    def update(self, values: dict[str, Any]) -> None:
        """Take over another order for the same instrument."""
        self.side: str = values["side"]
        self.size = Decimal(values["size"])
        self.tick_size = Decimal(values["tick_size"])
        self.max_iterations: int = values["max_iterations"]
        self.max_slippage_bps = Decimal(values["max_slippage_bps"])
