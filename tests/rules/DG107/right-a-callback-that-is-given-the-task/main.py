import asyncio


class Bot:
    def __init__(self) -> None:
        self.tasks: list[asyncio.Task] = []

    async def poll(self) -> None:
        await asyncio.sleep(0)

    def keep(self, task: asyncio.Task) -> None:
        self.tasks.append(task)

    async def start(self) -> None:
        self.keep(asyncio.create_task(self.poll()))
        task = asyncio.create_task(self.poll())
        try:
            await asyncio.wait({task}, timeout=1)
        finally:
            task.cancel()
