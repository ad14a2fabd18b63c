"""Objects of one protocol only."""

import asyncio


class Cursor:
    def __aiter__(self):
        return self

    async def __anext__(self):
        raise StopAsyncIteration


class Collection:
    def find(self, **query):
        return Cursor()

    async def find_one(self, **query):
        return [1]


class Plain:
    def __iter__(self):
        return iter([1])

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


async def later():
    return [1, 2]


async def fault_for_cursor():
    for row in Collection().find():  # <- DG105
        print(row)


async def fault_for_coroutine():
    for n in later():  # <- DG103|DG105
        print(n)


async def fault_async_for_plain():
    async for n in Plain():  # <- DG105
        print(n)


async def fault_async_with_plain():
    async with Plain():  # <- DG105
        pass


async def fault_await_cursor():
    await Collection().find()  # <- DG101


async def fault_dropped():
    Collection().find_one()  # <- DG102


async def fault_with_lock():
    with asyncio.Semaphore(1):  # <- DG105
        pass
