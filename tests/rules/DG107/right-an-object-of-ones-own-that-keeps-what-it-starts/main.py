import asyncio


class Tasks:
    def __init__(self) -> None:
        self.running: set[asyncio.Task] = set()

    def create_task(self, coroutine) -> asyncio.Task:
        task = asyncio.create_task(coroutine)
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        return task


class Bot:
    def __init__(self) -> None:
        self.tasks = Tasks()

    async def poll(self) -> None:
        await asyncio.sleep(0)

    async def start(self) -> None:
        self.tasks.create_task(self.poll())
