import asyncio
from collections.abc import Awaitable, Generator
from typing import Any


class Order:
    def __init__(self) -> None:
        self._filled = asyncio.get_running_loop().create_future()

    def __await__(self) -> Generator[Any, None, str]:
        return self._filled.__await__()

    @property
    def filled(self) -> Awaitable[str]:
        return asyncio.shield(self._filled)

    def place(self) -> "Order":
        return self


async def trade() -> tuple[str, str, str]:
    order = Order()
    return await order, await order.filled, await order.place()
