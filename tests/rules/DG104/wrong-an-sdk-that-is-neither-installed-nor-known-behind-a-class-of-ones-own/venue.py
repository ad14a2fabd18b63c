from obscure_exchange_sdk import AsyncThing


class Venue:
    def __init__(self, key: str) -> None:
        self.thing = AsyncThing(key)

    async def start(self) -> None:
        await self.thing.login()
        await self.thing.subscribe("fills")

    async def restart(self) -> None:
        self.thing.login()  # <- DG104
        await self.thing.subscribe("fills")
