"""Asynchronous generators, iterators and comprehensions; calling a generator is not an await."""

import asyncio
from typing import AsyncIterator


async def ticks(count: int) -> AsyncIterator[int]:
    for n in range(count):
        await asyncio.sleep(0)
        yield n


def forward(count: int) -> AsyncIterator[int]:
    return ticks(count)


async def doubled(source):
    async for n in source:
        yield 2 * n


class Stream:
    def __init__(self, count):
        self.count = count
        self.last = -1

    def __aiter__(self):
        return self

    async def __anext__(self):
        self.last += 1
        if self.last >= self.count:
            raise StopAsyncIteration
        return self.last


class Feed:
    """Its __aiter__ is itself a generator."""

    async def __aiter__(self):
        yield 1
        yield 2

    async def rows(self):
        yield {"n": 1}

    def both(self):
        return self.rows()

    def __iter__(self):
        return iter([1, 2])


class Pushed:
    """Its __anext__ is a plain function that returns an awaitable."""

    def __init__(self):
        self.queue = asyncio.Queue()

    def __aiter__(self):
        return self

    def __anext__(self):
        return self._next()

    async def _next(self):
        row = await self.queue.get()
        if row is None:
            raise StopAsyncIteration
        return row


async def receive():
    """A generator that is sent values."""
    got = yield "ready"
    while got is not None:
        got = yield got.upper()


async def comprehensions():
    squares = [n * n async for n in ticks(3)]
    odd = {n async for n in ticks(4) if n % 2}
    by_n = {n: str(n) async for n in forward(2)}
    waited = [await later(n) for n in range(2)]
    mixed = [await later(n) async for n in ticks(2)]
    lazy = (n async for n in doubled(ticks(2)))
    total = 0
    async for n in lazy:
        total += n
    chained = [await later(n) for n in range(3) if await later(n)]
    assert squares == [0, 1, 4] and odd == {1, 3} and by_n[1] == "1"
    assert waited == mixed == [0, 1] and total == 2 and chained == [1, 2]


async def later(n):
    return n


async def by_hand():
    source = ticks(2)
    assert await source.__anext__() == 0
    assert await anext(source) == 1
    assert await anext(source, None) is None
    await source.aclose()
    talk = receive()
    assert await talk.asend(None) == "ready"
    assert await talk.asend("x") == "X"
    await talk.aclose()
    iterator = aiter(Stream(1))
    assert await anext(iterator) == 0


async def loops():
    async for n in ticks(2):
        assert n < 2
    else:
        pass
    async for n in Stream(2):
        assert n < 2
    async for n in Feed():
        assert n
    for n in Feed():
        assert n
    async for row in Feed().rows():
        assert row["n"]
    async for row in Feed().both():
        assert row["n"]
    pushed = Pushed()
    pushed.queue.put_nowait("a")
    await pushed.queue.put(None)
    assert [row async for row in pushed] == ["a"]


async def early_exit():
    source = ticks(5)
    async for n in source:
        if n == 1:
            break
    await source.aclose()


async def stored():
    streams = {"a": ticks(1), "b": ticks(2)}
    counts = {name: len([n async for n in stream]) for name, stream in streams.items()}
    assert counts == {"a": 1, "b": 2}


async def main():
    await comprehensions()
    await by_hand()
    await loops()
    await early_exit()
    await stored()
