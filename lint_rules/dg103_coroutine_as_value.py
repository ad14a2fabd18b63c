"""DG103: a coroutine used as if it were its result."""

from diag.finding import Finding
from diag.lint.rule import Example, Rule
from diag.model.site import Kind, Site
from lint_rules._text import short

# What is done with the coroutine and what comes of it, by Site.context; {detail} is Site.detail.
_EFFECTS = {
    "condition": "used as a condition: a coroutine is always true, the other branch never runs",
    "attribute": "asked for `.{detail}`: AttributeError: 'coroutine' object has no attribute '{detail}'",
    "subscript": "indexed: TypeError: 'coroutine' object is not subscriptable",
    "unpack": "unpacked: TypeError: cannot unpack non-iterable coroutine object",
    "iteration": "iterated over: TypeError: 'coroutine' object is not iterable",
    "call": "called: TypeError: 'coroutine' object is not callable",
    "f-string": "put into a text, which gets `<coroutine object ...>` in place of the value",
    "log": "logged, as `<coroutine object ...>` in place of the value",
    "arithmetic": "calculated with: TypeError, a coroutine has no `{detail}`",
    "comparison": "compared: TypeError: '{detail}' not supported between instances of 'coroutine' and ...",
    "argument": "given to `{detail}`, which needs the result",
    "yield": "yielded, where the annotation promises the result",
}
_COMPARISONS = {
    "==": "compared: a coroutine equals nothing but itself, so that this is always False",
    "!=": "compared: a coroutine equals nothing but itself, so that this is always True",
    "is": "compared: a coroutine is nothing but itself, so that this is always False",
    "is not": "compared: a coroutine is nothing but itself, so that this is always True",
    "in": "searched: TypeError: argument of type 'coroutine' is not iterable",
    "not in": "searched: TypeError: argument of type 'coroutine' is not iterable",
}
_ARGUMENTS = {
    "Decimal": "TypeError: conversion from coroutine to Decimal is not supported",
    "float": "TypeError: float() argument must be a string or a real number, not 'coroutine'",
    "int": "TypeError: int() argument must be a string, a bytes-like object or a real number,"
    " not 'coroutine'",
    "len": "TypeError: object of type 'coroutine' has no len()",
    "round": "TypeError: type coroutine doesn't define __round__ method",
    "abs": "TypeError: bad operand type for abs(): 'coroutine'",
    "dumps": "TypeError: Object of type coroutine is not JSON serializable",
    "str": "the text is `<coroutine object ...>`",
    "repr": "the text is `<coroutine object ...>`",
    "bool": "always True",
    "print": "it prints `<coroutine object ...>`",
    **dict.fromkeys(
        ("sum", "sorted", "list", "tuple", "set", "dict", "enumerate", "zip", "map", "filter", "any", "all"),
        "TypeError: 'coroutine' object is not iterable",
    ),
}


class CoroutineAsValue(Rule):
    """Site: the expression that holds the coroutine; `callee` made it, `context` says how it is used.

    `detail`: the attribute (`attribute`), the operator (`comparison`, `arithmetic`), the function or method
    that is given the coroutine (`argument`).
    """

    code = "DG103"
    name = "coroutine-as-value"
    summary = "a coroutine is used as if it were its result"
    kinds = frozenset({Kind.AS_VALUE})
    explanation = """\
## What it does
Reports a coroutine that is tested, compared, indexed, unpacked, iterated over, calculated with, formatted,
logged, or given to a function that needs the value (`Decimal(...)`, `float(...)`, `len(...)`,
`json.dumps(...)`): the `await` is missing.

## Why is this bad
Where the use raises, the answer of the venue is lost, and a broad handler may turn that into a fallback.
Where it does not raise it is worse: `if client.is_flat():` is always true, `position == 0` is always False,
and the bot trades on it. In either case the body of the coroutine never runs.

## What happens at run time
```
TypeError: 'coroutine' object is not subscriptable
AttributeError: 'coroutine' object has no attribute 'price'
TypeError: cannot unpack non-iterable coroutine object
TypeError: conversion from coroutine to Decimal is not supported
TypeError: '<' not supported between instances of 'coroutine' and 'int'
```
and in each case, later, on stderr: `RuntimeWarning: coroutine '...' was never awaited`.

## How to mend it
Await the call: `(await client.fetch_ticker(symbol))["bid"]`. In a plain `def`, make the function `async` and
await it where it is called.

## Fix safety
There is no fix yet.
"""

    def check(self, site: Site) -> Finding | None:
        made = f" (`{site.callee.name}` is an `async def`)" if site.callee else ""
        message = f"`{short(site.expr)}` is a coroutine{made}, {_effect(site)}"
        if site.in_async:
            mend = (
                f"`await {short(site.expr)}`"
                if site.expr.endswith(")")
                else f"await what `{site.expr}` holds"
            )
        else:
            mend = (
                f"make `{site.function}` an `async def` and await it there" if site.function else "await it"
            )
        return self.finding(site, message, help=mend)

    wrong = (
        Example(
            title="conditions that are always true",
            code="""\
import asyncio


class Account:
    def __init__(self) -> None:
        self.sizes: dict[str, float] = {}

    async def is_flat(self) -> bool:
        await asyncio.sleep(0)
        return not self.sizes

    async def connected(self) -> bool:
        await asyncio.sleep(0)
        return True


class Hedger:
    def __init__(self) -> None:
        self.account = Account()

    async def step(self) -> str:
        if self.account.is_flat():  # <- DG103
            return "open"
        while not self.account.connected():  # <- DG103
            await asyncio.sleep(1)
        return "close" if self.account.is_flat() else "hold"  # <- DG103

    async def guard(self, armed: bool) -> None:
        if armed and not self.account.is_flat():  # <- DG103
            raise RuntimeError("position open")
""",
        ),
        Example(
            title="the ticker of an asynchronous SDK client, indexed and calculated with",
            needs=("grvt-pysdk",),
            code="""\
from decimal import Decimal

from pysdk.grvt_ccxt_env import GrvtEnv
from pysdk.grvt_ccxt_pro import GrvtCcxtPro


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.client = GrvtCcxtPro(env=GrvtEnv.TESTNET, parameters=parameters)

    async def best_bid(self, symbol: str) -> Decimal:
        return Decimal(self.client.fetch_ticker(symbol)["best_bid_price"])  # <- DG103

    async def best_ask(self, symbol: str) -> Decimal:
        book = self.client.fetch_order_book(symbol, limit=10)
        return Decimal(book["asks"][0]["price"])  # <- DG103

    async def count(self) -> int:
        return len(self.client.fetch_open_orders())  # <- DG103
""",
        ),
        Example(
            title="unpacked, compared, subtracted, converted",
            code="""\
import asyncio
import json
from decimal import Decimal


class Venue:
    async def bbo(self, symbol: str) -> tuple[Decimal, Decimal]:
        await asyncio.sleep(0)
        return Decimal(1), Decimal(2)

    async def position(self, symbol: str) -> Decimal:
        await asyncio.sleep(0)
        return Decimal(0)


class Strategy:
    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    async def spread(self, symbol: str) -> Decimal:
        bid, ask = self.venue.bbo(symbol)  # <- DG103
        return ask - bid

    async def report(self, symbol: str) -> str:
        if self.venue.position(symbol) == 0:  # <- DG103
            return "flat"
        if self.venue.position(symbol) > 1:  # <- DG103
            return "long"
        hedge = 0 - self.venue.position(symbol)  # <- DG103
        size = float(self.venue.position(symbol))  # <- DG103
        return json.dumps({"hedge": hedge, "size": size})


strategy = Strategy(Venue())
""",
        ),
        Example(
            title="attributes of the result, through a base class in another module",
            files={
                "exchanges/__init__.py": "",
                "exchanges/base.py": """\
from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass
class OrderResult:
    success: bool
    price: float = 0.0


class BaseExchangeClient(ABC):
    @abstractmethod
    async def place_open_order(self, price: float) -> OrderResult: ...

    @abstractmethod
    async def open_orders(self) -> list[OrderResult]: ...
""",
                "exchanges/paper.py": """\
from .base import BaseExchangeClient, OrderResult


class PaperClient(BaseExchangeClient):
    async def place_open_order(self, price: float) -> OrderResult:
        return OrderResult(True, price)

    async def open_orders(self) -> list[OrderResult]:
        return []
""",
            },
            code="""\
import logging

from exchanges.paper import PaperClient

logger = logging.getLogger(__name__)


class Bot:
    def __init__(self) -> None:
        self.client = PaperClient()

    async def open(self, price: float) -> float:
        result = self.client.place_open_order(price)
        if result.success:  # <- DG103
            return price
        return 0.0

    async def prices(self) -> list[float]:
        return [order.price for order in self.client.open_orders()]  # <- DG103

    async def cancel(self) -> None:
        for order in self.client.open_orders():  # <- DG103
            print(order.price)
""",
        ),
        Example(
            title="in messages and logs",
            code="""\
import asyncio
import logging

logger = logging.getLogger(__name__)


async def mid_price(symbol: str) -> float:
    await asyncio.sleep(0)
    return 3000.0


async def report(symbol: str) -> str:
    logger.info("mid of %s: %s", symbol, mid_price(symbol))  # <- DG103
    print(mid_price(symbol))  # <- DG103
    return f"mid {mid_price(symbol)}"  # <- DG103
""",
        ),
        Example(
            title="in a plain def, on an aiohttp response",
            needs=("aiohttp",),
            code="""\
import aiohttp


class Rest:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def ticker(self, url: str) -> dict:
        async with self.session.get(url) as response:
            return response.json()["result"]  # <- DG103

    def mark_price(self, url: str) -> float:
        return float(self.ticker(url)["mark"])  # <- DG103


async def main() -> None:
    async with aiohttp.ClientSession() as session:
        print(await Rest(session).ticker("https://example.invalid"))
""",
        ),
    )

    right = (
        Example(
            title="awaited where it is used",
            needs=("grvt-pysdk",),
            code="""\
from decimal import Decimal

from pysdk.grvt_ccxt_env import GrvtEnv
from pysdk.grvt_ccxt_pro import GrvtCcxtPro


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.client = GrvtCcxtPro(env=GrvtEnv.TESTNET, parameters=parameters)

    async def best_bid(self, symbol: str) -> Decimal:
        if not (await self.client.load_markets()):
            raise RuntimeError("no markets")
        return Decimal((await self.client.fetch_ticker(symbol))["best_bid_price"])

    async def count(self) -> int:
        print(f"open: {await self.client.fetch_open_orders()}")
        return sum([1 for order in await self.client.fetch_open_orders()])
""",
        ),
        Example(
            title="tests and logs of the coroutine itself",
            code="""\
import asyncio
import inspect
import logging

logger = logging.getLogger(__name__)


async def fetch(symbol: str) -> str:
    await asyncio.sleep(0)
    return symbol


async def main(symbol: str | None) -> None:
    job = fetch(symbol) if symbol else None
    if job is not None:
        logger.debug("running %r", job)
        print(await job)
    other = fetch("BTC")
    if asyncio.iscoroutine(other) and isinstance(other, object):
        print(other.__name__, inspect.getcoroutinestate(other))
        other.close()
    jobs = [fetch("A"), fetch("B")]
    if jobs and len(jobs) == 2:
        print(f"{len(jobs)} to go: {jobs}")
        await asyncio.gather(*jobs)
""",
        ),
        Example(
            title="functions, tasks and callbacks in conditions",
            code="""\
import asyncio
from collections.abc import Awaitable, Callable


class Feed:
    def __init__(self, on_fill: Callable[[str], Awaitable[None]] | None = None) -> None:
        self.on_fill = on_fill
        self.task: asyncio.Task | None = None

    async def run(self) -> None:
        if self.on_fill:
            await self.on_fill("order")
        if self.run and self.task is None:
            self.task = asyncio.create_task(self.poll())
        if self.task and not self.task.done():
            print(f"polling: {self.task}, {self.poll}")

    async def poll(self) -> None:
        await asyncio.sleep(0)


async def log(order: str) -> None:
    print(order)


asyncio.run(Feed(log).run())
""",
        ),
        Example(
            title="names that are plain elsewhere: a property, an override, a dict",
            code="""\
import asyncio


class Live:
    async def position(self) -> float:
        await asyncio.sleep(0)
        return 1.0


class Paper:
    def position(self) -> float:
        return 0.0

    @property
    def balance(self) -> float:
        return 100.0


class Hedger:
    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.venues = {"live": Live(), "paper": paper}

    async def report(self) -> float:
        if self.paper.position() == 0 and self.paper.balance > 1:
            return 0.0
        venue = self.venues["paper"]
        if isinstance(venue, Paper) and venue.position():
            return venue.position() + 1
        live = self.venues["live"]
        return await live.position() if isinstance(live, Live) else 0.0


hedger = Hedger(Paper())
""",
        ),
        Example(
            title="a list of results, awaited as a whole",
            code="""\
import asyncio


async def price(symbol: str) -> float:
    await asyncio.sleep(0)
    return 1.0


async def total(symbols: list[str]) -> float:
    prices = await asyncio.gather(*(price(symbol) for symbol in symbols))
    first, *others = prices
    waiting = {symbol: asyncio.ensure_future(price(symbol)) for symbol in symbols}
    for symbol, future in waiting.items():
        print(symbol, await future)
    by_symbol = dict(zip(symbols, prices))
    return first + sum(others) + by_symbol.get("ETH", 0.0)
""",
        ),
    )


def _effect(site: Site) -> str:
    if site.context == "comparison" and site.detail in _COMPARISONS:
        return _COMPARISONS[site.detail]
    effect = _EFFECTS.get(site.context, "used as if it were its result").format(detail=site.detail)
    function = site.detail.rpartition(".")[2]
    if site.context == "argument" and function in _ARGUMENTS:
        return f"given to `{site.detail}`: {_ARGUMENTS[function]}"
    return effect
