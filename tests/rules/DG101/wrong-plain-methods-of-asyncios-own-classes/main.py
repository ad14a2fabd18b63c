import asyncio


class Feed:
    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.queue: asyncio.Queue = asyncio.Queue()

    async def on_message(self, message: dict) -> None:
        await self.queue.put_nowait(message)  # <- DG101
        await self.ready.set()  # <- DG101
