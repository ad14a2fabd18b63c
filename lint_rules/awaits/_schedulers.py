"""`gather`, `wait_for`, `create_task` and their kin: what they are given, and who keeps the task."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from diag.finding import Step
from diag.lint.context import Context
from diag.lint.site import Site
from diag.model.flow import describe
from diag.model.flow.uses import all_coroutines, bare_coroutine
from diag.model.infer.awaiting import awaitable
from diag.model.infer.values import Func, GeneratorOf, Unknown, Values, reached, real
from lint_rules._loops import starts_loop
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
    "asyncio.tasks.wait": "wait",
    "asyncio.tasks.as_completed": "as_completed",
}
_OF_SEVERAL = ("wait", "as_completed")  # these take one argument, which holds what they await


_RUNNERS = {"run", "run_until_complete"}
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
    def given(self) -> list[tuple[ast.expr, bool]]:
        """What will be awaited: expressions, and whether each stands for all that it holds."""
        given = list(self.call.args) if self.name == "gather" else self.call.args[:1]
        if self.name in _OF_SEVERAL:
            if not given or not isinstance(given[0], (ast.List, ast.Tuple, ast.Set)):
                return [(each, True) for each in given]
            given = given[0].elts
        return [(each.value, True) if isinstance(each, ast.Starred) else (each, False) for each in given]


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
        for operand, spread in each.given:
            if isinstance(operand, (ast.ListComp, ast.GeneratorExp)) and spread:
                operand = operand.elt
            if isinstance(operand, ast.Call):
                yield operand


def plain_arguments(context: Context) -> Iterator[Site]:
    """Arguments that cannot be awaited."""
    for each in context.once(schedulings):
        if each.name in _RUNNERS and context.scope.is_async and starts_loop(context, each.call) is not None:
            continue  # it fails before it looks at what it is given: DG109
        for argument, spread in each.given:
            if (site := _plain(context, each, argument, spread=spread)) is not None:
                yield site
                if site.detail == "coroutine":
                    break  # one defect, however many


def _plain(context: Context, scheduling: Scheduling, argument: ast.expr, *, spread: bool) -> Site | None:
    infer = context.infer
    operand, found = _scheduled(context, argument, spread=spread)
    if scheduling.name == "wait" and _refused_by_wait(context, found):
        return context.site(argument, subject=context.source(operand), how="wait", detail="coroutine")
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


def _refused_by_wait(context: Context, found: Values) -> bool:
    """`asyncio.wait` takes tasks and futures only, from Python 3.11 on."""
    python = context.infer.project.environment.python
    return bool(found) and all(map(bare_coroutine, found)) and (python is None or python >= (3, 11))


def _scheduled(context: Context, argument: ast.expr, *, spread: bool) -> tuple[ast.expr, Values]:
    """The expression that gives what is awaited (one element, where it is spread), and its values."""
    operand = argument
    found = context.values(operand)
    if spread:
        found = context.infer.elements(found, is_async=False)
        if isinstance(operand, (ast.ListComp, ast.GeneratorExp)):
            operand = operand.elt
    return operand, found if isinstance(operand, (ast.Call, ast.Await)) else real(found)


def lost_tasks(context: Context) -> Iterator[Site]:
    """Tasks that are started and kept by nobody."""
    infer = context.infer
    for each in context.once(schedulings):
        call, name = each.call, each.name
        if not each.given or context.use(call).kind != "statement":
            continue
        task = call.args[0]
        if name in ("gather", "shield"):
            lost = any(_made_here(context, argument, spread=spread) for argument, spread in each.given)
        elif name == "create_task" and each.full_name in _TASK_MAKERS:
            # it takes coroutines only, so that whatever it is given makes a new task
            made = context.values(task)
            lost = bool(made) and not any(awaitable(infer, v) is False for v in made)
        else:
            lost = name == "ensure_future" and _made_here(context, task, spread=False)
        if not lost:
            continue
        callee = reached(context.values(task.func)) if isinstance(task, ast.Call) else None
        described = describe.callee_of(infer, callee, frozenset()) if callee is not None else None
        yield context.site(call, subject=context.source(task), how=name, callee=described)


def _made_here(context: Context, argument: ast.expr, *, spread: bool) -> bool:
    """It makes a coroutine; not a future that somebody else may keep."""
    operand, made = _scheduled(context, argument, spread=spread)
    return all_coroutines(context.infer, made) or (
        bool(made)
        and all(isinstance(v, Unknown) for v in made)
        and isinstance(operand, ast.Call)
        and isinstance(argument, ast.Call)
    )
