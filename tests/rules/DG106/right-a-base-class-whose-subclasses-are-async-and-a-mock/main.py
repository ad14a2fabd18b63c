import asyncio
from unittest.mock import AsyncMock


class Strategy:
    def run(self):
        raise NotImplementedError


class Grid(Strategy):
    async def run(self) -> None:
        await asyncio.sleep(0)


async def main(strategies: list[Strategy]) -> None:
    await asyncio.gather(*(strategy.run() for strategy in strategies))
    mock = AsyncMock()
    await asyncio.wait_for(mock.run(), 1)


asyncio.run(main([Grid()]))
