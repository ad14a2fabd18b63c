"""GRVT by REST."""

import os
import asyncio

from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv


class GrvtClient:
    def __init__(self) -> None:
        self.env = GrvtEnv(os.getenv("GRVT_ENVIRONMENT", "testnet"))
        self._initialize_client()

    def _initialize_client(self) -> None:
        self.rest_client = GrvtCcxt(self.env, None, {})  # <- DG203

    async def depth(self, symbol: str, limit: int = 50) -> list:
        book = await self.rest_client.fetch_order_book(  # <- DG101
            symbol,  # as GRVT names it
            limit=limit,
        )
        return book["asks"]

    async def wait(self) -> None:
        await asyncio.sleep(0.1)
