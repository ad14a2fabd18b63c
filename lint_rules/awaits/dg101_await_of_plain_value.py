"""DG101: await of a value that is not awaitable."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.finding import Finding, Fix
from diag.lint.rule import Example, Rule
from diag.lint.site import Site
from lint_rules._text import article, describe, runtime_type, short

if TYPE_CHECKING:
    from diag.lint.context import Context


class AwaitOfPlainValue(Rule):
    """Site: the `await`; `callee` is what the awaited call reaches; without one, `detail` is the type.

    `how` is `missing` where the client `detail` lacks the method, which only its async twin has.
    """

    code = "DG101"
    name = "await-of-plain-value"
    summary = "`await` of a value that is not awaitable"
    scopes = frozenset({"async def"})
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

## How to fix it
- A callee that does network I/O or blocks otherwise: `await asyncio.to_thread(client.fetch_ticker, symbol)`.
  Merely dropping the `await` would stop the event loop for the length of the request.
- The same with the asynchronous class of the SDK, which the message names where there is one.
- A callee that computes: drop the `await`.

## Fix safety
The fix is safe: the statement failed each time it ran. `asyncio.to_thread` runs the callee in another thread;
a client that is not thread-safe must not be used by two tasks at once.
"""

    def check(self, context: "Context") -> Iterator[Finding]:
        from lint_rules.awaits._awaits import judged_awaits, site_of

        for each in context.once(judged_awaits):
            if each.verdict == "wrong":
                yield self.report(site_of(context, each))

    def report(self, site: Site) -> Finding:
        callee = site.callee
        if callee is not None and site.how == "missing":
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
        from lint_rules.awaits._fixes import drop_await, run_in_thread, sleep_without_blocking

        if site.how == "missing":
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
    advice = f"use `await asyncio.to_thread({site.subject}, ...)`, which keeps the event loop free"
    return f"{advice}; or use the async twin `{callee.twin}`" if callee.twin else advice
