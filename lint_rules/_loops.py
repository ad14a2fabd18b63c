"""Calls that start an event loop."""

import ast
from collections.abc import Iterator

from diag.finding import Step
from diag.lint.context import Context
from diag.lint.site import Site
from diag.model.flow import describe
from diag.model.flow.effects import Effect, deferred, of_values
from diag.model.infer.values import Value


def starts_loop(context: Context, call: ast.Call) -> tuple[Effect, Value] | None:
    """`asyncio.run(...)`, by itself or through plain calls; None where nested loops are made to work."""
    infer = context.infer
    values = context.values(call.func)
    found = of_values(infer, values, "runs") if values else None
    if found is None or any(b"nest_asyncio" in m.raw for m in infer.project.judged):
        return None
    return found


def nested_loops(context: Context) -> Iterator[Site]:
    """Calls that start a loop while one is running."""
    for call in context.scope.calls:
        if deferred(call, context.scope) or (found := starts_loop(context, call)) is None:
            continue
        effect, value = found
        chain = [
            Step(str(hop.scope.module.path), hop.line, f"`{hop.scope.name}` calls `{hop.text}`")
            for hop in effect.hops
            if hop.scope
        ]
        yield context.site(
            call,
            subject=context.source(call.func),
            detail=effect.primitive,
            callee=describe.callee_of(context.infer, value, frozenset()),
            chain=chain,
        )
