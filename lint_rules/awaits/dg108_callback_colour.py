"""DG108: a callback of the wrong colour."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.finding import Finding
from diag.lint.checked import Fact
from diag.lint.rule import Example
from diag.lint.site import Site
from lint_rules._text import runtime_type, short
from lint_rules.awaits._rule import AwaitRule

if TYPE_CHECKING:
    from diag.lint.context import Context


class CallbackColour(AwaitRule):
    """Site: the callback as it is handed over; `callee` is the callback, `detail` names who takes it.

    `how` is the colour of the callback: `async` where the receiver never awaits, `plain` where it does.
    """

    code = "DG108"
    name = "callback-colour"
    summary = "a callback of the wrong colour: async where nobody awaits it, or plain where it is awaited"
    explanation = """\
## What it does
Reports a coroutine function handed to something that calls it and never awaits the result
(`loop.call_later`, `loop.add_signal_handler`, `threading.Thread`, `Task.add_done_callback`,
`atexit.register`, `asyncio.to_thread`, `sorted(key=...)`, a class of one's own), and a plain function handed
to something that awaits what it returns. Handed over are arguments, attributes (`ws.on_message = handler`),
functions under a decorator (`@app.command()` of typer and click, `@bus.on("tick")`), and methods that
override those of a base class. A coroutine that `lru_cache` keeps is good for one await; `retry` over a plain
`def` that returns a coroutine sees none of its errors.

## Why is this bad
The first runs nothing at all: the signal handler that should close the position does not. The second does its
work and then fails, inside the code that called it.

## What happens at run time
```
RuntimeWarning: coroutine 'Bot.shutdown' was never awaited
TypeError: object NoneType can't be used in 'await' expression
```

## How to fix it
- `loop.add_signal_handler(SIGINT, lambda: tasks.append(asyncio.create_task(bot.shutdown())))`, or set an
  `asyncio.Event` in a plain callback and await it elsewhere.
- In a thread: `threading.Thread(target=asyncio.run, args=(main(),))`. For one that awaits: `async def`.

## Fix safety
There is no fix: a callback of the other colour is another program.
"""

    def check(self, context: "Context") -> Iterator[Finding | Fact]:
        if context.scope.is_async or context.scope.marks or _overrides(context):
            from lint_rules.awaits._definitions import wrong_definition

            for site in wrong_definition(context):
                yield self.report_definition(site)
        from lint_rules.awaits._callbacks import wrong_stores

        for site in wrong_stores(context):
            yield self.report(site)
        yield from super().check(context)

    def judge(self, context: "Context") -> Iterator[Finding]:
        from lint_rules.awaits._callbacks import wrong_callbacks

        for site in wrong_callbacks(context):
            yield self.report(site)

    def report_definition(self, site: Site) -> Finding:
        """A function under a decorator (`detail`), or a method that a base class (`subject`) calls."""
        assert site.callee is not None
        name = site.callee.name
        receiver = f"`{site.detail or site.subject}`" if site.subject != "Python" else "Python"
        advice = f"make `{name}` a plain `def` that runs it: `asyncio.run(...)`, or a task that is kept"
        match site.how:
            case "cached":
                error = "raises RuntimeError: cannot reuse already awaited coroutine"
                message = (
                    f"`{name}` is an `async def`; {receiver} keeps its coroutine: a second await {error}"
                )
                advice = "keep the result, or a task: `asyncio.ensure_future(...)`; or a cache for coroutines"
            case "retried":
                message = (
                    f"`{name}` returns a coroutine; {receiver} calls it and awaits nothing: it never retries"
                )
                advice = f"make `{name}` an `async def`"
            case "awaited":
                kind = runtime_type(site.callee.returns)
                error = f"TypeError: object {kind} can't be used in 'await' expression"
                message = f"`{name}` is a plain `def`; {receiver} awaits what it returns: raises {error}"
                advice = f"make `{name}` an `async def`"
            case _:
                message = (
                    f"`{name}` is an `async def`; {receiver} calls it and never awaits it: it never runs"
                )
        return self.finding(site, message, help=advice)

    def report(self, site: Site) -> Finding:
        name = site.callee.name if site.callee else site.subject
        receiver = f"`{site.detail}`" if site.detail else "its caller"
        if site.expr.startswith("lambda"):
            message = (
                f"`{short(site.expr)}` makes a coroutine; "
                f"{receiver} calls it and never awaits it: it never runs"
            )
            return self.finding(site, message, help="make a task of the coroutine there, and keep it")
        if site.callee is None or site.how == "async":
            message = (
                f"`{short(site.expr)}` is an `async def`; "
                f"{receiver} calls it and never awaits it: it never runs"
            )
            advice = f"hand over a plain function that makes a task of `{name}(...)` and keeps it"
            return self.finding(site, message, help=advice)
        kind = runtime_type(site.callee.returns)
        error = f"TypeError: object {kind} can't be used in 'await' expression" if kind else "TypeError"
        message = f"`{short(site.expr)}` is a plain `def`; {receiver} awaits what it returns: raises {error}"
        return self.finding(site, message, help=f"make `{name}` an `async def`")

    wrong = (
        Example(
            title="timers and signals of the loop",
            code="""\
import asyncio
import signal


class Bot:
    async def refresh(self) -> None:
        await asyncio.sleep(0)

    async def shutdown(self) -> None:
        await asyncio.sleep(0)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(1, self.refresh)  # <- DG108
        loop.call_soon_threadsafe(self.refresh)  # <- DG108
        loop.add_signal_handler(signal.SIGINT, self.shutdown)  # <- DG108
        task = asyncio.create_task(self.refresh())
        task.add_done_callback(on_done)  # <- DG108
        await task


async def on_done(task: asyncio.Task) -> None:
    print(task)
""",
        ),
        Example(
            title="a parameter that is called at once",
            code="""\
import asyncio


def with_retry(action, attempts: int = 3) -> bool:
    for _ in range(attempts):
        try:
            action()
            return True
        except ConnectionError:
            continue
    return False


async def with_timeout(action, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        await action()


class Bot:
    async def cancel(self) -> None:
        await asyncio.sleep(0)

    def save(self) -> None:
        print("saved")

    async def stop(self) -> None:
        with_retry(self.save)
        with_retry(self.cancel)  # <- DG108
        await with_timeout(self.cancel, 1)
        await with_timeout(self.save, 1)  # <- DG108
""",
        ),
    )

    right = (
        Example(
            title="plain callbacks that make tasks",
            code="""\
import asyncio
import functools
import signal
import threading


class Bot:
    def __init__(self) -> None:
        self.tasks: set[asyncio.Task] = set()
        self.stopped = asyncio.Event()

    async def refresh(self, symbol: str = "ETH") -> None:
        await asyncio.sleep(0)

    def spawn(self, make) -> None:
        task = asyncio.create_task(make())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(1, lambda: self.spawn(self.refresh))
        loop.call_soon(self.spawn, self.refresh)
        loop.call_soon(functools.partial(self.spawn, functools.partial(self.refresh, "BTC")))
        loop.add_signal_handler(signal.SIGINT, self.stopped.set)
        await self.stopped.wait()


def main() -> None:
    thread = threading.Thread(target=asyncio.run, args=(Bot().run(),))
    thread.start()
""",
        ),
    )


def _overrides(context: "Context") -> bool:
    owner = context.scope.owner
    return owner is not None and bool(getattr(owner.node, "bases", ()))
