import asyncio


class Exchange:
    def connect(self):
        raise NotImplementedError

    def positions(self) -> list:
        """Overridden where the venue has positions."""
        return []

    async def start(self) -> None:
        await self.connect()
        await self.positions()


class Paper(Exchange):
    async def connect(self) -> None:
        await asyncio.sleep(0)

    async def positions(self) -> list:
        return ["ETH"]
