"""Decorators of libraries that are not installed: nobody knows what they make of a function."""

import click
import numba
from aiocache import cached
from asgiref.sync import async_to_sync, sync_to_async
from backoff import expo, on_exception
from celery import shared_task
from fastapi import FastAPI
from prefect import flow, task
from quart import Quart
from telegram_kit import bot
from tenacity import retry, stop_after_attempt
from vendor_kit import aio, colour, register

app = FastAPI()
web = Quart(__name__)


@sync_to_async
def load_orders(symbol):
    return [symbol]


@sync_to_async(thread_sensitive=False)
def load_fills(symbol):
    return [symbol]


@async_to_sync
async def fetch_now(symbol):
    return {"symbol": symbol}


@retry(stop=stop_after_attempt(3))
async def fetch_ticker(symbol):
    return {"symbol": symbol}


@on_exception(expo, ValueError)
async def fetch_book(symbol):
    return {"symbol": symbol}


@cached(ttl=60)
async def fetch_markets():
    return {}


@cached(ttl=60)
def fetch_fees():
    return {}


@click.command()
@colour.coroutine
async def cli(symbol):
    return symbol


@flow
async def trade():
    return 1


@task
def hedge():
    return 1


@shared_task
def report():
    return 1


@numba.njit
def fast(n):
    return n


@register("strategy")
def strategy():
    return 1


@aio
def threaded():
    return 1


@app.get("/ticker")
async def route_ticker():
    return await fetch_ticker("ETH")


@app.get("/health")
def route_health():
    return {"ok": True}


@web.route("/")
async def index():
    return "ok"


@bot.message_handler(commands=["start"])
async def on_start(message):
    await bot.reply_to(message, "hello")


class Client:
    @sync_to_async
    def balance(self):
        return {"USDT": 1}

    @async_to_sync
    async def positions(self):
        return []

    @colour
    def fees(self):
        return {}

    @property
    @aio
    def clock(self):
        return 0

    async def use(self):
        balance = await self.balance()
        fees = await self.fees()
        clock = await self.clock
        return balance["USDT"], fees, clock

    def use_plain(self):
        positions = self.positions()
        return positions[0] if positions else None


@register
class Plugin:
    def run(self):
        return 1

    async def stop(self):
        return None


async def use_all():
    orders = await load_orders("ETH")
    fills = await load_fills("ETH")
    ticker = await fetch_ticker("ETH")
    book = await fetch_book("ETH")
    markets = await fetch_markets()
    fees = await fetch_fees()
    state = await trade()
    hedged = await hedge()
    made = await strategy()
    slow = await threaded()
    return orders[0], fills, ticker["symbol"], book, markets, fees, state, hedged, made, slow


def use_plain():
    ticker = fetch_now("ETH")
    cli()
    trade()
    report.delay()
    hedge().result()
    return ticker["symbol"] + fast(1)


async def use_plugin():
    plugin = Plugin()
    await plugin.run()
    plugin.stop()
