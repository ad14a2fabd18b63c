import asyncio
from collections.abc import Awaitable, Callable


class Feed:
    def __init__(self, on_fill: Callable[[str], Awaitable[None]] | None = None) -> None:
        self.on_fill = on_fill
        self.task: asyncio.Task | None = None

    async def run(self) -> None:
        if self.on_fill:
            await self.on_fill("order")
        if self.run and self.task is None:
            self.task = asyncio.create_task(self.poll())
        if self.task and not self.task.done():
            print(f"polling: {self.task}, {self.poll}")

    async def poll(self) -> None:
        await asyncio.sleep(0)


async def log(order: str) -> None:
    print(order)


asyncio.run(Feed(log).run())
