import asyncio
import inspect
import threading


class Strategy:
    async def run(self) -> None:
        await self.on_start()
        result = self.on_tick({})
        if inspect.isawaitable(result):
            await result
        self.on_idle()

    async def on_start(self) -> None:
        await asyncio.sleep(0)

    def on_tick(self, ticker: dict):
        return None

    def on_idle(self) -> None:
        print("idle")


class Maker(Strategy):
    async def on_start(self) -> None:
        print("start")

    async def on_tick(self, ticker: dict) -> None:
        await asyncio.sleep(0)

    def on_idle(self) -> None:
        print("idle")


class Own(Strategy):
    async def run(self) -> None:
        self.on_start()
        await self.on_idle()

    def on_start(self) -> None:
        print("start")

    async def on_idle(self) -> None:
        await asyncio.sleep(0)


class Later(Strategy):
    def on_start(self) -> asyncio.Future:
        return asyncio.ensure_future(asyncio.sleep(0))


class Worker(threading.Thread):
    def run(self) -> None:
        asyncio.run(self.work())

    async def work(self) -> None:
        await asyncio.sleep(0)


class Wire(asyncio.Protocol):
    def data_received(self, data: bytes) -> None:
        self.task = asyncio.ensure_future(self.handle(data))

    async def handle(self, data: bytes) -> None:
        await asyncio.sleep(0)
