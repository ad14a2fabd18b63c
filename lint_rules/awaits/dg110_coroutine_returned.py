"""DG110: an async function returns a coroutine that nobody awaits."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.finding import Finding
from diag.lint.rule import Example, Rule
from diag.lint.site import Site
from lint_rules._text import short

if TYPE_CHECKING:
    from diag.lint.context import Context


class CoroutineReturned(Rule):
    """Site: the returned expression; `callee` made the coroutine, `function` is the `async def` around it."""

    code = "DG110"
    name = "coroutine-returned"
    summary = "an async function returns a coroutine: its callers await only the outer one"
    scopes = frozenset({"async def"})
    explanation = """\
## What it does
Reports `return f()` in an `async def` where `f` is an `async def` as well: whoever awaits the outer function
gets a coroutine in place of the result. Silent where a caller awaits that too, where it is handed on to be
awaited, and where the function says that it returns something to await.

## Why is this bad
`return self._request(...)` is right in a plain `def` and wrong in an `async def`; adding `async` to a wrapper
is enough to break it. The request is never sent, and the caller goes on with a coroutine for an answer.

## What happens at run time
At the caller:
```
TypeError: 'coroutine' object is not subscriptable
```
and, later, on stderr: `RuntimeWarning: coroutine 'Rest._request' was never awaited`.

## How to fix it
`return await self._request(...)`, or make the wrapper a plain `def`.

## Fix safety
There is no fix yet.
"""

    def check(self, context: "Context") -> Iterator[Finding]:
        from lint_rules.awaits._coroutines import coroutines

        for each in context.once(coroutines).of("returned"):
            yield self.report(each.site)

    def report(self, site: Site) -> Finding:
        name = site.callee.name if site.callee else site.subject
        message = (
            f"`{site.function}` is an `async def` and returns the coroutine of `{name}`: "
            f"`await {site.function.rpartition('.')[2]}(...)` gives a coroutine, not its result"
        )
        return self.finding(site, message, help=f"`return await {short(site.expr)}`")

    wrong = (
        Example(
            title="a wrapper that was made async",
            code="""\
import asyncio


class Rest:
    async def _request(self, method: str, path: str) -> dict:
        await asyncio.sleep(0)
        return {"method": method, "path": path}

    async def get(self, path: str) -> dict:
        return self._request("GET", path)  # <- DG110

    async def post(self, path: str) -> dict:
        response = self._request("POST", path)
        return response  # <- DG110


async def main() -> None:
    ticker = await Rest().get("/ticker")
    print(ticker["path"])
""",
        ),
        Example(
            title="an SDK client behind an interface",
            needs=("grvt-pysdk",),
            code="""\
from pysdk.grvt_ccxt_env import GrvtEnv
from pysdk.grvt_ccxt_pro import GrvtCcxtPro


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.client = GrvtCcxtPro(env=GrvtEnv.TESTNET, parameters=parameters)

    async def ticker(self, symbol: str) -> dict:
        return self.client.fetch_ticker(symbol)  # <- DG110

    async def cancel(self, order: str | None) -> bool:
        if order is None:
            return self.client.cancel_all_orders()  # <- DG110
        return await self.client.cancel_order(order)
""",
        ),
    )

    right = (
        Example(
            title="awaited, or returned by a plain def",
            code="""\
import asyncio
from collections.abc import Awaitable


class Rest:
    async def _request(self, path: str) -> dict:
        await asyncio.sleep(0)
        return {"path": path}

    async def get(self, path: str) -> dict:
        return await self._request(path)

    def get_later(self, path: str) -> Awaitable[dict]:
        return self._request(path)


async def main() -> None:
    rest = Rest()
    print(await rest.get("/a"), await rest.get_later("/b"))
""",
        ),
    )
