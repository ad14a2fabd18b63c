import asyncio
from contextlib import AsyncExitStack, asynccontextmanager


class Pool:
    async def __aenter__(self) -> "Pool":
        return self

    async def __aexit__(self, *error: object) -> None: ...

    async def close(self) -> None: ...


async def create_pool() -> Pool:
    await asyncio.sleep(0)
    return Pool()


@asynccontextmanager
async def pool():
    async with await create_pool() as made:
        yield made


async def main() -> None:
    async with pool() as one, AsyncExitStack() as stack:
        other = await stack.enter_async_context(pool())
        for job in (one.close(), other.close()):
            await job
