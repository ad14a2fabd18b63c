import asyncio


class Bot:
    def __init__(self, client) -> None:
        self.client = client
        self.jobs = []

    async def first(self) -> None:
        await self.client.poll("a")

    def later(self):
        return self.client.poll("b")

    async def rest(self) -> None:
        self.jobs.append(self.client.poll("c"))
        job = self.client.poll("d")
        await asyncio.gather(self.client.poll("e"), job, *self.jobs)
        task = asyncio.create_task(self.client.poll("f"))
        await task
