"""Where tests play cases: at simulated venues, and at one that shows no ledger, as a real one does not."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from diag.record import Journal
from probes.client import Client
from probes.embedded import embedded
from probes.guard import Guard
from probes.lifecycle.order_lifecycle import VenueFactory
from probes.market.scenario import Scenario, load
from probes.opening import at_embedded, at_real
from probes.session import Session
from probes.venues.grvt import environments
from probes.venues.grvt.credentials import Credentials
from probes.venues.grvt.instruments import LISTINGS
from probes.venues.grvt.simulator.app import Simulator
from probes.venues.grvt.venue import Grvt, GrvtAccess

Make = Callable[[Any, Any], Client]  # as a client of GRVT is made: environment, credentials
OTHER = LISTINGS["BTC_USDT_Perp"].instrument


def at_simulator(
    journal: Journal, base: str = "calm", make: Make | None = None, *, timeout_s: float = 10
) -> VenueFactory:
    """Each case at a venue of its own, with a client of its own."""
    made = make and (lambda at: make(at.environment, at.credentials))

    @contextlib.asynccontextmanager
    async def opened(scenario: Scenario | None) -> AsyncIterator[Session]:
        assert scenario is not None
        with embedded(Simulator(scenario, 7, journal)) as venue:
            async with at_embedded(Grvt(), venue, journal, "ETH", 7, made) as (session, _):
                yield session

    return VenueFactory(
        "grvt", "ETH_USDT_Perp", opened, load(base), Grvt.client_order_ids, {}, OTHER, timeout_s=timeout_s
    )


@contextlib.asynccontextmanager
async def without_ledger(
    journal: Journal, of_venue: Journal, *, armed: bool
) -> AsyncIterator[tuple[VenueFactory, Session, Guard]]:
    """All cases in one session with a simulator whose rows go elsewhere; orders pass the guard."""
    calm = load("calm")
    busy = replace(calm, dynamics=replace(calm.dynamics, taker_every=3))  # a real venue trades by itself
    with embedded(Simulator(busy, 7, of_venue)) as venue:
        known = venue.simulator.credentials[0]
        credentials = Credentials.of(known.api_key, known.private_key, known.sub_account_id)
        access = GrvtAccess(environments.simulated(venue.url), credentials if armed else None)
        async with at_real(Grvt(), access, journal, "ETH", Decimal(100) if armed else None) as (
            session,
            guard,
        ):
            if armed:
                await guard.begin()

            @contextlib.asynccontextmanager
            async def opened(_: Scenario | None) -> AsyncIterator[Session]:
                yield session

            factory = VenueFactory(
                "grvt", "ETH_USDT_Perp", opened, None, Grvt.client_order_ids, {}, OTHER, armed=armed
            )
            yield factory, session, guard
