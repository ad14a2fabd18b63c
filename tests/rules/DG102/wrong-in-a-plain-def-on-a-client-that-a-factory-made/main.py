import asyncio
import signal

from exchanges import ExchangeFactory


class Hedger:
    def __init__(self) -> None:
        self.stop = False
        self.client = ExchangeFactory.create("paper", {})

    def shutdown(self, number: int, frame: object) -> None:
        self.stop = True
        self.client.disconnect()  # <- DG102

    async def run(self) -> None:
        signal.signal(signal.SIGINT, self.shutdown)
        await self.client.connect()
        while not self.stop:
            await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(Hedger().run())
