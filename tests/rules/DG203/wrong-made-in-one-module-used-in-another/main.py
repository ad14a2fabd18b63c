import asyncio

from clients import make


class Bot:
    def __init__(self, parameters: dict) -> None:
        self.client = make(parameters)

    async def run(self) -> None:
        while True:
            print(self.client.fetch_balance())  # <- DG202
            await asyncio.sleep(1)


def main() -> None:
    bot = Bot({})
    asyncio.run(bot.run())
