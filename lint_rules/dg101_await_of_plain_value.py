"""DG101: await of a value that is not awaitable."""

from diag.finding import Finding, Fix
from diag.lint.rule import Example, Rule
from diag.model.site import Kind, Site
from lint_rules._text import article, describe, runtime_type, short


class AwaitOfPlainValue(Rule):
    """Site: the `await`; `callee` is what the awaited call reaches; without one, `detail` is the type.

    `context` is `missing` where the client `detail` lacks the method, which only its async twin has.
    """

    code = "DG101"
    name = "await-of-plain-value"
    summary = "`await` of a value that is not awaitable"
    kinds = frozenset({Kind.AWAIT_PLAIN})
    explanation = """\
## What it does
Reports an `await` whose operand can never be awaited: the result of a plain `def`, of a class, of a
synchronous SDK client, a property, a value that was awaited before.

## Why is this bad
The call has already run when the `await` fails. An order may have been sent, and the code that should handle
its answer never sees it. In a trading bot a broad `except Exception` often stands around it: what one sees is
a fallback (a market order instead of a limit order) with a puzzling reason in the log.

Synchronous and asynchronous classes of one SDK carry the same method names (`GrvtCcxt` and `GrvtCcxtPro`,
`ccxt` and `ccxt.async_support`, `httpx.Client` and `httpx.AsyncClient`), so that the code reads well with
either.

## What happens at run time
```
TypeError: object dict can't be used in 'await' expression
```
The name is that of the value's type: `NoneType` for a function that returns nothing.

## How to mend it
- A callee that does network I/O or blocks otherwise: `await asyncio.to_thread(client.fetch_ticker, symbol)`.
  Merely dropping the `await` would stop the event loop for the length of the request.
- The same with the asynchronous class of the SDK, which the message names where there is one.
- A callee that computes: drop the `await`.

## Fix safety
The fix is safe: the statement failed each time it ran. `asyncio.to_thread` runs the callee in another thread;
a client that is not thread-safe must not be used by two tasks at once.
"""

    def check(self, site: Site) -> Finding | None:
        callee = site.callee
        if callee is not None and site.context == "missing":
            message = (
                f"`await {short(site.expr)}`: `{site.detail}` is synchronous and has no `{callee.name}`: "
                f"AttributeError (`{callee.twin}` has it)"
            )
            return self.finding(site, message, help=f"make a `{callee.twin}` instead")
        if callee is None:
            kind = runtime_type(site.detail)
            what = f"`{site.subject}` is {article(site.detail) if kind else 'not awaitable'}"
        else:
            made = callee.colour if callee.colour.endswith("generator") else callee.returns
            kind = runtime_type(made or (callee.name if callee.colour == "class" else ""))
            what = describe(callee)
        error = f"TypeError: object {kind} can't be used in 'await' expression" if kind else "TypeError"
        return self.finding(
            site, f"`{short(site.expr)}`: {what}; awaiting it raises {error}", help=_help(site)
        )

    def fix(self, site: Site) -> Fix | None:
        from lint_rules._mend import drop_await, run_in_thread, sleep_without_blocking

        if site.context == "missing":
            return None
        if not site.expr.endswith(")") or not _blocks(site):
            return drop_await(site)
        assert site.callee is not None
        return sleep_without_blocking(site) if site.callee.qualname == "time.sleep" else run_in_thread(site)

    wrong = (
        Example(
            title="the synchronous SDK client behind an async method",
            needs=("grvt-pysdk",),
            code="""\
from decimal import Decimal

from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.rest_client = GrvtCcxt(env=GrvtEnv.TESTNET, parameters=parameters)  # <- DG203

    async def fetch_bbo(self, symbol: str) -> tuple[Decimal, Decimal]:
        ticker = await self.rest_client.fetch_ticker(symbol)  # <- DG101
        return Decimal(ticker["best_bid_price"]), Decimal(ticker["best_ask_price"])
""",
            fixed="""\
import asyncio
from decimal import Decimal

from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.rest_client = GrvtCcxt(env=GrvtEnv.TESTNET, parameters=parameters)

    async def fetch_bbo(self, symbol: str) -> tuple[Decimal, Decimal]:
        ticker = await asyncio.to_thread(self.rest_client.fetch_ticker, symbol)
        return Decimal(ticker["best_bid_price"]), Decimal(ticker["best_ask_price"])
""",
        ),
        Example(
            title="a broad handler hides the TypeError, and the bot sends a market order instead",
            needs=("grvt-pysdk",),
            files={
                "exchanges/__init__.py": "",
                "exchanges/grvt.py": '''\
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
''',
            },
            code="""\
import asyncio

from exchanges.grvt import GrvtClient


class Hedger:
    def __init__(self, client: GrvtClient) -> None:
        self.client = client
        self.order_type = "limit"

    async def choose(self, symbol: str) -> None:
        try:
            asks = await self.client.depth(symbol)
            print("best ask", asks[0])
        except Exception as error:
            print(f"BBO fetch failed, using direct market order: {error}")
            self.order_type = "market"


if __name__ == "__main__":
    asyncio.run(Hedger(GrvtClient()).choose("ETH_USDT_Perp"))
""",
        ),
        Example(
            title="a helper that does no I/O at all",
            code="""\
from decimal import Decimal


class Positions:
    def __init__(self) -> None:
        self._sizes: dict[str, str] = {}

    def size(self, symbol: str) -> Decimal:
        return Decimal(self._sizes.get(symbol, "0"))


class Hedger:
    def __init__(self) -> None:
        self.positions = Positions()

    async def imbalance(self, first: str, second: str) -> Decimal:
        size = await self.positions.size(first)  # <- DG101
        return size + (await self.positions.size(second)).copy_abs()  # <- DG101
""",
            fixed="""\
from decimal import Decimal


class Positions:
    def __init__(self) -> None:
        self._sizes: dict[str, str] = {}

    def size(self, symbol: str) -> Decimal:
        return Decimal(self._sizes.get(symbol, "0"))


class Hedger:
    def __init__(self) -> None:
        self.positions = Positions()

    async def imbalance(self, first: str, second: str) -> Decimal:
        size = self.positions.size(first)
        return size + self.positions.size(second).copy_abs()
""",
        ),
        Example(
            title="a plain method that makes the client on first use, in every branch",
            code="""\
class SignerClient:
    def __init__(self, url: str) -> None:
        self.url = url

    def check(self) -> str | None:
        return None if self.url else "no url"


class LighterBot:
    def __init__(self) -> None:
        self.client: SignerClient | None = None
        self.stopped = False

    def initialize_client(self) -> SignerClient:
        if self.client is None:
            self.client = SignerClient("https://example.invalid")
        return self.client

    async def run(self) -> None:
        if self.stopped:
            return
        elif await self.initialize_client():  # <- DG101
            error = await self.initialize_client().check()  # <- DG101
            print(error)
""",
        ),
        Example(
            title="time.sleep for asyncio.sleep",
            code="""\
from time import sleep


async def poll(fetch, seconds: float) -> None:
    while True:
        await fetch()
        await sleep(seconds)  # <- DG101
""",
            fixed="""\
import asyncio
from time import sleep


async def poll(fetch, seconds: float) -> None:
    while True:
        await fetch()
        await asyncio.sleep(seconds)
""",
        ),
        Example(
            title="requests, awaited as if it were aiohttp",
            needs=("requests",),
            code='''\
"""Funding rates."""

from __future__ import annotations

import logging
import requests

logger = logging.getLogger(__name__)


async def funding(url: str, symbols: list[str]) -> list:
    response = await requests.get(url, params={"s": ",".join(symbols)}, timeout=5)  # <- DG101
    if response.status_code != 200: await logger.warning("%s", response.status_code)  # <- DG101
    return response.json()
''',
            fixed='''\
"""Funding rates."""

from __future__ import annotations

import asyncio
import logging
import requests

logger = logging.getLogger(__name__)


async def funding(url: str, symbols: list[str]) -> list:
    response = await asyncio.to_thread(requests.get, url, params={"s": ",".join(symbols)}, timeout=5)
    if response.status_code != 200: logger.warning("%s", response.status_code)
    return response.json()
''',
        ),
        Example(
            title="httpx: the request is awaited, the body is not",
            needs=("httpx",),
            code="""\
import httpx


class Rest:
    def __init__(self, base_url: str) -> None:
        self._http = httpx.AsyncClient(base_url=base_url)

    async def ticker(self, symbol: str) -> dict:
        response = await self._http.get("/ticker", params={"symbol": symbol})
        await response.raise_for_status()  # <- DG101
        return await response.json()  # <- DG101
""",
            fixed="""\
import httpx


class Rest:
    def __init__(self, base_url: str) -> None:
        self._http = httpx.AsyncClient(base_url=base_url)

    async def ticker(self, symbol: str) -> dict:
        response = await self._http.get("/ticker", params={"symbol": symbol})
        response.raise_for_status()
        return response.json()
""",
        ),
        Example(
            title="awaited twice",
            code="""\
import asyncio


class Orders:
    async def create(self, price: str) -> dict:
        await asyncio.sleep(0)
        return {"price": price, "status": "open"}

    async def replace(self, price: str) -> str:
        order = await self.create(price)
        result = await order  # <- DG101
        return result["status"]
""",
        ),
        Example(
            title="through a factory, a base class and a retry decorator",
            files={
                "venue/__init__.py": "from venue.factory import create\n",
                "venue/retry.py": """\
import functools


def retry(times: int = 3):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for attempt in range(times):
                try:
                    return function(*args, **kwargs)
                except ConnectionError:
                    if attempt == times - 1:
                        raise

        return wrapper

    return decorate
""",
                "venue/base.py": """\
from abc import ABC, abstractmethod

from venue.retry import retry


class Exchange(ABC):
    def __init__(self) -> None:
        self.ticks: dict[str, float] = {}

    @retry(times=5)
    def tick_size(self, symbol: str) -> float:
        return float(self.ticks[symbol])

    @abstractmethod
    async def connect(self) -> None: ...
""",
                "venue/factory.py": """\
from venue.paper import PaperExchange


def create(name: str):
    if name != "paper":
        raise ValueError(name)
    return PaperExchange()
""",
                "venue/paper.py": """\
from venue.base import Exchange


class PaperExchange(Exchange):
    async def connect(self) -> None:
        self.ticks["ETH"] = 0.01
""",
            },
            code="""\
import asyncio

import venue


async def main() -> None:
    exchange = venue.create("paper")
    await exchange.connect()
    print(await exchange.tick_size("ETH"))  # <- DG101


asyncio.run(main())
""",
        ),
        Example(
            title="a method that only the asynchronous class of the SDK has",
            needs=("httpx",),
            code="""\
import httpx


def make_client(url: str):
    return httpx.Client(base_url=url)


async def leave(url: str) -> None:
    client = make_client(url)
    await client.aclose()  # <- DG101
""",
        ),
        Example(
            title="plain methods of asyncio's own classes",
            code="""\
import asyncio


class Feed:
    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.queue: asyncio.Queue = asyncio.Queue()

    async def on_message(self, message: dict) -> None:
        await self.queue.put_nowait(message)  # <- DG101
        await self.ready.set()  # <- DG101
""",
        ),
        Example(
            title="a property, in a condition over several lines",
            code='''\
from decimal import Decimal


class Book:
    def __init__(self) -> None:
        self.bids = [(Decimal("2999"), Decimal(1))]
        self.asks = [(Decimal("3001"), Decimal(1))]

    @property
    def spread(self) -> Decimal:
        return Decimal(self.asks[0][0]) - Decimal(self.bids[0][0])


async def quotes(book: Book, limit: Decimal) -> str:
    if (
        limit
        > await book.spread  # <- DG101
    ):
        return """
  narrow
"""
    return "wide"


async def main() -> None:
    print(await quotes(Book(), Decimal(1)))
''',
        ),
    )
    right = (
        Example(
            title="the async class of the same SDK",
            needs=("grvt-pysdk",),
            code="""\
from pysdk.grvt_ccxt_env import GrvtEnv
from pysdk.grvt_ccxt_pro import GrvtCcxtPro


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.rest_client = GrvtCcxtPro(env=GrvtEnv.TESTNET, parameters=parameters)

    async def fetch_bbo(self, symbol: str) -> dict:
        await self.rest_client.load_markets()
        return await self.rest_client.fetch_ticker(symbol)
""",
        ),
        Example(
            title="the synchronous client in threads",
            needs=("grvt-pysdk",),
            code="""\
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
""",
        ),
        Example(
            title="a plain def that returns something to await, whatever its annotation says",
            code="""\
import asyncio


class Rest:
    async def _request(self, method: str, path: str) -> dict:
        await asyncio.sleep(0)
        return {"method": method, "path": path}

    def get(self, path: str) -> dict:
        return self._request("GET", path)

    def later(self, path: str):
        return asyncio.ensure_future(self._request("GET", path))

    def both(self, first: str, second: str):
        return asyncio.gather(self.get(first), self.get(second))


async def main() -> None:
    rest = Rest()
    print(await rest.get("/ticker"), await rest.later("/book"), await rest.both("/a", "/b"))
""",
        ),
        Example(
            title="a decorator that turns a plain function into an async one",
            code="""\
import asyncio
import functools


def in_thread(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        return await asyncio.to_thread(function, *args, **kwargs)

    return wrapper


class Ledger:
    @in_thread
    def load(self, path: str) -> str:
        with open(path) as file:
            return file.read()

    async def refresh(self) -> str:
        return await self.load("ledger.csv")
""",
        ),
        Example(
            title="objects and properties that are awaitable",
            code="""\
import asyncio
from collections.abc import Awaitable, Generator
from typing import Any


class Order:
    def __init__(self) -> None:
        self._filled = asyncio.get_running_loop().create_future()

    def __await__(self) -> Generator[Any, None, str]:
        return self._filled.__await__()

    @property
    def filled(self) -> Awaitable[str]:
        return asyncio.shield(self._filled)

    def place(self) -> "Order":
        return self


async def trade() -> tuple[str, str, str]:
    order = Order()
    return await order, await order.filled, await order.place()
""",
        ),
        Example(
            title="a base class whose subclasses are async",
            code='''\
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
''',
        ),
        Example(
            title="receivers and callbacks that may be of either colour",
            code="""\
import asyncio
import inspect


class SyncStore:
    def load(self) -> dict:
        return {}


class AsyncStore:
    async def load(self) -> dict:
        return {}


class Bot:
    def __init__(self, live: bool, on_fill) -> None:
        self.store = AsyncStore() if live else SyncStore()
        self.on_fill = on_fill

    async def start(self) -> dict:
        return await self.store.load()

    async def fill(self, price: float) -> None:
        result = self.on_fill(price)
        if inspect.isawaitable(result):
            await result


def log_fill(price: float) -> None:
    print(price)


asyncio.run(Bot(True, log_fill).fill(1.0))
""",
        ),
        Example(
            title="a name that is bound anew before it is awaited",
            code="""\
import asyncio


def connect(url: str) -> str:
    return url


async def connect_async(url: str) -> str:
    await asyncio.sleep(0)
    return url


async def main(fast: bool) -> None:
    connection = connect("wss://example.invalid")
    print(connection)
    connection = connect_async("wss://example.invalid")
    print(await connection)
    opener = connect
    if fast:
        opener = connect_async
    print(await opener("wss://example.invalid"))
""",
        ),
        Example(
            title="mocks in tests",
            code="""\
from unittest.mock import AsyncMock, MagicMock, Mock


class Client:
    def price(self) -> float:
        return 1.0


async def test_price() -> None:
    client = Client()
    client.price = AsyncMock(return_value=2.0)
    assert await client.price() == 2.0
    venue = MagicMock()
    venue.connect = AsyncMock()
    await venue.connect()
    other = Mock(fetch=AsyncMock(return_value={}))
    assert await other.fetch("ETH") == {}
""",
        ),
        Example(
            title="a proxy that answers to every name",
            code="""\
import asyncio


class Proxy:
    def __init__(self, target: object) -> None:
        self._target = target

    def __getattr__(self, name: str):
        async def call(*args):
            await asyncio.sleep(0)
            return getattr(self._target, name)(*args)

        return call


async def main() -> None:
    print(await Proxy({}).get("ETH"))
""",
        ),
    )


def _blocks(site: Site) -> bool:
    return site.callee is not None and (site.callee.network or bool(site.callee.blocks))


def _help(site: Site) -> str:
    callee = site.callee
    if callee is not None and callee.colour == "async generator":
        return f"iterate over it: `async for item in {site.subject}(...)`"
    if callee is None or not _blocks(site):
        return "drop the `await`"
    if callee.qualname == "time.sleep":
        return "use `await asyncio.sleep(...)`"
    mend = f"use `await asyncio.to_thread({site.subject}, ...)`, which keeps the event loop free"
    return f"{mend}; or use the async twin `{callee.twin}`" if callee.twin else mend
