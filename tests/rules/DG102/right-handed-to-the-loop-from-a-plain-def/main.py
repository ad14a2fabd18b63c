import asyncio


class Feed:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    async def resubscribe(self) -> None:
        await asyncio.sleep(0)

    def on_close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.resubscribe(), self.loop)

    def start(self) -> None:
        self.loop.run_until_complete(self.resubscribe())

    def refuse(self) -> None:
        coroutine = self.resubscribe()
        coroutine.close()
