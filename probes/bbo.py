"""Probe `bbo`: asks the client for the best bid and offer; `diag.conduct.bbo` judges its answers."""

import asyncio
import time
from typing import TYPE_CHECKING

from diag.conduct.bbo import NAME

if TYPE_CHECKING:
    from probes.session import Session

ROUNDS = 10  # in which every source of the client is asked


async def run(session: "Session", samples: int, duration_s: float = 0) -> None:
    """Ask the client for the BBO so many times, spread over `duration_s`; then all its sources in turn."""
    began = time.monotonic()
    for number in range(samples):
        wait = began + duration_s * number / samples - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        await session.query_bbo(NAME, session.client.fetch_bbo)
    if len(session.sources) > 1:
        for _ in range(min(ROUNDS, samples)):
            for via, fetch in session.sources.items():
                await session.query_bbo(via, fetch)
