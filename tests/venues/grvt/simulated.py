"""Simulated venues for the tests of clients, and the truth that their ledgers hold."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from diag.record import Journal
from probes.embedded import Embedded, embedded
from probes.market.scenario import Scenario, load
from probes.venues.grvt.client import GrvtClient
from probes.venues.grvt.credentials import Credentials
from probes.venues.grvt.environments import simulated
from probes.venues.grvt.simulator.app import Simulator
from probes.venues.order_worker import Pace
from tests.rerouted import rerouted

ETH = "ETH_USDT_Perp"
QUICK = Pace(poll_s=0.001)


@dataclass(frozen=True, slots=True)
class Venue:
    """A venue that listens on loopback, and what it wrote into its ledger."""

    embedded: Embedded[Simulator]
    journal: Journal

    @property
    def credentials(self):
        return self.embedded.simulator.credentials[0]

    @property
    def account(self):
        return self.credentials.sub_account_id

    def rows(self, kind):
        return [event.values() for event in self.journal.events() if event.kind == kind]

    def fills(self, **wanted):
        """Own fills, those with these values."""
        rows = (row for row in self.rows("fill") if row["account"] == self.account)
        return [row for row in rows if all(row[name] == value for name, value in wanted.items())]

    def filled(self, **wanted):
        return sum((Decimal(row["size"]) for row in self.fills(**wanted)), Decimal(0))

    def position(self, instrument=ETH):
        """Signed, from the fills."""
        fills = self.fills(instrument=instrument)
        return sum((Decimal(row["size"]) * (1 if row["side"] == "buy" else -1) for row in fills), Decimal(0))

    def orders(self):
        """The latest state of each own order, by order id."""
        return {row["order_id"]: row for row in self.rows("order") if row["account"] == self.account}

    def open_orders(self):
        return [row for row in self.orders().values() if row["status"] in ("pending", "open")]

    def client(self, **options):
        """The reference client for this venue, as quick as the tests want it."""
        mine = self.credentials
        credentials = Credentials.of(mine.api_key, mine.private_key, mine.sub_account_id)
        environment = simulated(self.embedded.url, self.embedded.ca_file)
        return GrvtClient(environment, credentials, **{"pace": QUICK, "seed": 1, **options})


async def asked(venue: Venue, endpoint: str, times: int = 1) -> None:
    """Wait until the venue has had so many requests of this kind."""
    for _ in range(1000):
        if [row["endpoint"] for row in venue.rows("request")].count(endpoint) >= times:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"no {endpoint} came")


@contextmanager
def grvt(
    folder: Path, scenario: str | Scenario = "calm", seed: int = 7, *, tls: bool = False
) -> Iterator[Venue]:
    scenario = load(scenario) if isinstance(scenario, str) else scenario
    with Journal(folder) as journal, embedded(Simulator(scenario, seed, journal), tls=tls) as venue:
        yield Venue(venue, journal)


@contextmanager
def grvt_at_its_hosts(folder: Path, scenario: str | Scenario = "calm", seed: int = 7) -> Iterator[Venue]:
    """Over TLS, under the names of the real venue; fails when anything else was asked for."""
    with grvt(folder, scenario, seed, tls=True) as venue:
        ca_file = venue.embedded.ca_file
        assert ca_file is not None
        with rerouted(venue.embedded.port, ca_file) as refused:
            yield venue
        assert refused == []
