import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from diag.bounds import Bounds
from diag.conduct.bbo import BboJudge
from diag.conduct.iterative_order import IterativeOrderJudge
from diag.conduct.judge import judge
from diag.record import Event, Journal, read
from diag.verdict import Check, Outcome
from probes import bbo, iterative_order
from probes.embedded import embedded
from probes.market.order import Side
from probes.market.scenario import load
from probes.opening import at_embedded
from probes.venues.grvt.client import GrvtClient
from probes.venues.grvt.simulator.app import Simulator
from probes.venues.grvt.venue import Grvt
from probes.venues.order_worker import Pace

HALF = Decimal("0.5")


class Ran:
    """A run of both probes: checks by name, and the record."""

    def __init__(self, folder: Path, bounds: Bounds, problems: tuple[str, ...]) -> None:
        self.folder = folder
        self.problems = problems
        self.checks: dict[str, Check] = {
            check.name: check for check in judge(read(folder), bounds, (BboJudge, IterativeOrderJudge))
        }

    def named(self, outcome: Outcome) -> set[str]:
        return {name for name, check in self.checks.items() if check.outcome is outcome}

    @property
    def failed(self) -> set[str]:
        return self.named(Outcome.FAIL)

    def events(self) -> list[Event]:
        return list(read(self.folder).events())

    def rows(self) -> list[tuple[int, str, object]]:
        """The venue's ledger without its times."""
        return [(event.seq, event.kind, event.values()) for event in self.events() if event.source == "venue"]


def reference(environment, credentials) -> GrvtClient:
    return GrvtClient(environment, credentials, seed=1, pace=Pace(poll_s=0.001))


@pytest.fixture
def probe(tmp_path: Path) -> Callable[..., Ran]:
    """Runs both probes against an embedded venue, with the reference client or another."""
    numbers = iter(range(100))

    def run(make=reference, scenario="calm", *, seed=1, samples=5, side=Side.BUY, bounds=None) -> Ran:
        folder = tmp_path / f"run{next(numbers)}"
        bounds = bounds or Bounds()

        async def session(venue) -> tuple[str, ...]:
            def made(at):
                return make(at.environment, at.credentials)

            async with at_embedded(Grvt(), venue, journal, "ETH", seed, made) as (session, guard):
                session.begin(
                    env="embedded", probes=("bbo", "iterative_order"), places_orders=True, has_ledger=True
                )
                await guard.begin()
                try:
                    await bbo.run(session, samples)
                    await iterative_order.run(session, side, HALF, bounds, unwind=False)
                finally:
                    problems = await guard.end()
                return problems

        with Journal(folder) as journal, embedded(Simulator(load(scenario), seed, journal)) as venue:
            problems = asyncio.run(session(venue))
        return Ran(folder, bounds, problems)

    return run
