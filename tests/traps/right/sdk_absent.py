"""Exchange SDKs that may not be installed: each client used in its own colour."""

import asyncio

import ccxt
import ccxt.async_support as accxt
import ccxt.pro as ccxtpro
import requests
from binance import AsyncClient
from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv
from pysdk.grvt_ccxt_pro import GrvtCcxtPro
from pysdk.grvt_ccxt_ws import GrvtCcxtWS


class Grvt:
    """The plain client, through threads."""

    def __init__(self, logger):
        self.rest = GrvtCcxt(GrvtEnv.PROD, logger, parameters={})

    async def ticker(self, symbol):
        return await asyncio.to_thread(self.rest.fetch_ticker, symbol)

    async def book(self, symbol):
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, lambda: self.rest.fetch_order_book(symbol))

    def ticker_now(self, symbol):
        return self.rest.fetch_ticker(symbol)["symbol"]


class GrvtLater:
    """The asynchronous client."""

    def __init__(self, logger):
        self.rest = GrvtCcxtPro(GrvtEnv.PROD, logger, parameters={})
        self.ws = GrvtCcxtWS(GrvtEnv.PROD, asyncio.new_event_loop(), logger)

    async def ticker(self, symbol):
        ticker = await self.rest.fetch_ticker(symbol)
        return ticker["symbol"]

    async def book(self, symbol):
        return (await self.rest.fetch_order_book(symbol))["bids"]

    async def both(self):
        return await asyncio.gather(self.rest.fetch_ticker("A"), self.rest.fetch_ticker("B"))


class Either:
    def __init__(self, logger, live):
        if live:
            self.rest = GrvtCcxtPro(GrvtEnv.PROD, logger)
        else:
            self.rest = GrvtCcxt(GrvtEnv.TESTNET, logger)
        self.live = live

    async def ticker(self, symbol):
        if self.live:
            return await self.rest.fetch_ticker(symbol)
        return await asyncio.to_thread(self.rest.fetch_ticker, symbol)


async def with_ccxt():
    exchange = accxt.binance({"enableRateLimit": True})
    try:
        await exchange.load_markets()
        ticker = await exchange.fetch_ticker("ETH/USDT")
        exchange.set_sandbox_mode(True)
        exchange.milliseconds()
        return ticker["last"], exchange.amount_to_precision("ETH/USDT", 1)
    finally:
        await exchange.close()


def with_plain_ccxt():
    exchange = ccxt.binance()
    exchange.load_markets()
    return exchange.fetch_ticker("ETH/USDT")["last"]


async def with_ccxt_pro():
    exchange = ccxtpro.okx()
    while True:
        book = await exchange.watch_order_book("ETH/USDT")
        if book["bids"]:
            break
    await exchange.close()


async def by_name(name):
    exchange = getattr(accxt, name)({})
    await exchange.load_markets()
    return await exchange.fetch_balance()


def by_name_plain(name):
    exchange = getattr(ccxt, name)({})
    exchange.load_markets()
    return exchange.fetch_balance()["free"]


async def with_binance():
    client = await AsyncClient.create()
    await client.get_symbol_ticker(symbol="ETHUSDT")
    await client.close_connection()


def with_requests():
    return requests.get("http://127.0.0.1", timeout=5).json()


async def with_requests_in_thread():
    reply = await asyncio.to_thread(requests.get, "http://127.0.0.1", timeout=5)
    return reply.json()["price"], await asyncio.to_thread(with_requests)
