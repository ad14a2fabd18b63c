"""A callable that is declared to give something to await, called as if it were plain."""

import asyncio
from collections.abc import Awaitable, Callable

OnPrice = Callable[[float], Awaitable[None]]


class Book:
    def __init__(self, on_price: OnPrice) -> None:
        self.on_price = on_price

    async def update(self, price: float) -> None:
        self.on_price(price)  # <- DG102


async def keep(price: float) -> None:
    print(price)


async def fault_dropped() -> None:
    await Book(keep).update(1.0)


def main() -> None:
    asyncio.run(fault_dropped())
