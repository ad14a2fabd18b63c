import asyncio
from collections.abc import Awaitable, Callable


async def cancel(order: str) -> None:
    await asyncio.sleep(0)


class Feed:
    def __init__(self, on_tick: Callable[[dict], Awaitable[None]], on_close) -> None:
        self.on_tick = on_tick
        self.on_close = on_close
        self.loop = asyncio.get_event_loop()

    async def read(self, message: dict) -> None:
        asyncio.create_task(self.on_tick(message))  # <- DG107
        self.loop.create_task(self.on_close())  # <- DG107

    def stop(self, callback) -> None:
        asyncio.create_task(callback())  # <- DG107


async def stop(orders: list[str]) -> None:
    asyncio.gather(cancel("a"), cancel("b"))  # <- DG107
    asyncio.gather(*[cancel(order) for order in orders])  # <- DG107
    jobs = [cancel(order) for order in orders]
    asyncio.gather(*jobs, return_exceptions=True)  # <- DG107
    asyncio.shield(cancel("c"))  # <- DG107
