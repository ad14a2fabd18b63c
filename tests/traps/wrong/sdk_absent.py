"""The plain clients awaited, the asynchronous ones not, and blocking calls on the loop."""

import ccxt
import ccxt.async_support as accxt
import requests
from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv
from pysdk.grvt_ccxt_pro import GrvtCcxtPro


class Grvt:
    def __init__(self, logger):
        self.rest = GrvtCcxt(GrvtEnv.PROD, logger, parameters={})  # <- DG203

    async def ticker(self, symbol):
        return await self.rest.fetch_ticker(symbol)  # <- DG101


class GrvtLater:
    def __init__(self, logger):
        self.rest = GrvtCcxtPro(GrvtEnv.PROD, logger, parameters={})

    async def ticker(self, symbol):
        return self.rest.fetch_ticker(symbol)["symbol"]  # <- DG103

    async def cancel(self, order_id):
        self.rest.cancel_order(id=order_id)  # <- DG102


async def with_ccxt():
    exchange = accxt.binance()
    exchange.load_markets()  # <- DG102
    exchange.close()  # <- DG102


async def with_plain_ccxt():
    exchange = ccxt.binance()  # <- DG203
    await exchange.load_markets()  # <- DG101


async def with_requests():
    return requests.get("http://127.0.0.1", timeout=5)  # <- DG201|DG202
