import importlib


class Bot:
    def __init__(self, name: str) -> None:
        self.exchange = importlib.import_module(f"plugins.{name}").Client()

    async def open(self) -> None:
        if await self.exchange.has_position("ETH"):
            return
        ticker = await self.exchange.fetch_ticker("ETH")
        print(ticker["bid"])

    async def close(self) -> None:
        if not self.exchange.has_position("ETH"):  # <- DG104
            return
        print(self.exchange.fetch_ticker("ETH")["ask"])  # <- DG104
