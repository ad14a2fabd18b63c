"""What a trade costs each of its two sides."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from probes.market.order import Instrument

_MOST_BPS = 1_000


class FeeModel(Protocol):
    """Fees in quote units; negative: a rebate."""

    def fee(self, instrument: Instrument, price: Decimal, size: Decimal, *, is_taker: bool) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class ProportionalFees:
    """A share of the notional: that of the instrument unless one is given for all."""

    maker_bps: Decimal | None = None
    taker_bps: Decimal | None = None

    def __post_init__(self) -> None:
        wrong = [
            f"{name} must be between -{_MOST_BPS} and {_MOST_BPS}"
            for name in ("maker_bps", "taker_bps")
            if (bps := getattr(self, name)) is not None and abs(bps) > _MOST_BPS
        ]
        if wrong:
            raise ValueError("; ".join(wrong))

    def fee(self, instrument: Instrument, price: Decimal, size: Decimal, *, is_taker: bool) -> Decimal:
        if is_taker:
            bps = instrument.taker_fee_bps if self.taker_bps is None else self.taker_bps
        else:
            bps = instrument.maker_fee_bps if self.maker_bps is None else self.maker_bps
        return price * size * bps / 10_000
