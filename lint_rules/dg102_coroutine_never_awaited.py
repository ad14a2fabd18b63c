"""DG102: a coroutine that nobody awaits."""

from diag.finding import Finding, Fix
from diag.lint.rule import Example, Rule
from diag.model.site import Kind, Site
from lint_rules._text import short


class CoroutineNeverAwaited(Rule):
    """Site: the call that makes the coroutine; `callee` is the coroutine function.

    `context` is `async generator` where that is what is made and thrown away, `assigned` where the name
    `detail` keeps it unread, `stored` where the readers of the attribute `detail` take it for the result,
    `declared` where only the annotation of a callable says that there is something to await.
    """

    code = "DG102"
    name = "coroutine-never-awaited"
    summary = "a coroutine is made and nobody awaits it: its body never runs"
    kinds = frozenset({Kind.DROPPED})
    explanation = """\
## What it does
Reports a call of an `async def` whose coroutine is thrown away, or kept in a name that nobody reads again.

## Why is this bad
Calling an `async def` runs none of its body. The order is not cancelled, the position not closed, the pause
between two requests not made, and the program goes on as if all that were done.

## What happens at run time
No exception. When the coroutine is collected, Python prints to stderr (not to the bot's log):
```
RuntimeWarning: coroutine 'GrvtCcxtPro.cancel_all_orders' was never awaited
```

## How to mend it
- In an `async def`: `await` it, or hand it to `asyncio.create_task(...)` and keep the task, if it is to run
  beside what follows.
- In a plain `def`: make that function `async` and await it where it is called; at the top of a program, use
  `asyncio.run(...)`; from another thread, `asyncio.run_coroutine_threadsafe(..., loop)`.

## Fix safety
The fix adds `await` where the nearest function is an `async def`. It is unsafe where the callee loops while
it awaits (it may run for as long as the bot does, and a task may be meant).
"""

    def check(self, site: Site) -> Finding | None:
        name = site.callee.name if site.callee else site.subject
        message = f"`{short(site.expr)}` makes a coroutine that nobody awaits: `{name}` never runs"
        if site.context in {"assigned", "stored"}:
            message += f" (`{site.detail}` keeps the coroutine, not its result)"
        if site.context == "declared":
            message = f"`{short(site.subject)}` is declared to give something to await, which nobody awaits"
        if site.context == "async generator":
            message = f"`{short(site.expr)}` makes an async generator that nobody reads: `{name}` never runs"
            mend = f"read it: `async for item in {short(site.expr)}`"
        elif site.in_async:
            mend = f"`await {short(site.expr)}`, or `asyncio.create_task(...)` and keep the task"
        elif site.function:
            mend = f"make `{site.function}` an `async def` and await it there"
        else:
            mend = f"`asyncio.run({short(site.expr)})`"
        return self.finding(site, message, help=mend)

    def fix(self, site: Site) -> Fix | None:
        from lint_rules._mend import add_await

        return add_await(site) if site.in_async and site.context != "async generator" else None

    wrong = (
        Example(
            title="orders that are not cancelled when the bot stops",
            code="""\
import asyncio


class Bot:
    def __init__(self) -> None:
        self.orders: list[str] = []

    async def cancel_all(self) -> int:
        await asyncio.sleep(0)
        self.orders.clear()
        return len(self.orders)

    async def stop(self) -> None:
        self.cancel_all()  # <- DG102
        asyncio.sleep(1)  # <- DG102
        print("stopped")
""",
            fixed="""\
import asyncio


class Bot:
    def __init__(self) -> None:
        self.orders: list[str] = []

    async def cancel_all(self) -> int:
        await asyncio.sleep(0)
        self.orders.clear()
        return len(self.orders)

    async def stop(self) -> None:
        await self.cancel_all()
        await asyncio.sleep(1)
        print("stopped")
""",
        ),
        Example(
            title="the asynchronous class of an SDK, used like the synchronous one",
            needs=("grvt-pysdk",),
            code="""\
from pysdk.grvt_ccxt_env import GrvtEnv
from pysdk.grvt_ccxt_pro import GrvtCcxtPro


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.client = GrvtCcxtPro(env=GrvtEnv.TESTNET, parameters=parameters)

    async def close_all(self, symbol: str) -> None:
        self.client.cancel_all_orders()  # <- DG102
        order = self.client.create_order(  # <- DG102
            symbol,
            "market",
            "sell",
            1,  # contracts
        )
        print("closed")
""",
            fixed="""\
from pysdk.grvt_ccxt_env import GrvtEnv
from pysdk.grvt_ccxt_pro import GrvtCcxtPro


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.client = GrvtCcxtPro(env=GrvtEnv.TESTNET, parameters=parameters)

    async def close_all(self, symbol: str) -> None:
        await self.client.cancel_all_orders()
        order = await self.client.create_order(
            symbol,
            "market",
            "sell",
            1,  # contracts
        )
        print("closed")
""",
        ),
        Example(
            title="in a plain def, on a client that a factory made",
            files={
                "exchanges/__init__.py": "from .factory import ExchangeFactory\n",
                "exchanges/base.py": """\
from abc import ABC, abstractmethod


class BaseExchangeClient(ABC):
    def __init__(self, config: dict) -> None:
        self.config = config

    @abstractmethod
    async def connect(self) -> None: ...

    @abstractmethod
    async def disconnect(self) -> None: ...
""",
                "exchanges/paper.py": """\
import asyncio

from .base import BaseExchangeClient


class PaperClient(BaseExchangeClient):
    async def connect(self) -> None:
        await asyncio.sleep(0)

    async def disconnect(self) -> None:
        await asyncio.sleep(0)
""",
                "exchanges/factory.py": """\
from .base import BaseExchangeClient
from .paper import PaperClient


class ExchangeFactory:
    _clients = {"paper": PaperClient}

    @classmethod
    def create(cls, name: str, config: dict) -> BaseExchangeClient:
        return cls._clients[name](config)
""",
            },
            code="""\
import asyncio
import signal

from exchanges import ExchangeFactory


class Hedger:
    def __init__(self) -> None:
        self.stop = False
        self.client = ExchangeFactory.create("paper", {})

    def shutdown(self, number: int, frame: object) -> None:
        self.stop = True
        self.client.disconnect()  # <- DG102

    async def run(self) -> None:
        signal.signal(signal.SIGINT, self.shutdown)
        await self.client.connect()
        while not self.stop:
            await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(Hedger().run())
""",
        ),
        Example(
            title="the override calls its base class, and a wrapped method",
            code="""\
import asyncio
import functools
import logging


def query_retry(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        try:
            return await function(*args, **kwargs)
        except ConnectionError:
            logging.exception("retrying")
            return await function(*args, **kwargs)

    return wrapper


class Client:
    async def start(self) -> None:
        await asyncio.sleep(0)

    @query_retry
    async def set_leverage(self, leverage: int) -> None:
        await asyncio.sleep(0)


class GridBot(Client):
    async def start(self) -> None:
        super().start()  # <- DG102
        if not self.ready(): self.set_leverage(5)  # <- DG102

    def ready(self) -> bool:
        return False
""",
            fixed="""\
import asyncio
import functools
import logging


def query_retry(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        try:
            return await function(*args, **kwargs)
        except ConnectionError:
            logging.exception("retrying")
            return await function(*args, **kwargs)

    return wrapper


class Client:
    async def start(self) -> None:
        await asyncio.sleep(0)

    @query_retry
    async def set_leverage(self, leverage: int) -> None:
        await asyncio.sleep(0)


class GridBot(Client):
    async def start(self) -> None:
        await super().start()
        if not self.ready(): await self.set_leverage(5)

    def ready(self) -> bool:
        return False
""",
        ),
        Example(
            title="aiohttp: a session that is not closed",
            needs=("aiohttp",),
            code="""\
import aiohttp


class Rest:
    def __init__(self) -> None:
        self.session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self.session = aiohttp.ClientSession()

    async def close(self) -> None:
        if self.session is not None:
            self.session.close()  # <- DG102
""",
            fixed="""\
import aiohttp


class Rest:
    def __init__(self) -> None:
        self.session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self.session = aiohttp.ClientSession()

    async def close(self) -> None:
        if self.session is not None:
            await self.session.close()
""",
        ),
        Example(
            title="one for each order, and one for the main program",
            code="""\
import asyncio


async def cancel(order: str) -> None:
    await asyncio.sleep(0)


async def main() -> None:
    for order in ("a", "b"):
        cancel(order)  # <- DG102
    asyncio.wait_for(cancel("c"), 1)  # <- DG102


main()  # <- DG102
""",
        ),
        Example(
            title="a client that is handed in from another module",
            files={
                "client.py": '''\
import asyncio


class LighterClient:
    async def cancel(self, order: str) -> bool:
        await asyncio.sleep(0)
        return bool(order)

    async def flush(self) -> None:
        """Waits until everything is sent, however long that takes."""
        while self.pending():
            await asyncio.sleep(0.1)

    def pending(self) -> int:
        return 0
''',
            },
            code="""\
import asyncio

from client import LighterClient


class Strategy:
    def __init__(self, client: LighterClient, symbol: str) -> None:
        self.client, self.symbol = client, symbol

    async def flatten(self) -> None:
        self.client.cancel(self.symbol)  # <- DG102
        self.client.flush()  # <- DG102


def build() -> Strategy:
    return Strategy(LighterClient(), "ETH")


asyncio.run(build().flatten())
""",
        ),
    )

    right = (
        Example(
            title="awaited, in a task that is kept, in a gather",
            code="""\
import asyncio


class Bot:
    def __init__(self) -> None:
        self.tasks: set[asyncio.Task] = set()

    async def cancel(self, order: str) -> str:
        await asyncio.sleep(0)
        return order

    async def stop(self, orders: list[str]) -> list[str]:
        await self.cancel(orders[0])
        task = asyncio.create_task(self.cancel(orders[1]))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        await asyncio.wait_for(self.cancel(orders[2]), 1)
        async with asyncio.timeout(1):
            await self.cancel(orders[3])
        return await asyncio.gather(*[self.cancel(order) for order in orders])


def main() -> None:
    asyncio.run(Bot().stop(["a", "b", "c", "d"]))
""",
        ),
        Example(
            title="coroutines that are collected and awaited later, or somewhere else",
            code="""\
import asyncio
from collections.abc import Coroutine


async def fetch(symbol: str) -> str:
    await asyncio.sleep(0)
    return symbol


def plan(symbols: list[str]) -> list[Coroutine]:
    jobs = []
    for symbol in symbols:
        jobs.append(fetch(symbol))
    return jobs


def wrapper(symbol: str) -> Coroutine:
    return fetch(symbol)


def stream(symbols: list[str]):
    for symbol in symbols:
        yield fetch(symbol)


async def main() -> None:
    by_symbol = {"ETH": fetch("ETH")}
    first = fetch("BTC")
    print(await wrapper("SOL"), await by_symbol["ETH"])
    for job in plan(["A", "B"]):
        await job
    for job in stream(["C"]):
        await job
    results = await asyncio.gather(first, return_exceptions=True)
    print(results)
    async with asyncio.TaskGroup() as group:
        group.create_task(fetch("D"))
""",
        ),
        Example(
            title="names that other objects have as well",
            code="""\
import logging


class Telegram:
    async def info(self, text: str) -> None: ...

    async def shutdown(self, wait: bool = True) -> None: ...

    async def send(self, text: str) -> None: ...


class Scheduler:
    def shutdown(self, wait: bool = True) -> None: ...


class Bot:
    def __init__(self, scheduler: Scheduler, socket) -> None:
        self.logger = logging.getLogger(__name__)
        self.telegram = Telegram()
        self.scheduler = scheduler
        self.socket = socket

    async def stop(self) -> None:
        self.logger.info("stopping")
        self.scheduler.shutdown(wait=False)
        self.socket.send("bye")
        await self.telegram.send("bye")


bot = Bot(Scheduler(), None)
""",
        ),
        Example(
            title="a decorator that turns an async function into a plain one",
            code="""\
import asyncio
import functools


def command(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return asyncio.run(function(*args, **kwargs))

    return wrapper


@command
async def cancel_all() -> None:
    await asyncio.sleep(0)


if __name__ == "__main__":
    cancel_all()
""",
        ),
        Example(
            title="handed to the loop from a plain def",
            code="""\
import asyncio


class Feed:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    async def resubscribe(self) -> None:
        await asyncio.sleep(0)

    def on_close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.resubscribe(), self.loop)

    def start(self) -> None:
        self.loop.run_until_complete(self.resubscribe())

    def refuse(self) -> None:
        coroutine = self.resubscribe()
        coroutine.close()
""",
        ),
        Example(
            title="mocks, and methods that tests replace",
            code="""\
from unittest.mock import AsyncMock, Mock, patch


class Client:
    async def cancel(self) -> None: ...


def test_stop() -> None:
    client = Client()
    client.cancel = Mock()
    client.cancel()
    client.cancel.assert_called_once()
    other = AsyncMock()
    other.cancel.assert_not_called()
    with patch.object(Client, "cancel", new_callable=Mock) as cancel:
        cancel()
""",
        ),
        Example(
            title="of either colour, by what the object is or by what it was given",
            code="""\
import asyncio
import inspect


class SyncClient:
    def close(self) -> None: ...


class AsyncClient:
    async def close(self) -> None: ...


class Bot:
    def __init__(self, live: bool, on_stop) -> None:
        self.client = AsyncClient() if live else SyncClient()
        self.on_stop = on_stop

    async def stop(self) -> None:
        if inspect.iscoroutinefunction(self.client.close):
            await self.client.close()
        else:
            self.client.close()
        result = self.on_stop()
        if asyncio.iscoroutine(result):
            await result


async def goodbye() -> None:
    await asyncio.sleep(0)


asyncio.run(Bot(True, goodbye).stop())
""",
        ),
        Example(
            title="a class with a plain method, and its subclass that keeps it plain",
            files={
                "venue.py": """\
from contextlib import asynccontextmanager


class Venue:
    def cancel(self, order: str) -> None:
        print("cancel", order)

    @asynccontextmanager
    async def session(self):
        yield self

    async def prices(self):
        yield 1.0
""",
            },
            code="""\
from venue import Venue


class Paper(Venue):
    def cancel(self, order: str) -> None:
        super().cancel(order)


async def run(venue: Paper) -> None:
    venue.cancel("a")
    async with venue.session() as session:
        session.cancel("b")
    async for price in venue.prices():
        print(price)
""",
        ),
    )
