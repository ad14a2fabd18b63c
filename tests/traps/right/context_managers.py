"""Context managers of either kind, and functions that make them."""

import asyncio
import contextlib
from contextlib import (
    AsyncExitStack,
    ExitStack,
    aclosing,
    asynccontextmanager,
    closing,
    contextmanager,
    suppress,
)


class Session:
    def __init__(self):
        self.open = True

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        await self.aclose()

    async def aclose(self):
        self.open = False

    async def get(self, path):
        return path


class File:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        return None


@asynccontextmanager
async def session():
    current = Session()
    try:
        yield current
    finally:
        await current.aclose()


@contextmanager
def timer(out):
    yield out
    out.append(1)


@contextlib.asynccontextmanager
async def locked(lock):
    async with lock:
        yield


class Pool:
    def __init__(self):
        self.sessions = []

    @asynccontextmanager
    async def acquire(self):
        current = Session()
        self.sessions.append(current)
        try:
            yield current
        finally:
            self.sessions.remove(current)

    def borrow(self):
        return self.acquire()

    @contextmanager
    def reading(self):
        yield len(self.sessions)

    def request(self, path):
        """An object that may be awaited or entered, like those of HTTP clients."""
        return Request(path)


class Request:
    def __init__(self, path):
        self.path = path

    async def _send(self):
        return self

    def __await__(self):
        return self._send().__await__()

    async def __aenter__(self):
        return await self._send()

    async def __aexit__(self, *error):
        return None


async def connect():
    return Session()


async def with_managers():
    async with session() as current:
        assert await current.get("x") == "x"
    with timer([]) as out:
        out.append(2)
    lock = asyncio.Lock()
    async with locked(lock), session() as current:
        assert lock.locked() and current.open
    async with await connect() as current:
        await current.get("y")
    async with Session() as current:
        await current.get("z")


async def with_methods():
    pool = Pool()
    async with pool.acquire() as first, pool.borrow() as second:
        with pool.reading() as count:
            assert count == 2
        assert first is not second
    manager = pool.acquire()
    async with manager as third:
        assert third.open
    reply = await pool.request("a")
    async with pool.request("b") as other:
        assert reply.path != other.path


async def with_stacks():
    async with AsyncExitStack() as stack:
        current = await stack.enter_async_context(session())
        file = stack.enter_context(File())
        stack.push_async_callback(current.aclose)
        stack.callback(file.close)
        stack.push_async_exit(Session())
        assert current.open
    with ExitStack() as plain:
        plain.enter_context(closing(File()))
        plain.callback(file.close)
    stack = AsyncExitStack()
    await stack.enter_async_context(Session())
    await stack.aclose()


async def with_helpers(optional=None):
    with suppress(asyncio.CancelledError, KeyError):
        raise KeyError("x")
    async with contextlib.nullcontext(Session()) as current:
        await current.get("w")
    with contextlib.nullcontext():
        pass
    lock = asyncio.Lock()
    async with lock if optional else contextlib.nullcontext():
        pass
    async with aclosing(numbers()) as rows:
        async for row in rows:
            assert row == 0
    with contextlib.redirect_stdout(None):
        pass


async def numbers():
    yield 0


async def by_hand():
    manager = session()
    current = await manager.__aenter__()
    try:
        await current.get("v")
    finally:
        await manager.__aexit__(None, None, None)


async def main():
    await with_managers()
    await with_methods()
    await with_stacks()
    await with_helpers()
    await with_helpers(True)
    await by_hand()
