import asyncio


class Client:
    async def open_orders(self, symbol: str) -> list[str]:
        await asyncio.sleep(0)
        return [symbol]

    def positions(self) -> list[str]:
        return ["ETH"]

    async def report(self) -> None:
        async for order in self.open_orders("ETH"):  # <- DG105
            print(order)
        async for position in self.positions():  # <- DG105
            print(position)
