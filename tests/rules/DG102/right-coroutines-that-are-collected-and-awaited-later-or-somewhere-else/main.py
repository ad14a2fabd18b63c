import asyncio
from collections.abc import Coroutine


async def fetch(symbol: str) -> str:
    await asyncio.sleep(0)
    return symbol


def plan(symbols: list[str]) -> list[Coroutine]:
    jobs = []
    for symbol in symbols:
        jobs.append(fetch(symbol))
    return jobs


def wrapper(symbol: str) -> Coroutine:
    return fetch(symbol)


def stream(symbols: list[str]):
    for symbol in symbols:
        yield fetch(symbol)


async def main() -> None:
    by_symbol = {"ETH": fetch("ETH")}
    first = fetch("BTC")
    print(await wrapper("SOL"), await by_symbol["ETH"])
    for job in plan(["A", "B"]):
        await job
    for job in stream(["C"]):
        await job
    results = await asyncio.gather(first, return_exceptions=True)
    print(results)
    async with asyncio.TaskGroup() as group:
        group.create_task(fetch("D"))
