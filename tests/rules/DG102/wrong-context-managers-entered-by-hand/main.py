import asyncio
from contextlib import asynccontextmanager


@asynccontextmanager
async def session():
    await asyncio.sleep(0)
    yield 1


async def main() -> None:
    manager = session()
    manager.__aenter__()  # <- DG102
    entered = manager.__aenter__()
    print(entered + 1)  # <- DG103
    print(await manager.__aenter__())
    await manager.__aexit__(None, None, None)
    manager.__aexit__(None, None, None)  # <- DG102
    asyncio.Lock().__aenter__()  # <- DG102
