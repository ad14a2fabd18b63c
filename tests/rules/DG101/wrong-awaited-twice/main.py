import asyncio


class Orders:
    async def create(self, price: str) -> dict:
        await asyncio.sleep(0)
        return {"price": price, "status": "open"}

    async def replace(self, price: str) -> str:
        order = await self.create(price)
        result = await order  # <- DG101
        return result["status"]
