"""Synchronous SDK clients that have an async twin: where they are built, and where async code calls them."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from diag.finding import Step
from diag.lint.context import Context
from diag.lint.site import Site
from diag.model.flow import describe, effects
from diag.model.infer.values import ClassValue, ordered
from diag.model.syntax.scope import last_name
from lint_rules.awaits._awaits import judged_awaits
from lint_rules.blocking._calls import blocking_calls


def built(context: Context) -> Iterator[tuple[str, Site]]:
    """Constructions of such clients: the full name of the class, and the call."""
    for call in context.scope.calls if context.calls_any(_names_client) else ():
        if not _names_client(last_name(call.func)):
            continue
        for value in ordered(context.values(call.func)):
            if isinstance(value, ClassValue) and value.cls.module.kind in ("library", "bundled"):
                fact = context.infer.project.fact(value.cls.full_name)
                if fact is not None and fact.twin:
                    callee = describe.callee_of(context.infer, value, frozenset())
                    subject = context.source(call.func)
                    callee = replace(callee, twin=fact.twin)
                    yield value.cls.full_name, context.site(call, subject=subject, callee=callee)


def used(context: Context) -> Iterator[tuple[str, Step, list[Step]]]:
    """Calls of such clients in async code: the class, the call, and where it was built if that is known."""
    for each in context.once(judged_awaits):
        if each.verdict == "wrong" and each.callee is not None:
            operand = each.node.value
            function = operand.func if isinstance(operand, ast.Call) else operand
            for name in effects.client_of(each.callee):
                yield from _use(context, name, function, direct=True)
    for call, effect, value in context.once(blocking_calls):
        for name in effects.client_of(value):
            yield from _use(context, name, call.func, direct=True)
        for name in effect.clients:
            yield from _use(context, name, call.func, direct=False)


def _use(
    context: Context, name: str, node: ast.expr, *, direct: bool
) -> Iterator[tuple[str, Step, list[Step]]]:
    fact = context.infer.project.fact(name)
    if fact is None or not fact.twin:
        return
    made = context.made(node.value) if direct and isinstance(node, ast.Attribute) else []
    where = [step for step in made[-1:] if "is built here" in step.message]
    yield name, context.step(node, f"`{context.scope.name}` calls `{context.source(node)}`"), where


def _names_client(name: str) -> bool:
    """A name as classes have it, or none (`getattr(ccxt, venue)()`)."""
    return not name or name[0].isupper() or name in _FACTORIES


_FACTORIES = frozenset({"binance", "bybit", "okx", "kraken", "hyperliquid", "grvt", "backpack"})
