import asyncio

from .base import BaseExchangeClient


class PaperClient(BaseExchangeClient):
    async def connect(self) -> None:
        await asyncio.sleep(0)

    async def disconnect(self) -> None:
        await asyncio.sleep(0)
