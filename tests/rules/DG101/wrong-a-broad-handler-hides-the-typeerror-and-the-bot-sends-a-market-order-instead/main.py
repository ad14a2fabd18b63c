import asyncio

from exchanges.grvt import GrvtClient


class Hedger:
    def __init__(self, client: GrvtClient) -> None:
        self.client = client
        self.order_type = "limit"

    async def choose(self, symbol: str) -> None:
        try:
            asks = await self.client.depth(symbol)
            print("best ask", asks[0])
        except Exception as error:
            print(f"BBO fetch failed, using direct market order: {error}")
            self.order_type = "market"


if __name__ == "__main__":
    asyncio.run(Hedger(GrvtClient()).choose("ETH_USDT_Perp"))
