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
    )
