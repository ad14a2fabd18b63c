"""Callables that are declared to give something to await: awaited, scheduled, or asked what they gave."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

OnPrice = Callable[[float], Awaitable[None]]


class Book:
    def __init__(self, on_price: OnPrice | None = None, on_size: OnPrice | None = None) -> None:
        self.on_price = on_price
        self.on_size = on_size
        self.tasks: set = set()

    async def update(self, price: float) -> None:
        if self.on_price is not None:
            await self.on_price(price)
        if self.on_size:
            self.tasks.add(asyncio.ensure_future(self.on_size(price)))
        result = self.on_price(price) if self.on_price else None
        if inspect.isawaitable(result):
            await result
        if self.tasks:
            await asyncio.wait(self.tasks)


async def main() -> None:
    seen = []

    async def keep(price: float) -> None:
        seen.append(price)

    await Book(keep, keep).update(1.0)
    assert seen == [1.0, 1.0, 1.0]


if __name__ == "__main__":
    asyncio.run(main())
