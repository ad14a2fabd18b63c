"""Tasks that nobody keeps: the event loop holds them by a weak reference only."""

import asyncio


async def work(n):
    await asyncio.sleep(0)
    return n


class Bot:
    def start(self):
        asyncio.create_task(work(1))  # <- DG107

    async def start_many(self):
        for n in range(2):
            asyncio.ensure_future(work(n))  # <- DG107


async def on_loop():
    loop = asyncio.get_running_loop()
    loop.create_task(work(1))  # <- DG107
