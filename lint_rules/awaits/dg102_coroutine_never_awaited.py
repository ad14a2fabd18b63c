"""DG102: a coroutine that nobody awaits."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.finding import Finding, Fix
from diag.lint.rule import Example
from diag.lint.site import Site
from lint_rules._text import short
from lint_rules.awaits._rule import AwaitRule

if TYPE_CHECKING:
    from diag.lint.context import Context


class CoroutineNeverAwaited(AwaitRule):
    """Site: the call that makes the coroutine; `callee` is the coroutine function.

    `how` is `async generator` where that is what is made and thrown away, `assigned` where the name
    `detail` keeps it unread, `on one path` where it is read on others, `in a container` where nothing takes
    it out, `stored` where the readers of the attribute `detail` take it for the result, `declared` where
    only the annotation of a callable says that there is something to await.
    """

    code = "DG102"
    name = "coroutine-never-awaited"
    summary = "a coroutine is made and nobody awaits it: its body never runs"
    explanation = """\
## What it does
Reports a call of an `async def` whose coroutine is thrown away, or kept in a name that nobody reads again;
also one that is awaited on one path and lost on another: an early `return` or `raise`, an `if` without an
`else`. That any call in between may raise is not held against it.

## Why is this bad
Calling an `async def` runs none of its body. The order is not cancelled, the position not closed, the pause
between two requests not made, and the program goes on as if all that were done.

## What happens at run time
No exception. When the coroutine is collected, Python prints to stderr (not to the bot's log):
```
RuntimeWarning: coroutine 'GrvtCcxtPro.cancel_all_orders' was never awaited
```

## How to fix it
- In an `async def`: `await` it, or hand it to `asyncio.create_task(...)` and keep the task, if it is to run
  beside what follows.
- In a plain `def`: make that function `async` and await it where it is called; at the top of a program, use
  `asyncio.run(...)`; from another thread, `asyncio.run_coroutine_threadsafe(..., loop)`.

## Fix safety
The fix adds `await` where the nearest function is an `async def`. It is unsafe where the callee loops while
it awaits (it may run for as long as the bot does, and a task may be meant).
"""

    def judge(self, context: "Context") -> Iterator[Finding]:
        from lint_rules.awaits._coroutines import coroutines

        for each in context.once(coroutines).of("dropped"):
            yield self.report(each.site)

    def report(self, site: Site) -> Finding:
        name = site.callee.name if site.callee else site.subject
        message = f"`{short(site.expr)}` makes a coroutine that nobody awaits: `{name}` never runs"
        if site.how in {"assigned", "stored"}:
            message += f" (`{site.detail}` keeps the coroutine, not its result)"
        if site.how == "on one path":
            message = (
                f"`{short(site.expr)}` makes a coroutine that one path awaits and another loses: "
                f"there `{name}` never runs"
            )
        if site.how == "declared":
            message = f"`{short(site.subject)}` is declared to give something to await, which nobody awaits"
        if site.how == "async generator":
            message = f"`{short(site.expr)}` makes an async generator that nobody reads: `{name}` never runs"
            advice = f"read it: `async for item in {short(site.expr)}`"
        elif site.how == "on one path":
            advice = (
                f"make it where it is awaited, or `{site.detail}.close()` on the path that does not need it"
            )
        elif site.in_async:
            advice = f"`await {short(site.expr)}`, or `asyncio.create_task(...)` and keep the task"
        elif site.function:
            advice = f"make `{site.function}` an `async def` and await it there"
        else:
            advice = f"`asyncio.run({short(site.expr)})`"
        return self.finding(site, message, help=advice)

    def fix(self, site: Site) -> Fix | None:
        from lint_rules.awaits._fixes import add_await

        alone = site.how not in ("async generator", "on one path", "in a container")
        return add_await(site) if site.in_async and alone else None

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
    )
