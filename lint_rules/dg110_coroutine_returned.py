"""DG110: an async function returns a coroutine that nobody awaits."""

from diag.finding import Finding
from diag.lint.rule import Example, Rule
from diag.model.site import Kind, Site
from lint_rules._text import short


class CoroutineReturned(Rule):
    """Site: the returned expression; `callee` made the coroutine, `function` is the `async def` around it."""

    code = "DG110"
    name = "coroutine-returned"
    summary = "an async function returns a coroutine: its callers await only the outer one"
    kinds = frozenset({Kind.RETURNED})
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

## How to mend it
`return await self._request(...)`, or make the wrapper a plain `def`.

## Fix safety
There is no fix yet.
"""

    def check(self, site: Site) -> Finding | None:
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
        Example(
            title="through a retry decorator and a base class in another module",
            files={
                "base.py": """\
import functools
from abc import ABC, abstractmethod


def retry(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        for _ in range(3):
            try:
                return await function(*args, **kwargs)
            except ConnectionError:
                continue
        raise ConnectionError("three times")

    return wrapper


class Exchange(ABC):
    @abstractmethod
    async def price(self, symbol: str) -> float: ...

    async def mid(self, symbol: str) -> float:
        return self.price(symbol)  # <- DG110
""",
            },
            code="""\
import asyncio

from base import Exchange, retry


class Paper(Exchange):
    async def price(self, symbol: str) -> float:
        await asyncio.sleep(0)
        return 3000.0

    @retry
    async def size(self, symbol: str) -> float:
        return await self.price(symbol) / 2

    async def notional(self, symbol: str) -> float:
        return self.size(symbol)  # <- DG110


paper = Paper()
""",
        ),
        Example(
            title="a library's coroutine",
            code="""\
import asyncio


async def pause(seconds: float) -> None:
    return asyncio.sleep(seconds)  # <- DG110


async def first(queue: asyncio.Queue, timeout: float) -> str:
    if timeout:
        return asyncio.wait_for(queue.get(), timeout)  # <- DG110
    return await queue.get()
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
        Example(
            title="the caller awaits twice",
            code="""\
import asyncio


async def send(order: str) -> str:
    await asyncio.sleep(0)
    return order


async def prepare(order: str):
    await asyncio.sleep(0)
    return send(order)


async def prepare_all(orders: list[str]):
    await asyncio.sleep(0)
    return [send(order) for order in orders]


async def main() -> None:
    job = await prepare("a")
    print(await job, await (await prepare("b")))
    await asyncio.gather(*await prepare_all(["c", "d"]))
    task = asyncio.create_task(await prepare("e"))
    await task


asyncio.run(main())
""",
        ),
        Example(
            title="says that it returns something to await",
            code="""\
import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any


async def send(order: str) -> str:
    await asyncio.sleep(0)
    return order


async def choose(fast: bool) -> Callable[[str], Awaitable[str]]:
    return send


async def start(order: str) -> asyncio.Task:
    return asyncio.create_task(send(order))


async def plan(order: str) -> Coroutine[Any, Any, str]:
    await asyncio.sleep(0)
    return send(order)


async def main() -> None:
    sender = await choose(True)
    print(await sender("a"), await (await start("b")), await (await plan("c")))


asyncio.run(main())
""",
        ),
        Example(
            title="names of plain functions, and generators",
            code="""\
import asyncio


class Live:
    async def size(self) -> float:
        await asyncio.sleep(0)
        return 1.0


class Paper:
    def size(self) -> float:
        return 0.0


class Book:
    def __init__(self, paper: Paper) -> None:
        self.paper = paper

    async def size(self) -> float:
        return self.paper.size()

    async def quotes(self):
        yield await Live().size()

    async def stream(self):
        return self.quotes()


async def main() -> None:
    book = Book(Paper())
    async for quote in await book.stream():
        print(quote + await book.size())


asyncio.run(main())
""",
        ),
        Example(
            title="of either colour, told apart by the caller",
            code="""\
import asyncio
import inspect


async def send(order: str) -> str:
    await asyncio.sleep(0)
    return order


async def handle(order: str, background: bool):
    if background:
        return send(order)
    return order


async def main() -> None:
    result = await handle("a", True)
    if inspect.isawaitable(result):
        result = await result
    print(result)


asyncio.run(main())
""",
        ),
    )
