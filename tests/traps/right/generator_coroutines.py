"""Coroutines of the old style and awaitables made of generators."""

import asyncio
import types
from collections.abc import Awaitable, Generator


@types.coroutine
def pause():
    yield


@types.coroutine
def pause_and_return(value):
    yield
    return value


@types.coroutine
def delegate(value):
    result = yield from pause_and_return(value)
    return result


@types.coroutine
def from_coroutine(value):
    return (yield from modern(value))


async def modern(value):
    await pause()
    return value


class Future:
    """A hand-made awaitable, as in a small event loop."""

    def __init__(self):
        self.value = None
        self.is_set = False

    def set(self, value):
        self.value = value
        self.is_set = True

    def __await__(self):
        while not self.is_set:
            yield
        return self.value

    __iter__ = __await__


class Inherited(Awaitable):
    def __init__(self, value):
        self.value = value

    def __await__(self) -> Generator:
        return modern(self.value).__await__()


def plain_generator():
    result = yield from [1, 2]
    return result


def rows():
    yield from plain_generator()
    got = yield 3
    return got


class Trampoline:
    def run(self, coroutine):
        while True:
            try:
                coroutine.send(None)
            except StopIteration as stop:
                return stop.value


def main():
    async def everything():
        await pause()
        assert await pause_and_return(1) == 1
        assert await delegate(2) == 2
        assert await from_coroutine(3) == 3
        assert await Inherited(4) == 4
        future = Future()
        future.set(5)
        assert await future == 5
        assert list(future) == []

    asyncio.run(everything())
    assert list(rows()) == [1, 2, 3]
    assert Trampoline().run(delegate(6)) == 6
