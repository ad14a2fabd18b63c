from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from diag.record import Journal
from probes.market.clock import Clock
from probes.market.dynamics import Dynamics, Kind
from probes.market.exchange import Exchange
from probes.market.fees import FeeModel
from probes.market.ledger import Ledger
from probes.market.matching import SelfTrade
from probes.market.order import Instrument
from probes.market.queue_models import QueueModel
from tests.market.clocks import ManualClock

ETH = Instrument(
    name="ETH_USDT_Perp",
    base="ETH",
    quote="USDT",
    tick_size=Decimal("0.01"),
    min_size=Decimal("0.01"),
    size_step=Decimal("0.01"),
    max_position=Decimal(1_000),
    maker_fee_bps=Decimal("-0.5"),
    taker_fee_bps=Decimal("4.5"),
    initial_margin_bps=Decimal(500),
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "run") as journal:
        yield journal


@pytest.fixture
def venue(journal: Journal) -> Callable[..., Exchange]:
    """Makes an exchange with ETH at 2999.99/3000.01, ten at each level, no order flow that takes, and the
    accounts `me` and `you` with a million in cash each.
    """

    def make(
        kind: str = "static",
        seed: int = 1,
        clock: Clock | None = None,
        self_trade: SelfTrade = SelfTrade.CANCEL_TAKER,
        fees: FeeModel | None = None,
        queue: QueueModel = QueueModel.FIFO,
        **numbers: object,
    ) -> Exchange:
        numbers = {
            "spread_ticks": 2,
            "levels": 10,
            "level_size": Decimal(10),
            "taker_every": 0,
            "refill_every": 1,
        } | numbers
        exchange = Exchange(
            [ETH],
            Dynamics(Kind(kind), **numbers),
            seed,
            Ledger(journal, "sim"),
            clock or ManualClock(10**18),
            self_trade=self_trade,
            fees=fees,
            queue=queue,
        )
        for account in ("me", "you"):
            exchange.open_account(account, Decimal(1_000_000))
        return exchange

    return make
