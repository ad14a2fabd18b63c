"""DG104: the same call awaited in one place and not in another."""

from diag.finding import Finding
from diag.lint.rule import Example, Rule
from diag.model.site import Kind, Site
from lint_rules._text import short


class AwaitedElsewhere(Rule):
    """Site: the call that is not awaited; `detail` is where the same is awaited (`client.py:12`)."""

    code = "DG104"
    name = "awaited-elsewhere"
    summary = "awaited in one place, not awaited in another: one of the two is wrong"
    kinds = frozenset({Kind.CONTRADICTION})
    explanation = """\
## What it does
Reports a call of a method whose definition is out of sight (an injected client, a plugin, a package that is
not installed) when the same method of the same object is awaited in one place, and elsewhere its result is
thrown away, or used as a value, without an `await`.

Silent where the code itself tells the two apart, under a test (`iscoroutinefunction`, `isawaitable`, a flag)
or in the handler of a failed attempt, and where the result is kept, returned or handed on and may be awaited
there.

## Why is this bad
A method is a coroutine function or it is not. If it is, the call without `await` does nothing; if it is not,
the `await` fails each time it runs.

## What happens at run time
One of
```
RuntimeWarning: coroutine 'Client.cancel_order' was never awaited
TypeError: object dict can't be used in 'await' expression
```

## How to mend it
Look the method up, and make the two places agree. With the package installed in the environment that `diag`
reads (`--python`), it can say which of the two is wrong.

## Fix safety
There is no fix: which place is wrong is not known.
"""

    def check(self, site: Site) -> Finding | None:
        there = f" at {site.detail}" if site.detail else " elsewhere"
        message = f"`{short(site.expr)}` is not awaited here, but `{site.subject}` is awaited{there}"
        mend = "await it here too, if it is a coroutine function; else drop the other `await`"
        return self.finding(site, message, help=mend)

    wrong = (
        Example(
            title="an injected client, cancelled without effect",
            code="""\
import asyncio


class Strategy:
    def __init__(self, client) -> None:
        self.client = client

    async def replace(self, order_id: str, price: float) -> None:
        await self.client.cancel_order(order_id)
        await self.client.create_order(price)

    async def stop(self, order_id: str) -> None:
        self.client.cancel_order(order_id)  # <- DG104
        await asyncio.sleep(1)
""",
        ),
        Example(
            title="a client from a plugin, tested and indexed",
            code="""\
import importlib


class Bot:
    def __init__(self, name: str) -> None:
        self.exchange = importlib.import_module(f"plugins.{name}").Client()

    async def open(self) -> None:
        if await self.exchange.has_position("ETH"):
            return
        ticker = await self.exchange.fetch_ticker("ETH")
        print(ticker["bid"])

    async def close(self) -> None:
        if not self.exchange.has_position("ETH"):  # <- DG104
            return
        print(self.exchange.fetch_ticker("ETH")["ask"])  # <- DG104
""",
        ),
        Example(
            title="a parameter, within one function",
            code="""\
from decimal import Decimal
from typing import Any


async def hedge(venue: Any, symbol: str) -> Decimal:
    size = Decimal(await venue.position(symbol))
    await venue.market_order(symbol, -size)
    left = Decimal(venue.position(symbol))  # <- DG104
    return left
""",
        ),
        Example(
            title="an SDK that is neither installed nor known, behind a class of one's own",
            files={
                "venue.py": """\
from obscure_exchange_sdk import AsyncThing


class Venue:
    def __init__(self, key: str) -> None:
        self.thing = AsyncThing(key)

    async def start(self) -> None:
        await self.thing.login()
        await self.thing.subscribe("fills")

    async def restart(self) -> None:
        self.thing.login()  # <- DG104
        await self.thing.subscribe("fills")
""",
            },
            code="""\
import asyncio

from venue import Venue

asyncio.run(Venue("key").start())
""",
        ),
    )

    right = (
        Example(
            title="awaited in both places",
            code="""\
class Strategy:
    def __init__(self, client) -> None:
        self.client = client

    async def replace(self, order_id: str) -> None:
        await self.client.cancel_order(order_id)

    async def stop(self, order_id: str) -> None:
        await self.client.cancel_order(order_id)
""",
        ),
        Example(
            title="told apart by a test",
            code="""\
import asyncio
import inspect


class Bot:
    def __init__(self, client, is_async: bool) -> None:
        self.client = client
        self.is_async = is_async

    async def stop(self) -> None:
        if asyncio.iscoroutinefunction(self.client.close):
            await self.client.close()
        else:
            self.client.close()

    async def fetch(self) -> dict:
        if self.is_async:
            return await self.client.fetch()
        return self.client.fetch()

    async def cancel(self) -> None:
        result = self.client.cancel()
        if inspect.isawaitable(result):
            await result

    async def flush(self) -> None:
        try:
            await self.client.flush()
        except TypeError:
            self.client.flush()
""",
        ),
        Example(
            title="awaited by somebody else",
            code="""\
import asyncio


class Bot:
    def __init__(self, client) -> None:
        self.client = client
        self.jobs = []

    async def first(self) -> None:
        await self.client.poll("a")

    def later(self):
        return self.client.poll("b")

    async def rest(self) -> None:
        self.jobs.append(self.client.poll("c"))
        job = self.client.poll("d")
        await asyncio.gather(self.client.poll("e"), job, *self.jobs)
        task = asyncio.create_task(self.client.poll("f"))
        await task
""",
        ),
        Example(
            title="the same method of different objects",
            code="""\
class Bot:
    def __init__(self, rest, stream) -> None:
        self.rest = rest
        self.stream = stream

    async def stop(self, other) -> None:
        await self.stream.close()
        self.rest.close()
        other.close()
        client = self.stream
        await client.close()
        client = self.rest
        client.close()


class Other:
    def __init__(self, stream) -> None:
        self.stream = stream

    def stop(self) -> None:
        self.stream.close()
""",
        ),
        Example(
            title="a name that is bound anew, and one that is replaced in a test",
            code="""\
from unittest.mock import Mock


async def main(connect, connect_async) -> None:
    session = connect()
    session.ping()
    session = await connect_async()
    await session.ping()


async def test_ping(session) -> None:
    await session.ping()
    session.ping = Mock()
    session.ping()
""",
        ),
    )
