import asyncio


class Client:
    async def connect(self) -> None:
        await asyncio.sleep(0)

    async def listen(self) -> None:
        while True:
            await asyncio.sleep(1)
