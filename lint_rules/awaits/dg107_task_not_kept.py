"""DG107: a task that nobody keeps."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.finding import Finding
from diag.lint.rule import Example
from diag.lint.site import Site
from lint_rules._text import short
from lint_rules.awaits._rule import AwaitRule

if TYPE_CHECKING:
    from diag.lint.context import Context


class TaskNotKept(AwaitRule):
    """Site: the call that starts the task; `subject` is what the task runs."""

    code = "DG107"
    name = "task-not-kept"
    summary = "a task is started and nobody keeps it: it may vanish, and its error is not seen"
    explanation = """\
## What it does
Reports `asyncio.create_task(...)`, `loop.create_task(...)` and `asyncio.ensure_future(...)` as statements of
their own: the task is in nobody's hands. So is what `asyncio.gather(...)` and `asyncio.shield(...)` start for
coroutines, when nobody awaits them.

## Why is this bad
The event loop keeps only weak references to tasks: one that nobody else holds may be collected before it is
done, in the middle of an order. And when it fails, nothing handles the error: the bot trades on without its
price feed.

## What happens at run time
Nothing, or one of these on stderr, long after:
```
Task was destroyed but it is pending!
Task exception was never retrieved
```
The documentation of `asyncio.create_task` says: "Save a reference to the result of this function".

## How to fix it
```python
task = asyncio.create_task(self.poll())
self.tasks.add(task)
task.add_done_callback(self.tasks.discard)
```
and look at `task.exception()` somewhere; or `async with asyncio.TaskGroup() as group:
group.create_task(self.poll())`, which keeps its tasks and passes their errors on.

## Fix safety
There is no fix: where to keep the task is for the author to say.
"""

    def judge(self, context: "Context") -> Iterator[Finding]:
        from lint_rules.awaits._schedulers import lost_tasks

        for site in lost_tasks(context):
            yield self.report(site)

    def report(self, site: Site) -> Finding:
        if site.how in ("gather", "shield"):
            message = f"nobody awaits `{short(site.expr)}`: nothing waits for it, and its errors are not seen"
            return self.finding(site, message, help=f"`await {short(site.expr)}`")
        message = f"nobody keeps the task of `{short(site.subject)}`: it may be collected before it is done"
        advice = "keep it (`self.tasks.add(task)`) and handle its error, or use `asyncio.TaskGroup`"
        return self.finding(site, message, help=advice)

    wrong = (
        Example(
            title="started and forgotten",
            code="""\
import asyncio


class Bot:
    async def poll(self) -> None:
        await asyncio.sleep(1)

    async def start(self) -> None:
        asyncio.create_task(self.poll())  # <- DG107
        asyncio.ensure_future(self.poll())  # <- DG107
        loop = asyncio.get_running_loop()
        loop.create_task(self.poll(), name="poll")  # <- DG107
""",
        ),
        Example(
            title="in a loop, one for each order",
            code="""\
import asyncio as aio


async def cancel(order: str) -> None:
    await aio.sleep(0)


async def cancel_all(orders: list[str]) -> None:
    for order in orders:
        aio.create_task(cancel(order))  # <- DG107
    await aio.sleep(1)
""",
        ),
    )

    right = (
        Example(
            title="kept, awaited, returned",
            code="""\
import asyncio


class Bot:
    def __init__(self) -> None:
        self.tasks: set[asyncio.Task] = set()
        self.by_name: dict[str, asyncio.Task] = {}

    async def poll(self) -> None:
        await asyncio.sleep(1)

    async def start(self) -> asyncio.Task:
        self.task = asyncio.create_task(self.poll())
        task = asyncio.create_task(self.poll())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(asyncio.ensure_future(self.poll()))
        self.by_name["poll"] = asyncio.create_task(self.poll())
        jobs = [asyncio.create_task(self.poll()) for _ in range(3)]
        await asyncio.gather(*jobs)
        await asyncio.create_task(self.poll())
        return asyncio.create_task(self.poll())
""",
        ),
    )
