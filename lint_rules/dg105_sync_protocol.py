"""DG105: `for` or `with` over an asynchronous object, `async for` or `async with` over a plain one."""

from diag.finding import Finding
from diag.lint.rule import Example, Rule
from diag.model.site import Kind, Site
from lint_rules._text import article, runtime_type, short

_NEEDS = {
    "for": "TypeError: '{type}' object is not iterable",
    "with": "TypeError: '{type}' object does not support the context manager protocol",
    "async for": "TypeError: 'async for' requires an object with __aiter__ method, got {type}",
    "async with": "TypeError: '{type}' object does not support the asynchronous context manager protocol",
}


class SyncProtocol(Rule):
    """Site: what is iterated over or entered; `context` is the word of the statement, `detail` the type.

    The type is `coroutine` where an `await` is missing.
    """

    code = "DG105"
    name = "sync-protocol"
    summary = "`for` or `with` where `async for` or `async with` is due, or the reverse"
    kinds = frozenset({Kind.SYNC_PROTOCOL})
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

## How to mend it
Use the statement of the right colour, in an `async def`. Where a coroutine returns a list, await it:
`for order in await client.open_orders():`.

## Fix safety
There is no fix yet.
"""

    def check(self, site: Site) -> Finding | None:
        kind = _type(site)
        error = _NEEDS[site.context].format(type=kind) if kind else "TypeError"
        what = f"is {article(site.detail)}" if kind else "is of the other colour"
        message = f"`{site.context}` over `{short(site.expr)}`, which {what}: raises {error}"
        return self.finding(site, message, help=_mend(site))

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
            title="locks of the wrong colour",
            code="""\
import asyncio
import threading


class Account:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.thread_lock = threading.Lock()
        self.limit = asyncio.Semaphore(5)
        self.balance = 0

    async def deposit(self, amount: int) -> None:
        with self.lock:  # <- DG105
            self.balance += amount
        with self.limit:  # <- DG105
            self.balance += amount

    async def withdraw(self, amount: int) -> None:
        async with self.thread_lock:  # <- DG105
            self.balance -= amount
""",
        ),
        Example(
            title="a coroutine that returns a list",
            code="""\
import asyncio


class Client:
    async def open_orders(self, symbol: str) -> list[str]:
        await asyncio.sleep(0)
        return [symbol]

    def positions(self) -> list[str]:
        return ["ETH"]

    async def report(self) -> None:
        async for order in self.open_orders("ETH"):  # <- DG105
            print(order)
        async for position in self.positions():  # <- DG105
            print(position)
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
        Example(
            title="context managers of one's own, from another module",
            files={
                "sessions.py": """\
from contextlib import asynccontextmanager, contextmanager


class Session:
    async def __aenter__(self) -> "Session":
        return self

    async def __aexit__(self, *error: object) -> None: ...


@asynccontextmanager
async def connected():
    yield Session()


@contextmanager
def timed():
    yield 1.0
""",
            },
            code="""\
from sessions import Session, connected, timed


async def main() -> None:
    with Session() as session:  # <- DG105
        print(session)
    with connected() as session:  # <- DG105
        print(session)
    async with timed() as start:  # <- DG105
        print(start)
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
        Example(
            title="objects of both colours",
            code="""\
class Connection:
    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *error: object) -> None: ...

    async def __aenter__(self) -> "Connection":
        return self

    async def __aexit__(self, *error: object) -> None: ...

    def __iter__(self):
        return iter(())

    def __aiter__(self):
        return self

    async def __anext__(self) -> str:
        raise StopAsyncIteration


async def main() -> None:
    with Connection() as connection:
        for message in connection:
            print(message)
    async with Connection() as connection:
        async for message in connection:
            print(message)
""",
        ),
        Example(
            title="aiohttp and websockets",
            needs=("aiohttp", "websockets"),
            code="""\
import aiohttp
import websockets


async def stream(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            print(await response.json())
        async with session.ws_connect(url) as socket:
            async for message in socket:
                print(message.data)
    async with websockets.connect(url) as socket:
        async for message in socket:
            print(message)
    async for socket in websockets.connect(url):
        await socket.send("ping")
""",
        ),
        Example(
            title="context managers that a coroutine gives, and lists of coroutines",
            code="""\
import asyncio
from contextlib import AsyncExitStack, asynccontextmanager


class Pool:
    async def __aenter__(self) -> "Pool":
        return self

    async def __aexit__(self, *error: object) -> None: ...

    async def close(self) -> None: ...


async def create_pool() -> Pool:
    await asyncio.sleep(0)
    return Pool()


@asynccontextmanager
async def pool():
    async with await create_pool() as made:
        yield made


async def main() -> None:
    async with pool() as one, AsyncExitStack() as stack:
        other = await stack.enter_async_context(pool())
        for job in (one.close(), other.close()):
            await job
""",
        ),
        Example(
            title="a coroutine that returns a generator, and a base class without an async one",
            code="""\
import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator


class Source(ABC):
    @abstractmethod
    def quotes(self) -> AsyncIterator[float]: ...

    async def opened(self) -> AsyncIterator[float]:
        await asyncio.sleep(0)
        return self.quotes()


class Paper(Source):
    async def quotes(self) -> AsyncIterator[float]:
        yield 1.0


async def main(source: Source) -> None:
    async for quote in source.quotes():
        print(quote)
    async for quote in await source.opened():
        print(quote)


asyncio.run(main(Paper()))
""",
        ),
    )


def _type(site: Site) -> str:
    """The type as Python's message names it; what `contextlib` makes of a generator has a name of its own."""
    if site.context.endswith("with"):
        managers = {
            "generator": "_GeneratorContextManager",
            "async generator": "_AsyncGeneratorContextManager",
        }
        return managers.get(site.detail, runtime_type(site.detail))
    return runtime_type(site.detail)


def _mend(site: Site) -> str:
    if site.detail == "coroutine":
        return f"await it first: `await {short(site.expr)}`"
    if site.context.startswith("async "):
        return f"use `{site.context.removeprefix('async ')}`"
    where = "" if site.in_async else f", and make `{site.function}` an `async def`" if site.function else ""
    return f"use `async {site.context}`{where}"
