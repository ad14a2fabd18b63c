"""Generators of one colour in loops of the other."""

import asyncio


async def ticks(count):
    for n in range(count):
        await asyncio.sleep(0)
        yield n


def plain_ticks(count):
    for n in range(count):
        yield n


async def rows():
    return [1, 2]


class Feed:
    async def rows(self):
        yield {"n": 1}

    def levels(self):
        return [1, 2]


async def fault_plain_for():
    for n in ticks(2):  # <- DG105
        print(n)


async def fault_plain_for_method():
    feed = Feed()
    for row in feed.rows():  # <- DG105
        print(row)


async def fault_async_for():
    async for n in plain_ticks(2):  # <- DG105
        print(n)


async def fault_async_for_list():
    async for n in Feed().levels():  # <- DG105
        print(n)


async def fault_comprehension():
    return [n for n in ticks(2)]  # <- DG105


async def fault_await_generator():
    await ticks(2)  # <- DG101


async def fault_await_generator_method():
    await Feed().rows()  # <- DG101
