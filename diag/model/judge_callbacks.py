"""Callbacks of the wrong colour, and event loops started under a running one."""

import ast
from typing import TYPE_CHECKING

from diag.finding import Step
from diag.model import effects, words
from diag.model.awaiting import awaitable
from diag.model.calls import call as call_value
from diag.model.parameters import match_arguments
from diag.model.scope import Scope
from diag.model.site import Kind
from diag.model.uses import MISUSES, nested, use_of
from diag.model.values import ClassValue, Func, Partial, Value, Values

if TYPE_CHECKING:
    from diag.model.check import Checker

# Callee -> index and name of the parameter that it calls and never awaits.
# Source: the documentation of the standard library.
_PLAIN_CALLERS: dict[str, tuple[int, str]] = {
    "asyncio.events.AbstractEventLoop.call_soon": (0, "callback"),
    "asyncio.events.AbstractEventLoop.call_soon_threadsafe": (0, "callback"),
    "asyncio.events.AbstractEventLoop.call_later": (1, "callback"),
    "asyncio.events.AbstractEventLoop.call_at": (1, "callback"),
    "asyncio.events.AbstractEventLoop.add_signal_handler": (1, "callback"),
    "asyncio.events.AbstractEventLoop.add_reader": (1, "callback"),
    "asyncio.events.AbstractEventLoop.add_writer": (1, "callback"),
    "asyncio.events.AbstractEventLoop.run_in_executor": (1, "func"),
    "asyncio.threads.to_thread": (0, "func"),
    "_asyncio.Future.add_done_callback": (0, "fn"),
    "_asyncio.Task.add_done_callback": (0, "fn"),
    "concurrent.futures._base.Future.add_done_callback": (0, "fn"),
    "concurrent.futures._base.Executor.submit": (0, "fn"),
    "concurrent.futures.thread.ThreadPoolExecutor.submit": (0, "fn"),
    "signal.signal": (1, "handler"),
    "atexit.register": (0, "func"),
    "threading.Thread": (1, "target"),
    "threading.Timer": (1, "function"),
    "builtins.filter": (0, ""),
    "builtins.sorted": (9, "key"),
    "builtins.min": (9, "key"),
    "builtins.max": (9, "key"),
    "builtins.list.sort": (9, "key"),
}


def judge(checker: "Checker", call: ast.Call, scope: Scope) -> None:
    values = checker.values(call.func, scope)
    names = {_name(v) for v in values}
    if len(names) != 1:
        return
    (name,) = names
    if not name:
        return
    entry = _PLAIN_CALLERS.get(name)
    if entry is not None:
        argument = _argument(call, *entry)
        if argument is not None:
            _propose_async(checker, call, argument, scope, name)
        return
    (value, *_) = values
    if isinstance(value, Func) and value.scope.module.kind == "library" and not value.scope.module.is_stub:
        _library(checker, call, scope, value)


def _name(value: Value) -> str:
    if isinstance(value, Func):
        return value.scope.full_name
    return value.cls.full_name if isinstance(value, ClassValue) else ""


def _argument(call: ast.Call, index: int, name: str) -> ast.expr | None:
    if index < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args[: index + 1]):
        return call.args[index]
    return next((k.value for k in call.keywords if k.arg == name and name), None)


def _colours(values: Values) -> set[bool | None]:
    """Whether calling gives a coroutine, for each value; None where that can't be told."""
    out: set[bool | None] = set()
    for value in values:
        if isinstance(value, Func):
            if value.scope.kind == "lambda" or value.scope.is_generator:
                out.add(None)
            else:
                out.add(value.scope.is_async)
        elif isinstance(value, Partial):
            out |= _colours(value.target)
        else:
            out.add(None)
    return out


def _propose_async(checker: "Checker", call: ast.Call, argument: ast.expr, scope: Scope, name: str) -> None:
    values = checker.values(argument, scope)
    if _colours(values) != {True} or checker.guarded(scope):
        return
    if name.endswith(("to_thread", "run_in_executor", "submit")):
        stmt = scope.statement_of(call)
        use = use_of(call, scope)
        if stmt is None or use.kind != "await" or not isinstance(use.node, ast.Await):
            return
        if use_of(use.node, scope).kind not in ("statement", *MISUSES):
            return  # await (await to_thread(f)): odd, but right
    value = next(iter(values))
    target = next(iter(value.target)) if isinstance(value, Partial) else value
    callee = words.callee_of(checker.infer, target, frozenset())
    chain = [Step(callee.path, callee.line, f"`{callee.name}` is an `async def`")] if callee.path else []
    checker.report.sites.append(
        checker.site(
            Kind.CALLBACK_COLOUR,
            argument,
            scope,
            subject=checker.module.source_of(argument),
            context="async",
            detail=checker.module.source_of(call.func),
            callee=callee,
            chain=chain,
        )
    )


def _library(checker: "Checker", call: ast.Call, scope: Scope, callee: Func) -> None:
    """A library function that awaits what its callback gives, handed a plain function that gives nothing."""
    node = callee.scope.node
    if not isinstance(node, ast.AsyncFunctionDef):
        return
    skip = 1 if callee.bound is not None and callee.scope.owner is not None else 0
    for name, argument in match_arguments(node.args, call, skip).items():
        if not isinstance(argument, (ast.Name, ast.Attribute)):
            continue
        values = checker.values(argument, scope)
        if _colours(values) != {False} or checker.guarded(callee.scope):
            continue
        loads = callee.scope.loads.get(name, [])
        if not loads or any(name in inner.loads for inner in nested(callee.scope)):
            continue
        if not all(_called_and_awaited(load, callee.scope) for load in loads):
            continue
        given = frozenset().union(*(call_value(checker.infer, v, None, None, None) for v in values))
        if not given or any(awaitable(checker.infer, v) is not False for v in given):
            continue
        described = words.callee_of(checker.infer, next(iter(values)), given)
        checker.report.sites.append(
            checker.site(
                Kind.CALLBACK_COLOUR,
                argument,
                scope,
                subject=checker.module.source_of(argument),
                context="plain",
                detail=checker.module.source_of(call.func),
                callee=described,
                chain=[
                    Step(str(callee.scope.module.path), loads[0].lineno, f"`{name}(...)` is awaited here")
                ],
            )
        )


def _called_and_awaited(load: ast.Name, scope: Scope) -> bool:
    use = use_of(load, scope)
    return use.kind == "call" and isinstance(use.node, ast.Call) and use_of(use.node, scope).kind == "await"


def nested_run(checker: "Checker", call: ast.Call, scope: Scope) -> bool:
    """`asyncio.run(...)` in an `async def`, by itself or through plain calls."""
    infer = checker.infer
    values = checker.values(call.func, scope)
    found = effects.of_values(infer, values, "runs") if values else None
    if found is None or any(b"nest_asyncio" in m.raw for m in infer.project.judged):
        return False
    effect, value = found
    callee = words.callee_of(infer, value, frozenset())
    chain = [
        Step(str(h.scope.module.path), h.line, f"`{h.scope.name}` calls `{h.text}`")
        for h in effect.hops
        if h.scope
    ]
    checker.report.sites.append(
        checker.site(
            Kind.NESTED_RUN,
            call,
            scope,
            subject=checker.module.source_of(call.func),
            detail=effect.primitive,
            callee=callee,
            chain=chain,
        )
    )
    return True
