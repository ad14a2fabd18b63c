import asyncio

from client import LighterClient


class Strategy:
    def __init__(self, client: LighterClient, symbol: str) -> None:
        self.client, self.symbol = client, symbol

    async def flatten(self) -> None:
        self.client.cancel(self.symbol)  # <- DG102
        self.client.flush()  # <- DG102


def build() -> Strategy:
    return Strategy(LighterClient(), "ETH")


asyncio.run(build().flatten())
