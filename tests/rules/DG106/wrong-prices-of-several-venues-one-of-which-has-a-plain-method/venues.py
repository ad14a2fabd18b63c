import asyncio
from decimal import Decimal


class Live:
    async def price(self, symbol: str) -> Decimal:
        await asyncio.sleep(0)
        return Decimal("3000.1")


class Paper:
    def price(self, symbol: str) -> Decimal:
        return Decimal("3000.0")
