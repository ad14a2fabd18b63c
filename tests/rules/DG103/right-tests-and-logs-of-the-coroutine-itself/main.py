import asyncio
import inspect
import logging

logger = logging.getLogger(__name__)


async def fetch(symbol: str) -> str:
    await asyncio.sleep(0)
    return symbol


async def main(symbol: str | None) -> None:
    job = fetch(symbol) if symbol else None
    if job is not None:
        logger.debug("running %r", job)
        print(await job)
    other = fetch("BTC")
    if asyncio.iscoroutine(other) and isinstance(other, object):
        print(other.__name__, inspect.getcoroutinestate(other))
        other.close()
    jobs = [fetch("A"), fetch("B")]
    if jobs and len(jobs) == 2:
        print(f"{len(jobs)} to go: {jobs}")
        await asyncio.gather(*jobs)
