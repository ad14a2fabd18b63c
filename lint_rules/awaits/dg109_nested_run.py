"""DG109: asyncio.run or run_until_complete under a running loop."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.finding import Finding
from diag.lint.rule import Example, Rule
from diag.lint.site import Site
from lint_rules._text import short

if TYPE_CHECKING:
    from diag.lint.context import Context

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
    scopes = frozenset({"async def"})
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

## How to fix it
Await the coroutine; make the plain functions on the way `async`. Code that must stay plain belongs in a
thread (`await asyncio.to_thread(helper)`), where it may run a loop of its own.

## Fix safety
There is no fix yet.
"""

    def check(self, context: "Context") -> Iterator[Finding]:
        from lint_rules._loops import nested_loops

        for site in nested_loops(context):
            yield self.report(site)

    def report(self, site: Site) -> Finding:
        starter = site.detail.replace("asyncio.loop.", "loop.")
        runner = starter.rpartition(".")[2]
        error = _ERRORS.get(runner, "RuntimeError")
        if site.callee is not None and site.callee.name.rpartition(".")[2] != runner:
            what = f"`{short(site.expr)}` reaches `{starter}` through `{site.callee.name}`"
            advice = f"make `{site.callee.name}` an `async def`, or call it by `await asyncio.to_thread(...)`"
        else:
            what = f"`{short(site.expr)}` is called"
            advice = "await the coroutine"
        message = f"{what} while an event loop is running `{site.function}`: raises {error}"
        return self.finding(site, message, help=advice)

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
    )
