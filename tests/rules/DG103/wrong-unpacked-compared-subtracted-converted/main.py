import asyncio
import json
from decimal import Decimal


class Venue:
    async def bbo(self, symbol: str) -> tuple[Decimal, Decimal]:
        await asyncio.sleep(0)
        return Decimal(1), Decimal(2)

    async def position(self, symbol: str) -> Decimal:
        await asyncio.sleep(0)
        return Decimal(0)


class Strategy:
    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    async def spread(self, symbol: str) -> Decimal:
        bid, ask = self.venue.bbo(symbol)  # <- DG103
        return ask - bid

    async def report(self, symbol: str) -> str:
        if self.venue.position(symbol) == 0:  # <- DG103
            return "flat"
        if self.venue.position(symbol) > 1:  # <- DG103
            return "long"
        hedge = 0 - self.venue.position(symbol)  # <- DG103
        size = float(self.venue.position(symbol))  # <- DG103
        return json.dumps({"hedge": hedge, "size": size})


strategy = Strategy(Venue())
