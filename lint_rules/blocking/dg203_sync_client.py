"""DG203: a synchronous SDK client in async code."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from diag.finding import Finding, Step
from diag.lint.checked import Fact
from diag.lint.rule import Example, Rule
from diag.lint.site import Site
from lint_rules._text import short

if TYPE_CHECKING:
    from diag.lint.context import Context, ModuleContext


class SyncClient(Rule):
    """Site: the call that makes the client; `callee` is its class, `callee.twin` the asynchronous one."""

    code = "DG203"
    name = "sync-client"
    summary = "a synchronous SDK client in async code, where the SDK has an asynchronous one"
    scopes = frozenset({"module", "class", "def", "async def"})
    in_tests = False
    explanation = """\
## What it does
Reports the place where a synchronous SDK client is made whose blocking methods `async def` functions call,
when the same SDK has an asynchronous class (`GrvtCcxt` and `GrvtCcxtPro`, `ccxt.binance` and
`ccxt.async_support.binance`, `Client` and `AsyncClient` of python-binance). One finding a client; its calls
are those that DG101 and DG202 report.

## Why is this bad
It is the cause behind these: each call stops the event loop for the length of a request, and each `await`
that somebody adds in front of one fails with `TypeError: object dict can't be used in 'await' expression`.

## What happens at run time
No exception here; see DG101 and DG202.

## How to fix it
Make the asynchronous class instead and await its methods (they carry the same names), and close it when the
program ends, where it asks for that; or keep this one and run its methods by `asyncio.to_thread`.

## Fix safety
There is no fix: the constructor's arguments and the life of the client differ.
"""

    def wants(self, module: "ModuleContext") -> bool:
        return module.may_await or module.uses_sdk

    def check(self, context: "Context") -> Iterator[Fact]:
        from lint_rules.blocking._clients import built, used

        for name, site in built(context):
            lines = [Step(site.path, line, "") for line in (site.line, site.stmt_line)]
            yield self.fact("built", name, *lines, finding=self.report(site))
        for name, call, where in used(context) if context.scope.is_async else ():
            yield self.fact("used", name, call, *where)

    def join(self, facts: Sequence[Fact], shown: Callable[[str], str]) -> Iterator[Finding]:
        """A client is reported where it is built, if a call of that one is known or one in a folder below."""
        calls: dict[tuple[str, str, int], list[Step]] = {}
        for fact in facts:
            if fact.topic == "used":
                call, *where = fact.steps
                place = (where[0].path, where[0].line) if where else (str(Path(call.path).parent), 0)
                calls.setdefault((fact.key, *place), []).append(call)
        for fact in facts:
            if fact.finding is not None:
                places = [(step.path, step.line) for step in fact.steps]
                places += [(str(folder), 0) for folder in Path(fact.finding.path).parents]
                found = {call for place in places for call in calls.get((fact.key, *place), ())}
                if found:
                    chain = sorted(found, key=lambda step: (step.path, step.line, step.message))[:5]
                    yield replace(fact.finding, chain=(*fact.finding.chain, *chain))

    def report(self, site: Site) -> Finding:
        callee = site.callee
        assert callee is not None
        message = (
            f"`{short(site.expr)}` makes a synchronous client, and async code calls its blocking methods"
        )
        advice = f"make its async twin `{callee.twin}` and await its methods; or use `asyncio.to_thread`"
        return self.finding(site, message, help=advice)

    wrong = (
        Example(
            title="GRVT: the client of a whole bot",
            needs=("grvt-pysdk",),
            code="""\
from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.rest_client = GrvtCcxt(env=GrvtEnv.TESTNET, parameters=parameters)  # <- DG203

    async def positions(self) -> list:
        return self.rest_client.fetch_positions()  # <- DG202

    async def cancel(self, order: str) -> bool:
        return self.rest_client.cancel_order(order)  # <- DG202

    async def ticker(self, symbol: str) -> dict:
        return await self.rest_client.fetch_ticker(symbol)  # <- DG101
""",
        ),
        Example(
            title="ccxt: the package instead of ccxt.async_support",
            needs=("ccxt",),
            code="""\
import ccxt


class Prices:
    def __init__(self) -> None:
        self.exchange = ccxt.binance({"enableRateLimit": True})  # <- DG203

    async def last(self, symbol: str) -> float:
        ticker = self.exchange.fetch_ticker(symbol)  # <- DG202
        return ticker["last"]
""",
        ),
    )

    right = (
        Example(
            title="the asynchronous class",
            needs=("grvt-pysdk",),
            code="""\
from pysdk.grvt_ccxt_env import GrvtEnv
from pysdk.grvt_ccxt_pro import GrvtCcxtPro


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.rest_client = GrvtCcxtPro(env=GrvtEnv.TESTNET, parameters=parameters)

    async def positions(self) -> list:
        return await self.rest_client.fetch_positions()
""",
        ),
    )
