"""Which awaits are right, and which can only raise TypeError."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from diag.finding import Step
from diag.lint.context import Context
from diag.lint.site import Site
from diag.model.facts.blocking import public_name
from diag.model.flow import describe, effects
from diag.model.flow.callee import Callee
from diag.model.flow.origin import came_in_as_value
from diag.model.infer.attributes import outside_stores
from diag.model.infer.awaiting import awaitable
from diag.model.infer.values import Func, Instance, Value, Values, ordered, origins, reached, real


@dataclass(frozen=True, slots=True)
class JudgedAwait:
    """An `await` and what it comes to; `callee` is what the awaited call reaches."""

    node: ast.Await
    verdict: Literal["right", "wrong", "unknown", "decided"]
    values: Values  # of what is awaited
    callee: Value | None = None
    missing: Site | None = None  # where the client lacks the method


def judged_awaits(context: Context) -> list[JudgedAwait]:
    """Every `await` of the scope, counted for the statistics."""
    counts = context.home.counts
    out = [_judged(context, node) for node in context.scope.awaits]
    for each in out:
        # where the code itself asks for the colour, neither can be said
        name = f"awaits_{'unknown' if each.verdict == 'decided' else each.verdict}"
        setattr(counts, name, getattr(counts, name) + 1)
    return out


def _judged(context: Context, node: ast.Await) -> JudgedAwait:
    infer, scope, operand = context.infer, context.scope, node.value
    values = context.values(operand)
    if not isinstance(operand, ast.Call):
        values = real(values)
    verdicts = {awaitable(infer, v) for v in values}
    if not values or None in verdicts:
        if isinstance(operand, ast.Call) and (missing := _missing_method(context, operand)):
            return JudgedAwait(node, "wrong", values, missing=missing)
        context.unresolved(node, values)
        return JudgedAwait(node, "unknown", values)
    if verdicts != {False}:
        return JudgedAwait(node, "right", values)
    callee = reached(context.values(operand.func)) if isinstance(operand, ast.Call) else None
    standard = isinstance(callee, Func) and callee.scope.module.kind == "stub"
    if isinstance(operand, ast.Call) and came_in_as_value(infer, operand.func, callee, scope):
        # whoever handed it in chose the colour; the place where that was done is judged instead
        return JudgedAwait(node, "decided", values, callee)
    if (not standard and context.guarded(node)) or context.retried(node):
        return JudgedAwait(node, "decided", values, callee)
    return JudgedAwait(node, "wrong", values, callee)


def site_of(context: Context, judged: JudgedAwait) -> Site:
    """The place of a wrong await, with the chain that proves it."""
    if judged.missing is not None:
        return judged.missing
    operand = judged.node.value
    function = operand.func if isinstance(operand, ast.Call) else operand
    callee = _callee_of(context, judged.callee, judged.values)
    if callee is not None and isinstance(operand, ast.Call):
        callee = describe.called_as(callee, operand.func, context.source(operand.func))
    chain, cause = _chain(context, judged.node, judged.callee, callee)
    return context.site(
        judged.node,
        subject=context.source(function),
        detail=describe.describe(judged.values),
        callee=callee,
        chain=chain,
        cause=cause,
    )


def unresolved_callees(context: Context, operand: ast.expr) -> Iterator[str]:
    """Names for what an awaited call reaches, where nothing is known of it."""
    if isinstance(operand, ast.Call):
        yield from origins(context.values(operand.func))


def _missing_method(context: Context, call: ast.Call) -> Site | None:
    """`await client.aclose()` on a synchronous SDK client: only its async twin has that method."""
    if not isinstance(call.func, ast.Attribute) or context.guarded(call):
        return None
    infer, name = context.infer, call.func.attr
    twins: list[tuple[str, str]] = []
    for value in ordered(real(context.values(call.func.value))):
        if not isinstance(value, Instance) or not value.exact or value.declared or value.cls.is_open(infer):
            return None
        fact = infer.project.fact(value.cls.full_name)
        if fact is None or not fact.twin or infer.project.fact(f"{fact.twin}.{name}") is None:
            return None
        mro = value.cls.mro(infer)
        if outside_stores(infer, name) or any(c.members(name) or c.stored(name) for c in mro):
            return None
        # stubs of bundled facts all have one
        if any(c.members("__getattr__") for c in mro if c.module.kind != "bundled"):
            return None
        twins.append((public_name(value.cls.full_name), public_name(fact.twin)))
    if not twins:
        return None
    return context.site(
        call,
        subject=context.source(call.func),
        how="missing",
        detail=min(twins)[0],
        callee=Callee(name, f"{min(twins)[1]}.{name}", "async def", twin=min(twins)[1]),
        chain=context.made(call.func.value),
    )


def _callee_of(context: Context, value: Value | None, returns: Values) -> Callee | None:
    """The callee in words, with the primitive that it blocks on."""
    if value is None:
        return None
    callee = describe.callee_of(context.infer, value, returns)
    found = effects.of_values(context.infer, frozenset({value}), "blocks")
    if found is not None:
        callee = replace(callee, blocks=found[0].primitive, network=found[0].network)
    return callee


def _chain(
    context: Context, node: ast.Await, value: Value | None, callee: Callee | None
) -> tuple[list[Step], str]:
    steps: list[Step] = []
    cause = ""
    operand = node.value
    function = operand.func if isinstance(operand, ast.Call) else operand
    if callee is not None:
        article = {"def": "a plain `def`", "class": "a class", "builtin": "not a coroutine function"}.get(
            callee.colour, f"a {callee.colour}"
        )
        returns = f" that returns `{callee.returns}`" if callee.returns and callee.colour != "class" else ""
        sentence = f"`{callee.name}` is {article}{returns}"
        if callee.path:
            steps.append(Step(callee.path, callee.line, sentence))
            cause = f"{callee.name} at {callee.path}:{callee.line}"
        else:
            steps.append(context.step(node, f"{sentence}{describe.known_from(value)}"))
    if isinstance(function, ast.Attribute):
        made = context.made(function.value)
        steps += made
        if made and not (
            callee is not None
            and callee.path
            and isinstance(value, Func)
            and value.scope.module.kind == "project"
        ):
            cause = f"{made[-1].path}:{made[-1].line}"
    elif isinstance(function, ast.Name) and callee is None:
        steps += context.made(function)
    steps += context.consequences(node)
    return steps, cause
