"""The group is open, the coroutine was not handed to it."""

import asyncio


async def fetch(symbol: str, out: list) -> str:
    await asyncio.sleep(0)
    out.append(symbol)
    return symbol


def cached(symbol: str) -> str:
    return symbol


async def fault_not_handed_over() -> None:
    out: list = []
    async with asyncio.TaskGroup() as group:
        group.create_task(fetch("ETH", out))
        fetch("BTC", out)  # <- DG102


async def fault_plain_value() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(cached("ETH"))  # <- DG106


async def fault_plain_context() -> None:
    with asyncio.TaskGroup():  # <- DG105
        pass
