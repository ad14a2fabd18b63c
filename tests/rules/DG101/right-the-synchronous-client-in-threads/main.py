import asyncio
from functools import partial

from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.rest_client = GrvtCcxt(env=GrvtEnv.TESTNET, parameters=parameters)

    async def ticker(self, symbol: str) -> dict:
        return await asyncio.to_thread(self.rest_client.fetch_ticker, symbol)

    async def book(self, symbol: str) -> dict:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, partial(self.rest_client.fetch_order_book, symbol, limit=10))

    async def balance(self) -> dict:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, lambda: self.rest_client.fetch_balance())
