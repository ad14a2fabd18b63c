"""DG103: a coroutine used as if it were its result."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.finding import Finding
from diag.lint.rule import Example
from diag.lint.site import Site
from lint_rules._text import short
from lint_rules.awaits._rule import AwaitRule

if TYPE_CHECKING:
    from diag.lint.context import Context

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


class CoroutineAsValue(AwaitRule):
    """Site: the expression that holds the coroutine; `callee` made it, `how` says how it is used.

    `detail`: the attribute (`attribute`), the operator (`comparison`, `arithmetic`), the function or method
    that is given the coroutine (`argument`).
    """

    code = "DG103"
    name = "coroutine-as-value"
    summary = "a coroutine is used as if it were its result"
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

## How to fix it
Await the call: `(await client.fetch_ticker(symbol))["bid"]`. In a plain `def`, make the function `async` and
await it where it is called.

## Fix safety
There is no fix yet.
"""

    def judge(self, context: "Context") -> Iterator[Finding]:
        from lint_rules.awaits._coroutines import coroutines

        for each in context.once(coroutines).of("as value"):
            yield self.report(each.site)

    def report(self, site: Site) -> Finding:
        made = f" (`{site.callee.name}` is an `async def`)" if site.callee else ""
        message = f"`{short(site.expr)}` is a coroutine{made}, {_effect(site)}"
        if site.in_async:
            advice = (
                f"`await {short(site.expr)}`"
                if site.expr.endswith(")")
                else f"await what `{site.expr}` holds"
            )
        else:
            advice = (
                f"make `{site.function}` an `async def` and await it there" if site.function else "await it"
            )
        return self.finding(site, message, help=advice)

    wrong = (
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
    )


def _effect(site: Site) -> str:
    if site.how == "comparison" and site.detail in _COMPARISONS:
        return _COMPARISONS[site.detail]
    effect = _EFFECTS.get(site.how, "used as if it were its result").format(detail=site.detail)
    function = site.detail.rpartition(".")[2]
    if site.how == "argument" and function in _ARGUMENTS:
        return f"given to `{site.detail}`: {_ARGUMENTS[function]}"
    return effect
