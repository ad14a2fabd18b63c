"""The wrong `with`, and a session that is closed without await."""

import asyncio
from contextlib import asynccontextmanager, contextmanager


class Session:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return None

    async def get(self, path):
        return path

    async def aclose(self):
        return None


@asynccontextmanager
async def session():
    yield Session()


@contextmanager
def timer(out):
    yield out


class Pool:
    @asynccontextmanager
    async def acquire(self):
        yield Session()


async def connect():
    return Session()


async def fault_plain_with():
    with session() as current:  # <- DG105
        await current.get("x")


async def fault_plain_with_method():
    pool = Pool()
    with pool.acquire():  # <- DG105
        pass


async def fault_plain_with_lock():
    lock = asyncio.Lock()
    with lock:  # <- DG105
        pass


async def fault_async_with():
    async with timer([]):  # <- DG105
        pass


async def fault_not_awaited_in_with():
    async with session() as current:
        current.get("x")  # <- DG102


async def fault_result_of_enter():
    async with Session() as current:
        current.aclose()  # <- DG102
