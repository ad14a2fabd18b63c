"""Coroutines that are kept, handed on and given back, and that nobody awaits anywhere."""

import asyncio
from collections.abc import AsyncIterator


async def fetch(symbol: str) -> dict:
    await asyncio.sleep(0)
    return {"symbol": symbol, "price": 1.0}


def shown(job):
    if isinstance(job, dict):
        return job["symbol"]
    return None


def priced(job):
    kept = job
    return kept["price"]


class Feed:
    def __init__(self) -> None:
        self.last = None

    async def start(self, symbol: str) -> None:
        self.last = fetch(symbol)  # <- DG102

    def price(self) -> float:
        last = self.last
        return last["price"]

    async def both(self, symbol: str):
        job = fetch(symbol)  # <- DG102
        return job, symbol

    async def symbol(self) -> str:
        job, _ = await self.both("ETH")
        return job["symbol"]

    async def each(self, symbols: list) -> AsyncIterator[dict]:
        for symbol in symbols:
            yield fetch(symbol)  # <- DG103 (annotated)


async def in_a_local_list(symbols: list) -> float:
    jobs = []
    for symbol in symbols:
        job = fetch(symbol)  # <- DG102
        jobs.append(job)
    return sum(job["price"] for job in jobs)


async def on_one_path(cached: dict, symbol: str) -> None:
    found = cached.get(symbol)
    if found is None:
        found = fetch(symbol)
    print(found["price"])  # <- DG103


async def fault_attribute() -> None:
    feed = Feed()
    await feed.start("ETH")
    feed.price()


async def fault_tuple() -> None:
    await Feed().symbol()


async def fault_list() -> None:
    await in_a_local_list(["ETH"])


async def fault_path() -> None:
    await on_one_path({}, "ETH")


async def fault_yield() -> None:
    async for item in Feed().each(["ETH"]):
        item["price"]


async def fault_argument() -> None:
    job = fetch("ETH")  # <- DG102
    shown(job)


async def fault_parameter() -> None:
    priced(fetch("ETH"))  # <- DG103


def main() -> None:
    asyncio.run(fault_list())
