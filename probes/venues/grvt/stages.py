"""Where the cards of `order_lifecycle` are played at GRVT."""

import contextlib
from collections.abc import AsyncIterator

from diag.record import Journal
from probes.lifecycle.play import PATIENCE_S, Stage
from probes.market.order import Instrument
from probes.market.scenario import Scenario
from probes.session import Session
from probes.venues.embedded import embedded
from probes.venues.grvt.instruments import LISTINGS
from probes.venues.grvt.opening import MakeClient, at_embedded, instrument_of
from probes.venues.grvt.simulator.app import Simulator


def at_simulator(
    journal: Journal,
    ticker: str,
    base: Scenario,
    seed: int,
    make: MakeClient | None = None,
    *,
    patience_s: float = PATIENCE_S,
) -> Stage:
    """Each card at a simulated venue of its own, with a client of its own; nothing passes between cards."""
    listed = [listing.instrument for listing in LISTINGS.values()]

    @contextlib.asynccontextmanager
    async def opened(scenario: Scenario | None) -> AsyncIterator[Session]:
        with embedded(Simulator(scenario or base, seed, journal)) as venue:
            async with at_embedded(venue, journal, ticker, seed, make) as (session, _):
                yield session

    return Stage(opened, base, _other(instrument_of(ticker, listed), listed), patience_s=patience_s)


def at_session(session: Session, instruments: list[Instrument], *, armed: bool, first_id: int) -> Stage:
    """All cards in one session with a real venue. Its guard sees every order."""

    @contextlib.asynccontextmanager
    async def opened(_: Scenario | None) -> AsyncIterator[Session]:
        yield session

    return Stage(opened, None, _other(session.instrument, instruments), armed=armed, first_id=first_id)


def _other(instrument: Instrument, listed: list[Instrument]) -> Instrument | None:
    return next((one for one in listed if one.name != instrument.name), None)
