"""A loop run under a running loop."""

import asyncio


async def work(n):
    await asyncio.sleep(0)
    return n


class Command:
    async def execute(self):
        return await work(8)


async def fault_run():
    return asyncio.run(work(1))  # <- DG109


async def fault_run_until_complete():
    loop = asyncio.get_running_loop()
    return loop.run_until_complete(work(2))  # <- DG109


async def fault_run_method():
    return asyncio.run(Command().execute())  # <- DG109
