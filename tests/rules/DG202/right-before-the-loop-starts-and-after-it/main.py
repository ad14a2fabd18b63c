import asyncio
import time

import requests


class Bot:
    def __init__(self, url: str) -> None:
        self.symbols = requests.get(url, timeout=5).json()

    def wait(self) -> None:
        time.sleep(1)

    async def run(self) -> None:
        await asyncio.sleep(1)


def main() -> None:
    bot = Bot("https://example.invalid")
    bot.wait()
    asyncio.run(bot.run())
    bot.wait()


if __name__ == "__main__":
    main()
