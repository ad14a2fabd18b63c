"""DG105: `for` or `with` over an asynchronous object, `async for` or `async with` over a plain one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.finding import Finding
from diag.lint.rule import Example
from diag.lint.site import Site
from lint_rules._text import article, runtime_type, short
from lint_rules.awaits._rule import AwaitRule

if TYPE_CHECKING:
    from diag.lint.context import Context

_NEEDS = {
    "for": "TypeError: '{type}' object is not iterable",
    "with": "TypeError: '{type}' object does not support the context manager protocol",
    "async for": "TypeError: 'async for' requires an object with __aiter__ method, got {type}",
    "async with": "TypeError: '{type}' object does not support the asynchronous context manager protocol",
}


class SyncProtocol(AwaitRule):
    """Site: what is iterated over or entered; `how` is the word of the statement, `detail` the type.

    The type is `coroutine` where an `await` is missing.
    """

    code = "DG105"
    name = "sync-protocol"
    summary = "`for` or `with` where `async for` or `async with` is due, or the reverse"
    explanation = """\
## What it does
Reports a `for` (or a comprehension) over an async generator or another object that has only `__aiter__`, a
`with` over an object that has only `__aenter__`, and the reverse: `async for` and `async with` over plain
objects, and over coroutines that must be awaited first.

## Why is this bad
The statement fails each time it runs: the stream of fills is never read, the lock never taken.

## What happens at run time
```
TypeError: 'async_generator' object is not iterable
TypeError: 'Lock' object does not support the context manager protocol
TypeError: 'async for' requires an object with __aiter__ method, got list
TypeError: '_thread.lock' object does not support the asynchronous context manager protocol
```

## How to fix it
Use the statement of the right colour, in an `async def`. Where a coroutine returns a list, await it:
`for order in await client.open_orders():`.

## Fix safety
There is no fix yet.
"""

    def judge(self, context: "Context") -> Iterator[Finding]:
        from lint_rules.awaits._coroutines import coroutines
        from lint_rules.awaits._protocols import wrong_protocols

        for site in wrong_protocols(context):
            yield self.report(site)
        for each in context.once(coroutines).of("wrong protocol"):
            yield self.report(each.site)

    def report(self, site: Site) -> Finding:
        kind = _type(site)
        error = _NEEDS[site.how].format(type=kind) if kind else "TypeError"
        what = f"is {article(site.detail)}" if kind else "is of the other colour"
        message = f"`{site.how}` over `{short(site.expr)}`, which {what}: raises {error}"
        return self.finding(site, message, help=_advice(site))

    wrong = (
        Example(
            title="a stream of fills, read with a plain for",
            code="""\
import asyncio


class Feed:
    def __init__(self) -> None:
        self.queue: asyncio.Queue = asyncio.Queue()

    async def fills(self):
        while True:
            yield await self.queue.get()

    async def first(self) -> str:
        for fill in self.fills():  # <- DG105
            return fill
        return ""

    async def all(self) -> list:
        return [fill for fill in self.fills()]  # <- DG105
""",
        ),
        Example(
            title="aiohttp with the habits of requests, and files",
            needs=("aiohttp",),
            code="""\
import aiohttp


class Rest:
    async def ticker(self, url: str) -> dict:
        async with aiohttp.ClientSession() as session:
            with session.get(url) as response:  # <- DG105
                return response


async def save(path: str) -> None:
    async with open(path) as file:  # <- DG105
        print(file)
""",
        ),
    )

    right = (
        Example(
            title="each statement in its colour",
            code="""\
import asyncio
import threading
from contextlib import suppress


class Feed:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.thread_lock = threading.Lock()

    async def fills(self):
        yield "fill"

    async def orders(self) -> list[str]:
        return ["a"]

    async def run(self, tasks: list[asyncio.Task]) -> list[str]:
        async for fill in self.fills():
            print(fill)
        for order in await self.orders():
            print(order)
        async with self.lock, asyncio.timeout(1):
            with self.thread_lock, suppress(ValueError):
                print("both")
        for future in asyncio.as_completed(tasks):
            print(await future)
        return [fill async for fill in self.fills()]
""",
        ),
    )


def _type(site: Site) -> str:
    """The type as Python's message names it; what `contextlib` makes of a generator has a name of its own."""
    if site.how.endswith("with"):
        managers = {
            "generator": "_GeneratorContextManager",
            "async generator": "_AsyncGeneratorContextManager",
        }
        return managers.get(site.detail, runtime_type(site.detail))
    return runtime_type(site.detail)


def _advice(site: Site) -> str:
    if site.detail == "coroutine":
        return f"await it first: `await {short(site.expr)}`"
    if site.how.startswith("async "):
        return f"use `{site.how.removeprefix('async ')}`"
    where = "" if site.in_async else f", and make `{site.function}` an `async def`" if site.function else ""
    return f"use `async {site.how}`{where}"
