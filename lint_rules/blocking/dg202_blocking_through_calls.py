"""DG202: a call that blocks the event loop further down."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.finding import Finding
from diag.lint.rule import Example, Rule
from diag.lint.site import Site
from lint_rules._text import short

if TYPE_CHECKING:
    from diag.lint.context import Context


class BlockingThroughCalls(Rule):
    """Site: the call in the async function; `callee` is what it reaches, `callee.blocks` the primitive.

    `detail`: what to do instead, where the call would fail in a thread.
    """

    code = "DG202"
    name = "blocking-through-calls"
    summary = "a call that blocks the event loop through other functions, down into the SDK"
    scopes = frozenset({"async def"})
    in_tests = False  # nothing trades on the event loop of a test
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

## How to fix it
`await asyncio.to_thread(self.rest_client.create_order, ...)`, or the asynchronous class of the SDK, which the
message names where there is one. What needs the running loop, or a sqlite3 connection of another thread,
fails in a thread: the help then names another way. Calls at start-up, before anything else runs, may be worth
a suppression with that reason.

## Fix safety
There is no fix yet.
"""

    def check(self, context: "Context") -> Iterator[Finding]:
        from lint_rules.blocking._calls import sites

        for site in sites(context, direct=False):
            yield self.report(site)

    def report(self, site: Site) -> Finding:
        callee = site.callee
        assert callee is not None
        end = f" ends at `{callee.blocks}`, which" if callee.blocks else ""
        message = f"`{short(site.expr)}` blocks the event loop: `{callee.name}`{end} waits in this thread"
        advice = site.detail or f"use `await asyncio.to_thread({site.subject}, ...)`"
        return self.finding(
            site, message, help=f"{advice}; or the async twin `{callee.twin}`" if callee.twin else advice
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
    )
