"""The perpetuals that the simulator of GRVT lists.

Ticks, minimum sizes and decimals are as the samples in the SDK's and ccxt's sources have them, not from a
live capture.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from probes.market.order import Instrument
from probes.venues.grvt.signing import Asset

CREATED_NS = 1_704_067_200_000_000_000  # 2024-01-01
FUNDING_HOURS = 8


@dataclass(frozen=True, slots=True)
class Listing:
    """An instrument with what only GRVT says of it. `asset_hash` and `base_decimals` are signed."""

    instrument: Instrument
    asset_hash: int
    currency_id: int  # of the base
    base_decimals: int = 9
    quote_decimals: int = 6
    min_notional: Decimal = Decimal(20)
    max_leverage: int = 50

    @property
    def asset(self) -> Asset:
        return Asset(self.asset_hash, self.base_decimals)


def _perpetual(base: str, currency_id: int, tick: str, min_size: str, max_position: str) -> Listing:
    instrument = Instrument(
        name=f"{base}_USDT_Perp",
        base=base,
        quote="USDT",
        tick_size=Decimal(tick),
        min_size=Decimal(min_size),
        size_step=Decimal(min_size),
        max_position=Decimal(max_position),
        maker_fee_bps=Decimal("-0.1"),
        taker_fee_bps=Decimal("4.5"),
        initial_margin_bps=Decimal(200),
    )
    # A perpetual against USDT (currency 3) is kind 1: 0x0304 01 is ETH, 0x0305 01 BTC.
    return Listing(instrument, 3 << 16 | currency_id << 8 | 1, currency_id)


LISTINGS: Mapping[str, Listing] = {
    listing.instrument.name: listing
    for listing in (
        _perpetual("BTC", 5, "0.1", "0.001", "1000"),
        _perpetual("ETH", 4, "0.01", "0.01", "10000"),
        _perpetual("SOL", 6, "0.01", "0.1", "100000"),
    )
}

ASSETS: Mapping[str, Asset] = {name: listing.asset for name, listing in LISTINGS.items()}

CURRENCIES: Mapping[str, tuple[int, int]] = {
    "USD": (1, 6),
    "USDC": (2, 6),
    "USDT": (3, 6),
    **{listing.instrument.base: (listing.currency_id, 9) for listing in LISTINGS.values()},
}
"""Symbol -> (id, decimals of a balance)."""
