"""`gather`, `wait_for`, `create_task` and their kin: what they are given, and who keeps the task."""

import ast
from typing import TYPE_CHECKING

from diag.finding import Step
from diag.model import words
from diag.model.check import reached, real
from diag.model.flow.uses import all_coroutines, use_of
from diag.model.infer.awaiting import awaitable
from diag.model.infer.values import Func, GeneratorOf, Unknown
from diag.model.judge_awaits import note_awaited
from diag.model.site import Kind
from diag.model.syntax.scope import Scope

if TYPE_CHECKING:
    from diag.model.check import Checker


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


def judge_scheduler(checker: "Checker", call: ast.Call, scope: Scope) -> None:
    """What a scheduler is given must be awaitable, and a task that it makes must be kept."""
    infer = checker.infer
    for value in checker.values(call.func, scope):
        if not isinstance(value, Func) or value.scope.full_name not in _SCHEDULERS:
            return
    values = checker.values(call.func, scope)
    if not values:
        return
    full_name = next(v.scope.full_name for v in values if isinstance(v, Func))
    name = _SCHEDULERS[full_name]
    given = list(call.args) if name == "gather" else call.args[:1]
    for argument in given:
        operand = argument.value if isinstance(argument, ast.Starred) else argument
        found = checker.values(operand, scope)
        if isinstance(argument, ast.Starred):
            found = infer.elements(found, is_async=False)
            if isinstance(operand, (ast.ListComp, ast.GeneratorExp, ast.List, ast.Tuple)):
                operand = operand.elt if isinstance(operand, (ast.ListComp, ast.GeneratorExp)) else operand
        if isinstance(operand, ast.Call):
            note_awaited(checker, operand, scope)
        if not isinstance(operand, (ast.Call, ast.Await)):
            found = real(found)
        if found and all(awaitable(infer, v) is False for v in found) and not checker.guarded(scope, call):
            if any(isinstance(v, GeneratorOf) and not v.is_async for v in found):
                continue
            callee = reached(checker.values(operand.func, scope)) if isinstance(operand, ast.Call) else None
            described = words.callee_of(infer, callee, found) if callee is not None else None
            chain = (
                [Step(described.path, described.line, f"`{described.name}` is a plain `{described.colour}`")]
                if (described is not None and described.path)
                else []
            )
            checker.report.sites.append(
                checker.site(
                    Kind.SCHEDULED_PLAIN,
                    argument,
                    scope,
                    context=name,
                    detail=words.describe(found),
                    callee=described,
                    chain=chain,
                    subject=checker.module.source_of(operand),
                )
            )
    if full_name in _TASK_MAKERS and call.args and use_of(call, scope).kind == "statement":
        task = call.args[0]
        made = checker.values(task, scope)
        if not made or not (
            all_coroutines(infer, made)
            or (all(isinstance(v, Unknown) for v in made) and isinstance(task, ast.Call))
        ):
            return  # a future that somebody else keeps
        callee = reached(checker.values(task.func, scope)) if isinstance(task, ast.Call) else None
        described = words.callee_of(infer, callee, frozenset()) if callee is not None else None
        checker.report.sites.append(
            checker.site(
                Kind.ORPHAN_TASK,
                call,
                scope,
                subject=checker.module.source_of(task),
                context=name,
                callee=described,
            )
        )
