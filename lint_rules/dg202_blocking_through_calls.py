"""DG202: a call that blocks the event loop further down."""

from diag.finding import Finding
from diag.lint.rule import Example, Rule
from diag.model.site import Kind, Site
from lint_rules._text import short


class BlockingThroughCalls(Rule):
    """Site: the call in the async function; `callee` is what it reaches, `callee.blocks` the primitive."""

    code = "DG202"
    name = "blocking-through-calls"
    summary = "a call that blocks the event loop through other functions, down into the SDK"
    kinds = frozenset({Kind.BLOCKS_THROUGH})
    explanation = """\
## What it does
Reports a call in an `async def` of a plain function that, through any number of other plain functions of the
project or of an SDK, ends at a call that blocks (see DG201). The chain is printed, one link a line.

## Why is this bad
The call looks harmless: it is a method of one's own client, or `rest_client.create_order(...)` of an SDK. It
stops the event loop all the same, for the length of an HTTP request, and for its time-out (5 to 30 seconds)
when the venue is slow. Meanwhile no fill is seen and no heartbeat is answered; what one sees are time-outs
elsewhere.

## What happens at run time
No exception. With `PYTHONASYNCIODEBUG=1`, a line like
```
Executing <Task pending name='Task-1' coro=<Bot.run()>> took 4.981 seconds
```

## How to mend it
`await asyncio.to_thread(self.rest_client.create_order, ...)`, or the asynchronous class of the SDK, which the
message names where there is one. Calls at start-up, before anything else runs, may be worth a suppression
with that reason.

## Fix safety
There is no fix yet.
"""

    def check(self, site: Site) -> Finding | None:
        callee = site.callee
        if callee is None:
            return None
        end = f" ends at `{callee.blocks}`, which" if callee.blocks else ""
        message = f"`{short(site.expr)}` blocks the event loop: `{callee.name}`{end} waits in this thread"
        mend = f"use `await asyncio.to_thread({site.subject}, ...)`"
        return self.finding(
            site, message, help=f"{mend}; or the async twin `{callee.twin}`" if callee.twin else mend
        )

    wrong = (
        Example(
            title="the synchronous client of an SDK",
            needs=("grvt-pysdk",),
            code="""\
from decimal import Decimal

from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.rest_client = GrvtCcxt(env=GrvtEnv.TESTNET, parameters=parameters)  # <- DG203

    async def fetch_bbo_prices(self, symbol: str) -> tuple[Decimal, Decimal]:
        book = self.rest_client.fetch_order_book(symbol, limit=10)  # <- DG202
        return Decimal(book["bids"][0]["price"]), Decimal(book["asks"][0]["price"])

    async def close(self, symbol: str, size: Decimal) -> bool:
        self.rest_client.create_order(symbol, "market", "sell", size)  # <- DG202
        return self.rest_client.cancel_all_orders()  # <- DG202
""",
        ),
        Example(
            title="three helpers deep, in other modules",
            needs=("requests",),
            files={
                "transport/__init__.py": "",
                "transport/rest.py": """\
import requests


class Rest:
    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.session = requests.Session()

    def _send(self, method: str, path: str) -> dict:
        response = self.session.request(method, self.base_url + path, timeout=5)
        response.raise_for_status()
        return response.json()

    def get(self, path: str) -> dict:
        return self._send("GET", path)
""",
                "transport/client.py": """\
from .rest import Rest


class Client:
    def __init__(self) -> None:
        self.rest = Rest("https://example.invalid")

    def position(self, symbol: str) -> float:
        return float(self.rest.get(f"/position/{symbol}")["size"])
""",
            },
            code="""\
import asyncio

from transport.client import Client


class Bot:
    def __init__(self, client: Client) -> None:
        self.client = client

    async def run(self, symbol: str) -> None:
        while self.client.position(symbol) > 0:  # <- DG202
            await asyncio.sleep(1)


def main() -> None:
    bot = Bot(Client())
    asyncio.run(bot.run("ETH"))
""",
        ),
        Example(
            title="a retry decorator that sleeps, a constructor that connects",
            code="""\
import asyncio
import functools
import time
import urllib.request


def retry(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except ConnectionError:
            time.sleep(5)
            return function(*args, **kwargs)

    return wrapper


class Gateway:
    def __init__(self, host: str) -> None:
        self.greeting = urllib.request.urlopen(host).read()

    @retry
    def cancel(self, order: str) -> str:
        return order


def connect(host: str) -> Gateway:
    return Gateway(host)


async def main(gateway: Gateway) -> None:
    gateway.cancel("a")  # <- DG202
    print(connect("https://example.invalid"))  # <- DG202
    print(Gateway("https://example.invalid"))  # <- DG202


if __name__ == "__main__":
    asyncio.run(main(Gateway("https://example.invalid")))
""",
        ),
        Example(
            title="an inherited method, and super()",
            code="""\
import subprocess
import time


class Base:
    def wait(self) -> None:
        time.sleep(1)

    def sync_clock(self) -> int:
        return subprocess.call(["ntpdate", "pool.invalid"])


class Bot(Base):
    def wait(self) -> None:
        super().wait()

    async def run(self) -> None:
        self.wait()  # <- DG202
        if self.sync_clock():  # <- DG202
            print("clock not set")
""",
        ),
    )

    right = (
        Example(
            title="in threads",
            needs=("grvt-pysdk",),
            code="""\
import asyncio
import functools

from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.rest_client = GrvtCcxt(env=GrvtEnv.TESTNET, parameters=parameters)

    def _book(self, symbol: str) -> dict:
        return self.rest_client.fetch_order_book(symbol, limit=10)

    async def bbo(self, symbol: str) -> dict:
        book = await asyncio.to_thread(self._book, symbol)
        loop = asyncio.get_running_loop()
        create = functools.partial(self.rest_client.create_order, symbol, "market", "sell", 1)
        await loop.run_in_executor(None, create)
        await loop.run_in_executor(None, lambda: self._book(symbol))
        return book
""",
        ),
        Example(
            title="before the loop starts, and after it",
            needs=("requests",),
            code="""\
import asyncio
import time

import requests


class Bot:
    def __init__(self, url: str) -> None:
        self.symbols = requests.get(url, timeout=5).json()

    def wait(self) -> None:
        time.sleep(1)

    async def run(self) -> None:
        await asyncio.sleep(1)


def main() -> None:
    bot = Bot("https://example.invalid")
    bot.wait()
    asyncio.run(bot.run())
    bot.wait()


if __name__ == "__main__":
    main()
""",
        ),
        Example(
            title="only named, only made: generators, callbacks, partials",
            code="""\
import asyncio
import functools
import threading
import time


def work(seconds: float) -> None:
    time.sleep(seconds)


def ticks():
    while True:
        time.sleep(1)
        yield time.time()


async def main() -> None:
    stream = ticks()
    later = functools.partial(work, 1)
    thread = threading.Thread(target=work, args=(1,))
    thread.start()
    callbacks = {"work": work, "later": later, "nested": lambda: work(1)}
    print(stream, callbacks)
    await asyncio.to_thread(callbacks["work"], 1)
""",
        ),
        Example(
            title="the asynchronous class of the SDK, and plain functions that do not wait",
            needs=("grvt-pysdk",),
            code="""\
from pysdk.grvt_ccxt_env import GrvtEnv
from pysdk.grvt_ccxt_pro import GrvtCcxtPro


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.client = GrvtCcxtPro(env=GrvtEnv.TESTNET, parameters=parameters)

    def _levels(self, book: dict) -> list:
        return [level["price"] for level in book["bids"]]

    async def bids(self, symbol: str) -> list:
        print(self.client.get_trading_account_id())
        return self._levels(await self.client.fetch_order_book(symbol))
""",
        ),
        Example(
            title="a client that blocks or does not, by how it was made",
            files={
                "clients.py": """\
import time


class Live:
    def pause(self) -> None:
        time.sleep(1)


class Replay:
    def __init__(self) -> None:
        self.now = 0.0

    def pause(self) -> None:
        self.now += 1
""",
            },
            code="""\
from clients import Live, Replay


class Bot:
    def __init__(self, live: bool) -> None:
        self.client = Live() if live else Replay()

    async def run(self) -> None:
        self.client.pause()
""",
        ),
    )
