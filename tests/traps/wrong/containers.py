"""The same containers of plain values, and of coroutines that are taken for their results."""

import asyncio


async def get(number=1):
    await asyncio.sleep(0)
    return number


async def fault_by_keyword():
    jobs = dict(a=1, b=2)
    await jobs["a"]  # <- DG101


async def fault_positional():
    return dict(get())  # <- DG103


async def fault_unpacked_dict():
    first = {"a": 1}
    jobs = {**first, "b": 2}
    await jobs["b"]  # <- DG101


async def fault_merged():
    jobs = {"x": 1} | {"a": 2}
    await jobs["a"]  # <- DG101


async def fault_filled():
    jobs = {"x": 1}
    jobs["a"] = 2
    await jobs["a"]  # <- DG101


async def fault_summed():
    for job in sum([[1], [2]], [3]):
        await job  # <- DG101


async def fault_default_of_next():
    await next((number for number in [2]), 1)  # <- DG101


async def fault_iterated_by_next():
    next(get(), None)  # <- DG103


async def fault_default_of_max():
    await max([2], default=1)  # <- DG101


async def fault_key_of_get():
    {}.get(get(), 1)  # <- DG103


async def fault_added():
    jobs = [0] + [1]
    await jobs[1]  # <- DG101
