import asyncio


class Scheduler:
    def __init__(self) -> None:
        self.jobs: list = []

    def create_task(self, function, every: float = 1.0) -> None:
        self.jobs.append((function, every))

    def gather(self, value: dict) -> dict:
        return value

    async def wait_for(self, condition: bool) -> bool:
        return condition


class Bot:
    def __init__(self) -> None:
        self.scheduler = Scheduler()

    def tick(self) -> None: ...

    async def run(self) -> None:
        self.scheduler.create_task(self.tick)
        self.scheduler.gather({"a": 1})
        await self.scheduler.wait_for(True)
        await asyncio.sleep(0)
