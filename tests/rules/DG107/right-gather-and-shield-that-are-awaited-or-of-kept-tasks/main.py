import asyncio


async def cancel(order: str) -> None:
    await asyncio.sleep(0)


class Bot:
    def __init__(self) -> None:
        self.tasks: set[asyncio.Task] = set()

    async def stop(self, last) -> None:
        await asyncio.gather(cancel("a"), cancel("b"))
        all_of_them = asyncio.gather(cancel("c"))
        await asyncio.shield(all_of_them)
        asyncio.gather(*self.tasks, return_exceptions=True)
        asyncio.shield(last)
        self.closing = asyncio.gather(cancel("d"))

    def later(self) -> asyncio.Future:
        return asyncio.gather(cancel("e"))
