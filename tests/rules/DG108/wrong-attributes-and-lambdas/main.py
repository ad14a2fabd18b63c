import asyncio


class Feed:
    def __init__(self) -> None:
        self.on_message = None
        self.on_close = None

    def receive(self, message: dict) -> None:
        if self.on_message is not None:
            self.on_message(message)

    async def close(self) -> None:
        if self.on_close:
            await self.on_close()


class Bot:
    def __init__(self) -> None:
        self.feed = Feed()
        self.feed.on_message = self.handle  # <- DG108
        self.feed.on_close = self.closed  # <- DG108

    async def handle(self, message: dict) -> None:
        await asyncio.sleep(0)

    def closed(self) -> None:
        print("closed")

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(1, lambda: self.handle({}))  # <- DG108
        loop.call_soon(lambda: asyncio.ensure_future(self.handle({})))


def start() -> None:
    feed = Feed()
    feed.on_message = print
    feed.on_close = Bot().handle
