"""Calls in async code that stop the event loop, by themselves or through any number of plain calls."""

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from diag.finding import Step
from diag.model import judge_callbacks, words
from diag.model.facts.blocking import public_name
from diag.model.flow import effects, explain
from diag.model.infer.values import ClassValue, Func, Instance, Unknown, Value
from diag.model.judge_awaits import note_clients
from diag.model.site import Kind
from diag.model.syntax.scope import Scope, last_name

if TYPE_CHECKING:
    from diag.model.check import Checker


def judge_scope(checker: "Checker", scope: Scope) -> None:
    infer = checker.infer
    parents = checker.module.parents
    for call in scope.calls:
        if effects.deferred(call, scope):
            continue
        if judge_callbacks.nested_run(checker, call, scope):
            continue
        values = checker.values(call.func, scope)
        found = effects.of_values(infer, values, "blocks") if values else None
        if found is None:
            continue
        effect, value = found
        frame = infer.frame_of(scope)
        if effects.harmless(call) or not effects.taken(
            infer, effect, value, call, frame, scope.position_of(call)
        ):
            continue
        text = checker.module.source_of(call.func)
        note_clients(checker, effects.client_of(value), call.func, scope, text, direct=True)
        note_clients(checker, effect.clients, call.func, scope, text, direct=False)
        if isinstance(parents.get(call), ast.Await):
            continue  # the await is the defect; its mend decides what becomes of the call
        if checker.guarded(scope, call):
            continue
        direct = not effect.hops and effect.primitive == _public(value)
        if direct and effect.primitive == "threading.Thread.join" and _was_awaited(call, scope):
            continue
        callee = replace(
            words.callee_of(infer, value, frozenset()), blocks=effect.primitive, network=effect.network
        )
        chain, cause = _chain(checker, call, scope, effect, value)
        checker.report.sites.append(
            checker.site(
                Kind.BLOCKS if direct else Kind.BLOCKS_THROUGH,
                call,
                scope,
                subject=checker.module.source_of(call.func),
                detail=effect.advice,
                callee=callee,
                chain=chain,
                cause=cause,
            )
        )


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


def _chain(
    checker: "Checker", call: ast.Call, scope: Scope, effect: effects.Effect, value: Value
) -> tuple[list[Step], str]:
    steps: list[Step] = []
    cause = ""
    for hop in effect.hops:
        if hop.scope is not None:
            told = f"`{words.short_name(hop.scope)}` calls `{hop.text}`"
            steps.append(Step(str(hop.scope.module.path), hop.line, told))
    fact = None
    if isinstance(value, Func) and value.scope.module.kind == "bundled":
        fact = checker.infer.project.fact(value.scope.full_name)
    if isinstance(value, Func) and fact is not None:
        through = " -> ".join([*fact.via, effect.primitive])
        steps.append(
            Step(
                str(checker.module.path),
                call.lineno,
                f"`{words.short_name(value.scope, value.bound)}` goes through {through}"
                f" (bundled facts of {fact.distribution})",
            )
        )
    else:
        steps.append(
            Step(
                steps[-1].path if steps else str(checker.module.path),
                steps[-1].line if steps else call.lineno,
                f"`{effect.primitive}` blocks the thread" + (": network I/O" if effect.network else ""),
            )
        )
    if isinstance(call.func, ast.Attribute):
        made = explain.provenance(checker.infer, call.func.value, scope)
        if (
            isinstance(value, Func)
            and isinstance(value.bound, Instance)
            and value.bound.cls.module.kind != "project"
        ):
            if made:
                cause = f"{made[-1][0].path}:{made[-1][1]}"
            steps += [Step(str(m.path), line, text) for m, line, text in made]
    if not cause and isinstance(value, Func) and value.scope.module.kind == "project":
        cause = f"{value.scope.module.path}:{value.scope.first_line}"
    return steps, cause


def collect_built(checker: "Checker") -> None:
    """Constructions of synchronous clients with an async twin; reported when async code uses the class."""
    for scope in checker.module.scopes():
        for call in scope.calls if checker.calls_any(scope, _names_client) else ():
            if not _names_client(last_name(call.func)):
                continue
            for value in checker.values(call.func, scope):
                if isinstance(value, ClassValue) and value.cls.module.kind in ("library", "bundled"):
                    fact = checker.infer.project.fact(value.cls.full_name)
                    if fact is not None and fact.twin:
                        callee = words.callee_of(checker.infer, value, frozenset())
                        site = checker.site(
                            Kind.SYNC_CLIENT,
                            call,
                            scope,
                            subject=checker.module.source_of(call.func),
                            callee=replace(callee, twin=fact.twin),
                            detail=fact.twin,
                        )
                        checker.report.built.append((value.cls.full_name, site))


def _names_client(name: str) -> bool:
    """A name as classes have it, or none (`getattr(ccxt, venue)()`)."""
    return not name or name[0].isupper() or name in _FACTORIES


_FACTORIES = frozenset({"binance", "bybit", "okx", "kraken", "hyperliquid", "grvt", "backpack"})
