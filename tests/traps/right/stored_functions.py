"""Functions kept in attributes: whoever hands one in chooses its colour, not the one who awaits it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


def plain(price: float) -> "asyncio.Future[float]":
    future = asyncio.get_running_loop().create_future()
    future.set_result(price)
    return future


async def coloured(price: float) -> float:
    return price


class Taker:
    def __init__(self, on_price) -> None:
        self.on_price = on_price
        self.on_trade = None

    async def run(self) -> float:
        total = await self.on_price(1.0)
        if self.on_trade is not None:
            total += await self.on_trade(2.0)
        return total


@dataclass
class Route:
    handler: Callable[[float], Awaitable[float]]

    async def run(self) -> float:
        return await self.handler(3.0)


async def main() -> None:
    taker = Taker(plain)
    taker.on_trade = coloured
    assert await taker.run() == 3.0
    assert await Taker(coloured).run() == 1.0
    assert await Route(handler=plain).run() == 3.0


if __name__ == "__main__":
    asyncio.run(main())
