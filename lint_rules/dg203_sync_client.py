"""DG203: a synchronous SDK client in async code."""

from diag.finding import Finding
from diag.lint.rule import Example, Rule
from diag.model.site import Kind, Site
from lint_rules._text import short


class SyncClient(Rule):
    """Site: the call that makes the client; `callee` is its class, `callee.twin` the asynchronous one."""

    code = "DG203"
    name = "sync-client"
    summary = "a synchronous SDK client in async code, where the SDK has an asynchronous one"
    kinds = frozenset({Kind.SYNC_CLIENT})
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

## How to mend it
Make the asynchronous class instead and await its methods (they carry the same names), and close it when the
program ends, where it asks for that; or keep this one and run its methods by `asyncio.to_thread`.

## Fix safety
There is no fix: the constructor's arguments and the life of the client differ.
"""

    def check(self, site: Site) -> Finding | None:
        callee = site.callee
        if callee is None or not callee.twin:
            return None
        message = (
            f"`{short(site.expr)}` makes a synchronous client, and async code calls its blocking methods"
        )
        mend = f"make its async twin `{callee.twin}` and await its methods; or use `asyncio.to_thread`"
        return self.finding(site, message, help=mend)

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
