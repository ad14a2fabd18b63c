"""The same receiver and method, awaited here and dropped there."""


class Bot:
    def __init__(self, client):
        self.client = client

    async def step(self):
        await self.client.cancel("a")
        self.client.cancel("b")  # <- DG104

    async def stop(self):
        if await self.client.open_orders():
            await self.client.cancel("c")
