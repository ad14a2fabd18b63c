import asyncio

from base import Exchange, retry


class Paper(Exchange):
    async def price(self, symbol: str) -> float:
        await asyncio.sleep(0)
        return 3000.0

    @retry
    async def size(self, symbol: str) -> float:
        return await self.price(symbol) / 2

    async def notional(self, symbol: str) -> float:
        return self.size(symbol)  # <- DG110


paper = Paper()
