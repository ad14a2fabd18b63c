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
        Example(
            title="made in one module, used in another",
            needs=("grvt-pysdk",),
            files={
                "clients.py": """\
from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv


def make(parameters: dict) -> GrvtCcxt:
    return GrvtCcxt(GrvtEnv.PROD, parameters=parameters)  # <- DG203
""",
            },
            code="""\
import asyncio

from clients import make


class Bot:
    def __init__(self, parameters: dict) -> None:
        self.client = make(parameters)

    async def run(self) -> None:
        while True:
            print(self.client.fetch_balance())  # <- DG202
            await asyncio.sleep(1)


def main() -> None:
    bot = Bot({})
    asyncio.run(bot.run())
""",
        ),
        Example(
            title="a client of the module",
            needs=("grvt-pysdk",),
            code="""\
from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv

client = GrvtCcxt(GrvtEnv.TESTNET)  # <- DG203


def open_orders(symbol: str) -> list:
    return client.fetch_open_orders(symbol)


async def flat(symbol: str) -> bool:
    return not open_orders(symbol)  # <- DG202
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
        Example(
            title="in threads only",
            needs=("grvt-pysdk",),
            code="""\
import asyncio

from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.rest_client = GrvtCcxt(env=GrvtEnv.TESTNET, parameters=parameters)

    async def positions(self) -> list:
        return await asyncio.to_thread(self.rest_client.fetch_positions)
""",
        ),
        Example(
            title="in plain code",
            needs=("grvt-pysdk",),
            code="""\
from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv


def report() -> None:
    client = GrvtCcxt(GrvtEnv.TESTNET)
    print(client.fetch_positions())


if __name__ == "__main__":
    report()
""",
        ),
        Example(
            title="async code that calls nothing of it that waits",
            needs=("grvt-pysdk",),
            code="""\
from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.rest_client = GrvtCcxt(env=GrvtEnv.TESTNET, parameters=parameters)

    async def account(self) -> str:
        return self.rest_client.get_trading_account_id()
""",
        ),
        Example(
            title="a client that the SDK has only once, and a class of one's own",
            code="""\
import asyncio


class Exchange:
    def price(self, symbol: str) -> float:
        return 1.0


class AsyncExchange:
    async def price(self, symbol: str) -> float:
        await asyncio.sleep(0)
        return 1.0


class Bot:
    def __init__(self) -> None:
        self.exchange = Exchange()

    async def run(self) -> float:
        return self.exchange.price("ETH")
""",
        ),
        Example(
            title="ccxt.async_support under the name of the package",
            needs=("ccxt",),
            code="""\
import ccxt.async_support as ccxt


class Prices:
    def __init__(self) -> None:
        self.exchange = ccxt.binance({"enableRateLimit": True})

    async def last(self, symbol: str) -> float:
        ticker = await self.exchange.fetch_ticker(symbol)
        return ticker["last"]

    async def close(self) -> None:
        await self.exchange.close()
""",
        ),
    )
