"""Objects with the plain and the asynchronous protocol at once, and iterables of awaitables."""

import asyncio


class Both:
    """Usable in `for` and `async for`, in `with` and `async with`."""

    def __iter__(self):
        return iter([1, 2])

    async def _rows(self):
        for n in (1, 2):
            yield n

    def __aiter__(self):
        return self._rows()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return None


class Cursor:
    """`find` gives something to iterate over asynchronously, `find_one` a coroutine."""

    def __init__(self, rows):
        self.rows = rows

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.rows:
            raise StopAsyncIteration
        return self.rows.pop()

    def sort(self, key):
        return self

    async def to_list(self, length):
        return self.rows[:length]


class Collection:
    def find(self, **query):
        return Cursor([1, 2])

    async def find_one(self, **query):
        return 1


class PlainEnter:
    """Its __aenter__ and __aexit__ are plain functions that return awaitables."""

    def __aenter__(self):
        return asyncio.sleep(0, self)

    def __aexit__(self, *error):
        return asyncio.sleep(0)


class Nested(Both):
    pass


class OldSequence:
    def __getitem__(self, index):
        if index > 2:
            raise IndexError
        return index


async def later():
    return [1, 2]


async def rows():
    yield [1, 2]


async def plain_and_asynchronous():
    both = Both()
    assert [n for n in both] == [n async for n in both]
    with both:
        pass
    async with both as entered:
        assert entered is both
    for n in Nested():
        assert n
    async for n in Nested():
        assert n
    for n in OldSequence():
        assert n < 3


async def cursors():
    found = Collection()
    async for row in found.find(a=1):
        assert row
    async for row in found.find(a=1).sort("b"):
        assert row
    assert await found.find().to_list(1) == [1]
    assert await found.find_one() == 1


async def of_awaitables():
    for n in await later():
        assert n
    for coroutine in [later(), later()]:
        assert await coroutine
    for coroutine in (later() for _ in range(2)):
        for n in await coroutine:
            assert n
    async for batch in rows():
        for n in batch:
            assert n
    for index, coroutine in enumerate([later()]):
        assert index == 0 and await coroutine


async def entered():
    async with PlainEnter() as one, Both() as two:
        assert one is not two
    lock, condition = asyncio.Lock(), asyncio.Condition()
    async with lock, condition:
        pass
    with memoryview(b"x") as view:
        assert view[0]


async def main():
    await plain_and_asynchronous()
    await cursors()
    await of_awaitables()
    await entered()
