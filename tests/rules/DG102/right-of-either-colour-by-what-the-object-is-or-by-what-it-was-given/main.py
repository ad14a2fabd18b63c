import asyncio
import inspect


class SyncClient:
    def close(self) -> None: ...


class AsyncClient:
    async def close(self) -> None: ...


class Bot:
    def __init__(self, live: bool, on_stop) -> None:
        self.client = AsyncClient() if live else SyncClient()
        self.on_stop = on_stop

    async def stop(self) -> None:
        if inspect.iscoroutinefunction(self.client.close):
            await self.client.close()
        else:
            self.client.close()
        result = self.on_stop()
        if asyncio.iscoroutine(result):
            await result


async def goodbye() -> None:
    await asyncio.sleep(0)


asyncio.run(Bot(True, goodbye).stop())
