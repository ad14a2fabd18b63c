import asyncio

from venues import Live, Paper


class Arbitrage:
    def __init__(self) -> None:
        self.live, self.paper = Live(), Paper()

    async def spread(self, symbol: str):
        live, paper = await asyncio.gather(
            self.live.price(symbol),
            self.paper.price(symbol),  # <- DG106
        )
        return live - paper
