"""`gather`, `wait_for`, `create_task` and their kin: what they are given, and who keeps the task."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from diag.finding import Step
from diag.lint.context import Context
from diag.lint.site import Site
from diag.model.flow import describe
from diag.model.flow.uses import all_coroutines
from diag.model.infer.awaiting import awaitable
from diag.model.infer.values import Func, GeneratorOf, Unknown, Values, reached, real
from lint_rules.awaits._coroutines import may_matter

_SCHEDULERS = {
    "asyncio.tasks.gather": "gather",
    "asyncio.tasks.wait_for": "wait_for",
    "asyncio.tasks.create_task": "create_task",
    "asyncio.tasks.ensure_future": "ensure_future",
    "asyncio.tasks.shield": "shield",
    "asyncio.events.AbstractEventLoop.create_task": "create_task",
    "asyncio.events.AbstractEventLoop.run_until_complete": "run_until_complete",
    "asyncio.taskgroups.TaskGroup.create_task": "create_task",
    "asyncio.tasks.run_coroutine_threadsafe": "run_coroutine_threadsafe",
    "asyncio.runners.run": "run",
}


_TASK_MAKERS = {
    "asyncio.tasks.create_task",
    "asyncio.tasks.ensure_future",
    "asyncio.events.AbstractEventLoop.create_task",
}


class Scheduling(NamedTuple):
    """A call of something that takes what it will await; `name` is short, as in `gather`."""

    call: ast.Call
    full_name: str
    name: str

    @property
    def given(self) -> list[ast.expr]:
        return list(self.call.args) if self.name == "gather" else self.call.args[:1]


def schedulings(context: Context) -> list[Scheduling]:
    """The calls of the scope that certainly schedule what they are given."""
    out = []
    for call in context.scope.calls:
        values = context.values(call.func) if may_matter(context, call) else ()
        names = [v.scope.full_name if isinstance(v, Func) else "" for v in values]
        if names and all(name in _SCHEDULERS for name in names):
            out.append(Scheduling(call, names[0], _SCHEDULERS[names[0]]))
    return out


def scheduled_calls(context: Context) -> Iterator[ast.Call]:
    """Calls whose result is scheduled as it comes."""
    for each in context.once(schedulings):
        for argument in each.given:
            operand = argument.value if isinstance(argument, ast.Starred) else argument
            if isinstance(operand, (ast.ListComp, ast.GeneratorExp)) and operand is not argument:
                operand = operand.elt
            if isinstance(operand, ast.Call):
                yield operand


def plain_arguments(context: Context) -> Iterator[Site]:
    """Arguments that cannot be awaited."""
    for each in context.once(schedulings):
        for argument in each.given:
            if (site := _plain(context, each, argument)) is not None:
                yield site


def _plain(context: Context, scheduling: Scheduling, argument: ast.expr) -> Site | None:
    infer = context.infer
    operand, found = _scheduled(context, argument)
    if (
        not found
        or not all(awaitable(infer, v) is False for v in found)
        or context.guarded(scheduling.call)
        or any(isinstance(v, GeneratorOf) and not v.is_async for v in found)
    ):
        return None
    callee = reached(context.values(operand.func)) if isinstance(operand, ast.Call) else None
    described = describe.callee_of(infer, callee, found) if callee is not None else None
    chain = []
    if described is not None and described.path:
        said = f"`{described.name}` is a plain `{described.colour}`"
        chain = [Step(described.path, described.line, said)]
    return context.site(
        argument,
        subject=context.source(operand),
        how=scheduling.name,
        detail=describe.describe(found),
        callee=described,
        chain=chain,
    )


def _scheduled(context: Context, argument: ast.expr) -> tuple[ast.expr, Values]:
    """The expression that gives what is awaited (one element of `*[...]`), and its values."""
    operand = argument.value if isinstance(argument, ast.Starred) else argument
    found = context.values(operand)
    if isinstance(argument, ast.Starred):
        found = context.infer.elements(found, is_async=False)
        if isinstance(operand, (ast.ListComp, ast.GeneratorExp)):
            operand = operand.elt
    return operand, found if isinstance(operand, (ast.Call, ast.Await)) else real(found)


def lost_tasks(context: Context) -> Iterator[Site]:
    """Tasks that are started and kept by nobody."""
    for call, full_name, name in context.once(schedulings):
        if full_name not in _TASK_MAKERS or not call.args or context.use(call).kind != "statement":
            continue
        task = call.args[0]
        made = context.values(task)
        if not made or not (
            all_coroutines(context.infer, made)
            or (all(isinstance(v, Unknown) for v in made) and isinstance(task, ast.Call))
        ):
            continue  # a future that somebody else keeps
        callee = reached(context.values(task.func)) if isinstance(task, ast.Call) else None
        described = describe.callee_of(context.infer, callee, frozenset()) if callee is not None else None
        yield context.site(call, subject=context.source(task), how=name, callee=described)
