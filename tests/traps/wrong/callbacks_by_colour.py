"""The guards are gone and the colour of the callback is known."""

import asyncio
import inspect


def on_fill(order: dict) -> None:
    order["seen"] = True


async def on_fill_async(order: dict) -> None:
    await asyncio.sleep(0)
    order["seen"] = True


async def fault_plain_awaited() -> None:
    await on_fill({})  # <- DG101


async def fault_coroutine_called() -> None:
    on_fill_async({})  # <- DG102


async def fault_alias() -> None:
    handler = on_fill
    await handler({})  # <- DG101


async def fault_guard_of_another_name() -> None:
    other = on_fill_async
    if inspect.iscoroutinefunction(other):
        await on_fill({})  # <- DG101


async def fault_result_dropped() -> None:
    handler = on_fill_async
    handler({})  # <- DG102


async def fault_plain_as_task() -> None:
    task = asyncio.create_task(on_fill({}))  # <- DG106
    await task
