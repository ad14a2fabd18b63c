"""Coroutines kept in containers and awaited later, here or by somebody else."""

import asyncio
from collections import defaultdict, deque
from typing import Awaitable, Iterator


async def quote(symbol: str) -> str:
    await asyncio.sleep(0)
    return symbol.lower()


async def from_list() -> None:
    pending = []
    for symbol in ("ETH", "BTC"):
        pending.append(quote(symbol))
    assert await asyncio.gather(*pending) == ["eth", "btc"]


async def one_by_one() -> None:
    pending = [quote("ETH"), quote("BTC")]
    for coroutine in pending:
        assert await coroutine


async def from_tuple() -> None:
    first, second = quote("ETH"), quote("BTC")
    assert (await first, await second) == ("eth", "btc")


async def from_dict() -> None:
    pending = {symbol: quote(symbol) for symbol in ("ETH", "BTC")}
    results = {symbol: await coroutine for symbol, coroutine in pending.items()}
    assert results["ETH"] == "eth"


async def from_dict_values() -> None:
    pending = {}
    pending["ETH"] = quote("ETH")
    pending["BTC"] = quote("BTC")
    names, results = zip(*zip(pending.keys(), await asyncio.gather(*pending.values())))
    assert "ETH" in names and "eth" in results


async def from_set() -> None:
    pending = {quote("ETH"), quote("BTC")}
    while pending:
        assert await pending.pop()


async def from_deque() -> None:
    pending = deque([quote("ETH")])
    pending.appendleft(quote("BTC"))
    while pending:
        await pending.popleft()


async def extended() -> None:
    pending: list = []
    pending.extend(quote(s) for s in ("ETH", "BTC"))
    pending += [quote("SOL")]
    pending.insert(0, quote("XRP"))
    assert len(pending) == 4
    last = pending.pop()
    assert await last == "sol"
    await asyncio.gather(*pending)


async def sliced() -> None:
    pending = [quote(str(n)) for n in range(5)]
    for start in range(0, len(pending), 2):
        await asyncio.gather(*pending[start : start + 2])


async def unpacked() -> None:
    head, *rest = [quote(s) for s in ("ETH", "BTC", "SOL")]
    await head
    for coroutine in rest:
        await coroutine


async def grouped() -> None:
    groups = defaultdict(list)
    for symbol in ("ETH", "BTC", "EOS"):
        groups[symbol[0]].append(quote(symbol))
    for group in groups.values():
        await asyncio.gather(*group)


async def nested() -> None:
    jobs = [("ETH", quote("ETH"), {"retry": quote("BTC")})]
    for _, coroutine, options in jobs:
        await coroutine
        await options["retry"]


async def conditional(spot: bool) -> None:
    pending = [quote("ETH")]
    if spot:
        pending.append(quote("BTC"))
    await asyncio.gather(*pending)


async def star_sum() -> None:
    await asyncio.gather(*([quote("ETH")] + [quote("BTC")]), *(quote(s) for s in "AB"))


def make(symbols) -> list:
    return [quote(symbol) for symbol in symbols]


def make_one_by_one(symbols) -> "Iterator[Awaitable[str]]":
    for symbol in symbols:
        yield quote(symbol)


def make_pair():
    return quote("ETH"), quote("BTC")


def make_generator(symbols):
    return (quote(symbol) for symbol in symbols)


class Batch:
    def __init__(self) -> None:
        self.pending: list = []
        self.by_name: dict = {}
        self.current = None

    def add(self, symbol: str) -> None:
        self.pending.append(quote(symbol))

    def name(self, symbol: str) -> None:
        self.by_name[symbol] = quote(symbol)

    def hold(self, symbol: str) -> None:
        self.current = quote(symbol)

    async def run(self) -> None:
        await asyncio.gather(*self.pending)
        self.pending.clear()
        for coroutine in self.by_name.values():
            await coroutine
        if self.current is not None:
            await self.current


async def main() -> None:
    await from_list()
    await one_by_one()
    await from_tuple()
    await from_dict()
    await from_dict_values()
    await from_set()
    await from_deque()
    await extended()
    await sliced()
    await unpacked()
    await grouped()
    await nested()
    await conditional(True)
    await conditional(False)
    await star_sum()
    await asyncio.gather(*make(["ETH"]))
    for coroutine in make_one_by_one(["ETH"]):
        await coroutine
    first, second = make_pair()
    await first
    await second
    await make_pair_sum(*make_pair())
    for coroutine in make_generator(["ETH"]):
        await coroutine
    batch = Batch()
    batch.add("ETH")
    batch.name("BTC")
    batch.hold("SOL")
    await batch.run()


async def make_pair_sum(first, second):
    return await first + await second
