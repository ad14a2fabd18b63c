"""DG106: gather, wait_for, create_task or shield, given something that cannot be awaited."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.finding import Finding
from diag.lint.rule import Example
from diag.lint.site import Site
from lint_rules._text import article, describe, runtime_type, short
from lint_rules.awaits._rule import AwaitRule

if TYPE_CHECKING:
    from diag.lint.context import Context

_AWAITABLE = "TypeError: An asyncio.Future, a coroutine or an awaitable is required"
_COROUTINE = "TypeError: a coroutine was expected"
_ERRORS = {
    "create_task": _COROUTINE,
    "wait_for": "TypeError",  # its words depend on the version of Python
    "run": "ValueError: a coroutine was expected",
    "run_coroutine_threadsafe": "TypeError: A coroutine object is required",
}


class ScheduledPlainValue(AwaitRule):
    """Site: the argument; `how` is the scheduler (`gather`), `callee` made the value.

    Without a callee, `detail` is the type of the value: `function` where the call is missing, `list` where
    the star is (`gather([...])`), `coroutine` for what `wait` refuses.
    """

    code = "DG106"
    name = "scheduled-plain-value"
    summary = "`gather`, `wait_for`, `create_task` or `shield` of a value that is not awaitable"
    explanation = """\
## What it does
Reports an argument of `asyncio.gather`, `wait_for`, `shield`, `create_task`, `ensure_future`, `as_completed`,
`asyncio.run`, `run_until_complete` or `TaskGroup.create_task` that can never be awaited: the result of a
plain `def`, a value that was awaited already, a function that was not called, a list that was not unpacked.
So is a coroutine for `asyncio.wait`, which takes tasks and futures only since Python 3.11.

## Why is this bad
A plain function has run to its end before the scheduler sees its result: nothing ran at the same time, a
`wait_for` timed nothing, and then the statement fails. With several orders in one `gather`, the first ones
may have been placed when it does.

## What happens at run time
```
TypeError: An asyncio.Future, a coroutine or an awaitable is required
TypeError: a coroutine was expected, got {'bid': '3000'}
TypeError: unhashable type: 'list'
```
(`gather` looks its arguments up in a dictionary first, hence the last one for a list or a dict.)

## How to fix it
- A plain function that blocks: `asyncio.gather(asyncio.to_thread(client.fetch_ticker, symbol), ...)`.
- A value that was awaited already: hand over the call without its `await`.
- A function: call it. A list: unpack it with a star.

## Fix safety
There is no fix yet.
"""

    def judge(self, context: "Context") -> Iterator[Finding]:
        from lint_rules.awaits._schedulers import plain_arguments

        for site in plain_arguments(context):
            yield self.report(site)

    def report(self, site: Site) -> Finding:
        scheduler = site.how.rpartition(".")[2]
        if site.detail == "coroutine":
            error = "TypeError: Passing coroutines is forbidden, use tasks explicitly."
            message = f"`wait` takes tasks and futures, `{short(site.expr)}` makes coroutines; raises {error}"
            advice = "make tasks of them: `asyncio.create_task(...)`; or use `asyncio.gather(...)`"
            return self.finding(site, message, help=advice)
        kind = runtime_type(site.callee.returns if site.callee else site.detail)
        error = _ERRORS.get(scheduler, _AWAITABLE)
        if kind in {"dict", "list", "set"} and scheduler in {"gather", "as_completed"}:
            error = f"TypeError: unhashable type: '{kind}'"
        if site.callee:
            what = f"{describe(site.callee)}, not an awaitable"
        else:
            what = f"it is {article(site.detail) + ', ' if kind else ''}not an awaitable"
        message = f"`{site.how}` is given `{short(site.expr)}`: {what}; raises {error}"
        return self.finding(site, message, help=_advice(site))

    wrong = (
        Example(
            title="tasks of plain functions",
            code="""\
import asyncio


class Bot:
    def __init__(self) -> None:
        self.ticks = 0
        self.task: asyncio.Task | None = None

    def tick(self) -> None:
        self.ticks += 1

    async def run(self) -> None:
        self.task = asyncio.create_task(self.tick())  # <- DG106
        loop = asyncio.get_running_loop()
        other = loop.create_task(self.tick())  # <- DG106
        await asyncio.wait_for(self.tick(), timeout=5)  # <- DG106
        await asyncio.shield(self.tick())  # <- DG106
        await other

    async def group(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.tick())  # <- DG106
""",
        ),
        Example(
            title="values that were awaited already",
            code="""\
import asyncio


async def fetch(symbol: str) -> dict:
    await asyncio.sleep(0)
    return {"symbol": symbol}


async def main() -> None:
    task = asyncio.create_task(await fetch("ETH"))  # <- DG106
    ticker = await fetch("BTC")
    print(await asyncio.gather(fetch("SOL"), ticker))  # <- DG106
    print(await asyncio.wait_for(await fetch("XRP"), 1))  # <- DG106
    await task
""",
        ),
    )

    right = (
        Example(
            title="coroutines, tasks and futures",
            code="""\
import asyncio


async def fetch(symbol: str) -> dict:
    await asyncio.sleep(0)
    return {"symbol": symbol}


async def main() -> None:
    task = asyncio.create_task(fetch("ETH"))
    event, queue = asyncio.Event(), asyncio.Queue()
    queue.put_nowait("fill")
    future = asyncio.get_running_loop().create_future()
    future.set_result(1)
    await asyncio.wait_for(asyncio.shield(task), 1)
    event.set()
    print(await asyncio.wait_for(event.wait(), 1), await asyncio.wait_for(queue.get(), timeout=1))
    jobs = [fetch("A"), fetch("B")]
    print(await asyncio.gather(*jobs, future, asyncio.gather(fetch("C")), return_exceptions=True))
    done, pending = await asyncio.wait({task}, timeout=1)
    print(done, pending)


asyncio.run(main())
""",
        ),
    )


def _advice(site: Site) -> str:
    if site.callee is None:
        if site.detail == "function":
            return f"call it: `{site.expr}()`"
        if site.detail == "list":
            return f"unpack it: `{site.how}(*...)`"
        return "hand over the call without its `await`"
    if site.callee.network or site.callee.blocks:
        advice = f"run it in a thread: `asyncio.to_thread({site.subject}, ...)`"
        return f"{advice}; or use the async twin `{site.callee.twin}`" if site.callee.twin else advice
    return f"call `{site.callee.name}` by itself, or make it an `async def`"
