"""DG109: asyncio.run or run_until_complete under a running loop."""

from diag.finding import Finding
from diag.lint.rule import Example, Rule
from diag.model.site import Kind, Site
from lint_rules._text import short

_ERRORS = {
    "run": "RuntimeError: asyncio.run() cannot be called from a running event loop",
    "run_until_complete": "RuntimeError: This event loop is already running",
    "run_forever": "RuntimeError: This event loop is already running",
}


class NestedRun(Rule):
    """Site: the call in the async function; `detail` is what starts the loop (`asyncio.run`).

    `callee` is that too, or the plain function through which it is reached.
    """

    code = "DG109"
    name = "nested-run"
    summary = "`asyncio.run` or `run_until_complete` while an event loop is running"
    kinds = frozenset({Kind.NESTED_RUN})
    explanation = """\
## What it does
Reports `asyncio.run(...)` and `loop.run_until_complete(...)` in an `async def`, or in a plain function that
an `async def` calls.

## Why is this bad
A thread has one running event loop, and it is the one that runs this code. A plain helper that wraps an async
client works in scripts and fails inside the bot.

## What happens at run time
```
RuntimeError: asyncio.run() cannot be called from a running event loop
RuntimeError: This event loop is already running
```
and the coroutine that was given to it is never awaited.

## How to mend it
Await the coroutine; make the plain functions on the way `async`. Code that must stay plain belongs in a
thread (`await asyncio.to_thread(helper)`), where it may run a loop of its own.

## Fix safety
There is no fix yet.
"""

    def check(self, site: Site) -> Finding | None:
        starter = site.detail.replace("asyncio.loop.", "loop.")
        runner = starter.rpartition(".")[2]
        error = _ERRORS.get(runner, "RuntimeError")
        if site.callee is not None and site.callee.name.rpartition(".")[2] != runner:
            what = f"`{short(site.expr)}` reaches `{starter}` through `{site.callee.name}`"
            mend = f"make `{site.callee.name}` an `async def`, or call it by `await asyncio.to_thread(...)`"
        else:
            what = f"`{short(site.expr)}` is called"
            mend = "await the coroutine"
        message = f"{what} while an event loop is running `{site.function}`: raises {error}"
        return self.finding(site, message, help=mend)

    wrong = (
        Example(
            title="in an async function",
            code="""\
import asyncio


async def fetch(symbol: str) -> str:
    await asyncio.sleep(0)
    return symbol


async def main() -> None:
    print(asyncio.run(fetch("ETH")))  # <- DG109
    loop = asyncio.get_event_loop()
    print(loop.run_until_complete(fetch("BTC")))  # <- DG109
    print(asyncio.get_running_loop().run_until_complete(fetch("SOL")))  # <- DG109


asyncio.run(main())
""",
        ),
        Example(
            title="in a plain method that async code calls",
            code="""\
import asyncio


class Client:
    async def _balance(self) -> float:
        await asyncio.sleep(0)
        return 1.0

    def balance(self) -> float:
        return asyncio.run(self._balance())


class Bot:
    def __init__(self) -> None:
        self.client = Client()

    async def step(self) -> float:
        return self.client.balance()  # <- DG109
""",
        ),
        Example(
            title="through two helpers in another module",
            files={
                "sync.py": """\
import asyncio


async def _cancel(order: str) -> str:
    await asyncio.sleep(0)
    return order


def run(coroutine):
    loop = asyncio.get_event_loop()
    return loop.run_until_complete(coroutine)


def cancel(order: str) -> str:
    return run(_cancel(order))
""",
            },
            code="""\
import asyncio

import sync


async def stop(orders: list[str]) -> None:
    for order in orders:
        sync.cancel(order)  # <- DG109


def main() -> None:
    sync.cancel("before the loop starts")
    asyncio.run(stop(["a"]))
""",
        ),
        Example(
            title="in an async context manager, and in a nested function",
            code="""\
import asyncio


class Session:
    async def _close(self) -> None:
        await asyncio.sleep(0)

    async def __aenter__(self) -> "Session":
        return self

    async def __aexit__(self, *error: object) -> None:
        asyncio.run(self._close())  # <- DG109


async def main() -> None:
    def close(session: Session) -> None:
        asyncio.run(session._close())

    async with Session() as session:
        close(session)  # <- DG109
""",
        ),
    )

    right = (
        Example(
            title="at the top of the program",
            code="""\
import asyncio


async def main() -> None:
    await asyncio.sleep(0)


def run() -> None:
    asyncio.run(main())


if __name__ == "__main__":
    run()
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()
""",
        ),
        Example(
            title="in a thread",
            code="""\
import asyncio
import threading


async def fetch(symbol: str) -> str:
    await asyncio.sleep(0)
    return symbol


def fetch_in_thread(symbol: str) -> str:
    return asyncio.run(fetch(symbol))


async def main() -> None:
    print(await asyncio.to_thread(fetch_in_thread, "ETH"))
    loop = asyncio.get_running_loop()
    print(await loop.run_in_executor(None, fetch_in_thread, "BTC"))
    print(await loop.run_in_executor(None, lambda: asyncio.run(fetch("SOL"))))

    def worker() -> None:
        asyncio.run(fetch("XRP"))

    thread = threading.Thread(target=worker)
    thread.start()


asyncio.run(main())
""",
        ),
        Example(
            title="other things that run",
            code="""\
import asyncio


class App:
    def run(self, value: str) -> str:
        return value

    def run_until_complete(self) -> None: ...


async def main() -> None:
    app = App()
    app.run("started")
    app.run_until_complete()
    loop = asyncio.get_running_loop()
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop)
    await asyncio.sleep(0)
""",
        ),
        Example(
            title="only where no loop is running",
            code="""\
import asyncio


async def fetch() -> str:
    await asyncio.sleep(0)
    return "ETH"


def fetch_sync() -> str:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(fetch())
    raise RuntimeError("use fetch() in async code")


async def check() -> None:
    try:
        fetch_sync()
    except RuntimeError as error:
        print(error)
""",
        ),
        Example(
            title="a loop that may be entered again",
            code="""\
import asyncio

import nest_asyncio

nest_asyncio.apply()


async def fetch() -> str:
    await asyncio.sleep(0)
    return "ETH"


async def main() -> None:
    print(asyncio.get_event_loop().run_until_complete(fetch()))
""",
        ),
        Example(
            title="in a test that is plain, and in a function that async code only names",
            code="""\
import asyncio


async def fetch() -> str:
    await asyncio.sleep(0)
    return "ETH"


def test_fetch() -> None:
    assert asyncio.run(fetch()) == "ETH"


def later() -> str:
    return asyncio.run(fetch())


async def main(pool: list) -> None:
    pool.append(later)
""",
        ),
    )
