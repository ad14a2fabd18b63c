import asyncio
import inspect


class Bot:
    def __init__(self, client, is_async: bool) -> None:
        self.client = client
        self.is_async = is_async

    async def stop(self) -> None:
        if asyncio.iscoroutinefunction(self.client.close):
            await self.client.close()
        else:
            self.client.close()

    async def fetch(self) -> dict:
        if self.is_async:
            return await self.client.fetch()
        return self.client.fetch()

    async def cancel(self) -> None:
        result = self.client.cancel()
        if inspect.isawaitable(result):
            await result

    async def flush(self) -> None:
        try:
            await self.client.flush()
        except TypeError:
            self.client.flush()
