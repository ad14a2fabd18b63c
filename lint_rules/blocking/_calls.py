"""Calls in async code that stop the event loop, by themselves or through any number of plain calls."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from diag.finding import Step
from diag.lint.context import Context
from diag.lint.site import Site
from diag.model.facts.blocking import public_name
from diag.model.flow import describe, effects
from diag.model.infer.values import Func, Instance, Unknown, Value
from diag.model.syntax.scope import Scope, last_name
from lint_rules._loops import starts_loop


class BlockingCall(NamedTuple):
    """A call that waits in this thread; `value` is what it reaches, `effect` how that comes to block."""

    call: ast.Call
    effect: effects.Effect
    value: Value


def blocking_calls(context: Context) -> list[BlockingCall]:
    """Every call of the scope that blocks, those under an `await` too."""
    infer, scope = context.infer, context.scope
    out = []
    for call in scope.calls:
        if effects.deferred(call, scope) or starts_loop(context, call) is not None:
            continue
        values = context.values(call.func)
        found = effects.of_values(infer, values, "blocks") if values else None
        if found is None:
            continue
        effect, value = found
        place = infer.frame_of(scope), scope.position_of(call)
        if not effects.harmless(call, effect, scope) and effects.taken(infer, effect, value, call, *place):
            out.append(BlockingCall(call, effect, value))
    return out


def sites(context: Context, *, direct: bool) -> Iterator[Site]:
    """The calls that block by themselves, or those that do through others."""
    for call, effect, value in context.once(blocking_calls):
        if isinstance(context.module.parents.get(call), ast.Await):
            continue  # the await is the defect; its fix decides what becomes of the call
        itself = not effect.hops and effect.primitive == _public(value)
        if itself is not direct or context.guarded(call):
            continue
        if itself and effect.primitive == "threading.Thread.join" and _was_awaited(call, context.scope):
            continue
        callee = describe.callee_of(context.infer, value, frozenset())
        chain, cause = _chain(context, call, effect, value)
        context.home.counts.calls_wrong += 1
        yield context.site(
            call,
            subject=context.source(call.func),
            detail=effect.advice if direct else _no_thread(context, effect, value),
            callee=replace(callee, blocks=effect.primitive, network=effect.network),
            chain=chain,
            cause=cause,
        )


_NEEDS_LOOP = {"create_task", "ensure_future", "get_running_loop"}


def _no_thread(context: Context, effect: effects.Effect, value: Value) -> str:
    """What to do where the call fails in another thread; empty where it can run in one."""
    scopes = [value.scope] if isinstance(value, Func) else []
    scopes += [hop.scope for hop in effect.hops if hop.scope is not None and hop.scope not in scopes]
    for scope in scopes:
        name = describe.short_name(scope)
        opened = any(last_name(call.func) == "connect" for call in scope.calls)
        for call in scope.calls:
            if last_name(call.func) in _NEEDS_LOOP:
                why = f"`{name}` calls `{last_name(call.func)}`, which needs the running loop"
                if scope.module.kind != "project":
                    return f"it cannot run in a thread: {why}; there is no other way than another client"
                way = f"make `{name}` an `async def`; in place of `{effect.primitive}` {effect.advice}"
                return f"{way}; no thread: {why}"
            if not opened and _of_sqlite(context, call, scope):
                why = f"`{name}` uses a sqlite3 connection, which works only in the thread that opened it"
                return f"open the connection in what runs in the thread, or use `aiosqlite`: {why}"
    return ""


def _of_sqlite(context: Context, call: ast.Call, scope: Scope) -> bool:
    """A method of a connection or a cursor."""
    if not isinstance(call.func, ast.Attribute):
        return False
    values = context.infer.values(call.func.value, context.infer.frame_of(scope), scope.position_of(call))
    return any(isinstance(v, Instance) and v.cls.full_name.startswith("sqlite3.") for v in values)


def _was_awaited(call: ast.Call, scope: Scope) -> bool:
    """A thread that is started here and joined after something was awaited, which tells that it is done."""
    match call.func:
        case ast.Attribute(value=ast.Name(id=name)):
            made = [getattr(b.node, "lineno", 0) for b in scope.bindings.get(name, ()) if b.kind == "assign"]
            return any(first < node.lineno < call.lineno for first in made for node in scope.awaits)
    return False


def _public(value: Value) -> str:
    if isinstance(value, Func):
        return public_name(value.scope.full_name)
    return public_name(value.origin.replace("()", "")) if isinstance(value, Unknown) else ""


def _chain(context: Context, call: ast.Call, effect: effects.Effect, value: Value) -> tuple[list[Step], str]:
    steps: list[Step] = []
    cause = ""
    for hop in effect.hops:
        if hop.scope is not None:
            said = f"`{describe.short_name(hop.scope)}` calls `{hop.text}`"
            steps.append(Step(str(hop.scope.module.path), hop.line, said))
    fact = None
    if isinstance(value, Func) and value.scope.module.kind == "bundled":
        fact = context.infer.project.fact(value.scope.full_name)
    if isinstance(value, Func) and fact is not None:
        through = " -> ".join([*fact.via, effect.primitive])
        steps.append(
            Step(
                str(context.module.path),
                call.lineno,
                f"`{describe.short_name(value.scope, value.bound)}` goes through {through}"
                f" (bundled facts of {fact.distribution})",
            )
        )
    else:
        steps.append(
            Step(
                steps[-1].path if steps else str(context.module.path),
                steps[-1].line if steps else call.lineno,
                f"`{effect.primitive}` blocks the thread" + (": network I/O" if effect.network else ""),
            )
        )
    if isinstance(call.func, ast.Attribute):
        made = context.made(call.func.value)
        if (
            isinstance(value, Func)
            and isinstance(value.bound, Instance)
            and value.bound.cls.module.kind != "project"
        ):
            if made:
                cause = f"{made[-1].path}:{made[-1].line}"
            steps += made
    if not cause and isinstance(value, Func) and value.scope.module.kind == "project":
        cause = f"{value.scope.module.path}:{value.scope.first_line}"
    return steps, cause
