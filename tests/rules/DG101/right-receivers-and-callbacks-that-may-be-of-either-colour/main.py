import asyncio
import inspect


class SyncStore:
    def load(self) -> dict:
        return {}


class AsyncStore:
    async def load(self) -> dict:
        return {}


class Bot:
    def __init__(self, live: bool, on_fill) -> None:
        self.store = AsyncStore() if live else SyncStore()
        self.on_fill = on_fill

    async def start(self) -> dict:
        return await self.store.load()

    async def fill(self, price: float) -> None:
        result = self.on_fill(price)
        if inspect.isawaitable(result):
            await result


def log_fill(price: float) -> None:
    print(price)


asyncio.run(Bot(True, log_fill).fill(1.0))
