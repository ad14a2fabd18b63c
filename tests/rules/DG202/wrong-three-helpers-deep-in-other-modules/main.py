import asyncio

from transport.client import Client


class Bot:
    def __init__(self, client: Client) -> None:
        self.client = client

    async def run(self, symbol: str) -> None:
        while self.client.position(symbol) > 0:  # <- DG202
            await asyncio.sleep(1)


def main() -> None:
    bot = Bot(Client())
    asyncio.run(bot.run("ETH"))
