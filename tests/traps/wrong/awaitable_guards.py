"""The guard is gone, or it stands the wrong way round."""

import asyncio
import inspect


async def coloured(n: int) -> int:
    await asyncio.sleep(0)
    return n


def plain(n: int) -> int:
    return n


async def fault_guarded_another() -> int:
    value = plain(1)
    other = coloured(1)
    if inspect.isawaitable(other):
        await other
    return await value  # <- DG101


async def fault_no_guard() -> int:
    result = plain(2)
    return await result  # <- DG101


async def fault_used_before_the_guard() -> int:
    return 1 + coloured(3)  # <- DG103


async def fault_dropped() -> None:
    coloured(4)  # <- DG102
