import ccxt.async_support as ccxt


class Prices:
    def __init__(self) -> None:
        self.exchange = ccxt.binance({"enableRateLimit": True})

    async def last(self, symbol: str) -> float:
        ticker = await self.exchange.fetch_ticker(symbol)
        return ticker["last"]

    async def close(self) -> None:
        await self.exchange.close()
