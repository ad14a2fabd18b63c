import asyncio


class Exchange:
    def price(self, symbol: str) -> float:
        return 1.0


class AsyncExchange:
    async def price(self, symbol: str) -> float:
        await asyncio.sleep(0)
        return 1.0


class Bot:
    def __init__(self) -> None:
        self.exchange = Exchange()

    async def run(self) -> float:
        return self.exchange.price("ETH")
