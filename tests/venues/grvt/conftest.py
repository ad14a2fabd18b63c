"""Runs a simulated GRVT for a test, and gives back what its ledger says."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from diag.record import Event, Journal, read
from probes.embedded import Embedded, embedded
from probes.market.scenario import Scenario, load
from probes.venues.grvt.simulator.app import Simulator
from tests.venues.grvt import streaming
from tests.venues.grvt.trader import Trader

Play = Callable[[streaming.Trader], Awaitable[None]]
LONGEST_S = 60.0


@pytest.fixture
def simulate(tmp_path: Path) -> Callable[..., list[Event]]:
    """`simulate(play, scenario)` runs `play` with a trader who is logged in; returns the venue's rows."""

    def run(play: Play, scenario: Scenario | str = "calm", *, seed: int = 1, **options: Any) -> list[Event]:
        folder = tmp_path / f"run-{len(list(tmp_path.iterdir()))}"
        given = load(scenario) if isinstance(scenario, str) else scenario
        with (
            Journal(folder) as journal,
            embedded(Simulator(given, seed, journal, **options)) as venue,
        ):

            async def whole() -> None:
                async with streaming.trader(venue) as one:
                    await play(one)

            asyncio.run(asyncio.wait_for(whole(), LONGEST_S))
        return [event for event in read(folder).events() if event.source == "venue"]

    return run


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded[Simulator]]:
    """One calm venue for the tests that leave nothing behind."""
    with (
        Journal(tmp_path_factory.mktemp("shared") / "run") as journal,
        embedded(Simulator(load("calm"), 1, journal)) as venue,
    ):
        yield venue


@pytest.fixture
def trader(shared: Embedded[Simulator]) -> Iterator[Trader]:
    one = Trader(shared)
    yield one
    one.own("cancel_all_orders")
    one.close()
