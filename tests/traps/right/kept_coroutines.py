"""Coroutines that are kept, handed on and given back, and awaited in the end, far from where they are made."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable
from typing import Any


async def fetch(symbol: str) -> dict:
    await asyncio.sleep(0)
    return {"symbol": symbol, "price": 1.0}


def shown(job):
    if isinstance(job, dict):
        return job["symbol"]
    return inspect.iscoroutine(job)


def passed_on(job):
    print("passing on", job)
    return job


async def settled(job) -> Any:
    kept = job
    if isinstance(kept, dict):
        return kept["price"]
    return await kept


class Feed:
    def __init__(self) -> None:
        self.pending: Any = None
        self.jobs: list = []
        self.by_symbol: dict = {}

    def start(self, symbol: str) -> None:
        self.pending = fetch(symbol)

    async def finish(self) -> dict:
        job = self.pending
        self.pending = None
        return await job

    def plan(self, symbol: str) -> None:
        job = fetch(symbol)
        self.jobs.append(job)
        self.by_symbol[symbol] = job

    async def drain(self) -> list:
        pairs = list(self.by_symbol.items())
        return [(symbol, await job) for symbol, job in pairs]

    async def both(self, symbol: str):
        job = fetch(symbol)
        return job, symbol

    async def one(self, symbol: str) -> Any:
        job = fetch(symbol)
        print(f"starting {job}")
        return job

    async def each(self, symbols: list) -> AsyncIterator[Awaitable[dict]]:
        for symbol in symbols:
            yield fetch(symbol)


async def in_a_local_list(symbols: list) -> list:
    jobs = []
    for symbol in symbols:
        job = fetch(symbol)
        jobs.append(job)
    return [await job for job in jobs]


async def main() -> None:
    feed = Feed()
    feed.start("ETH")
    assert (await feed.finish())["symbol"] == "ETH"
    feed.plan("BTC")
    assert (await feed.drain())[0][0] == "BTC"
    job, symbol = await feed.both("SOL")
    assert (await job)["symbol"] == symbol
    once = await feed.one("ETH")
    assert (await once)["price"] == 1.0
    async for job in feed.each(["A", "B"]):
        assert (await job)["price"] == 1.0
    assert len(await in_a_local_list(["A", "B"])) == 2
    assert await settled(fetch("ETH")) == {"symbol": "ETH", "price": 1.0}
    given = passed_on(fetch("ETH"))
    assert await given
    kept = fetch("X")
    assert shown(kept)
    assert await kept


if __name__ == "__main__":
    asyncio.run(main())
