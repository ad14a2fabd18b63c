import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any


async def send(order: str) -> str:
    await asyncio.sleep(0)
    return order


async def choose(fast: bool) -> Callable[[str], Awaitable[str]]:
    return send


async def start(order: str) -> asyncio.Task:
    return asyncio.create_task(send(order))


async def plan(order: str) -> Coroutine[Any, Any, str]:
    await asyncio.sleep(0)
    return send(order)


async def main() -> None:
    sender = await choose(True)
    print(await sender("a"), await (await start("b")), await (await plan("c")))


asyncio.run(main())
