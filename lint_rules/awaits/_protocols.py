"""Loops and managers over what has only the protocol of the other colour."""

import ast
from collections.abc import Iterator

from diag.finding import Step
from diag.lint.context import Context
from diag.lint.site import Site
from diag.model.flow import describe
from diag.model.flow.uses import all_coroutines
from diag.model.infer.values import GeneratorOf, Instance, TupleOf, Unknown, Value, Values, reached, real


def wrong_protocols(context: Context) -> Iterator[Site]:
    """Loops and `with` statements over something of the other colour."""
    scope = context.scope
    for stmt in scope.positions:
        match stmt:
            case ast.For(iter=iterable):
                yield from _iteration(context, iterable, is_async=False)
            case ast.AsyncFor(iter=iterable):
                yield from _iteration(context, iterable, is_async=True)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    yield from _manager(context, item.context_expr, is_async=isinstance(stmt, ast.AsyncWith))
    for comprehension in scope.comprehensions:
        yield from _iteration(context, comprehension.iter, is_async=bool(comprehension.is_async))


def _protocol(context: Context, value: Value, own: str, other: str) -> bool:
    """The value has the dunder method of the other colour and certainly lacks its own."""
    infer = context.infer
    if not isinstance(value, Instance) or value.declared:
        return False
    cls = value.cls
    protocol = cls.is_protocol and cls.name not in ("IO", "TextIO", "BinaryIO")
    vague = protocol or cls.name.startswith("Abstract")
    if cls.is_open(infer) or (vague and not value.exact):
        return False

    def has(name: str) -> bool:
        heirs = [] if value.exact else cls.heirs_with(infer, name)
        return any(base.members(name) for base in (*cls.mro(infer), *heirs))

    return not has(own) and has(other)


def _iteration(context: Context, node: ast.expr, *, is_async: bool) -> Iterator[Site]:
    values = real(context.values(node))
    if not values or any(isinstance(v, Unknown) for v in values):
        return
    if is_async:
        wrong = all(
            isinstance(v, TupleOf)
            or (isinstance(v, GeneratorOf) and not v.is_async and not v.manager)
            or _protocol(context, v, "__aiter__", "__iter__")
            for v in values
        )
    else:
        wrong = all(
            (isinstance(v, GeneratorOf) and v.is_async and not v.manager)
            or _protocol(context, v, "__iter__", "__aiter__")
            for v in values
        )
        wrong = wrong and not any(
            isinstance(v, Instance) and any(b.members("__getitem__") for b in v.cls.mro(context.infer))
            for v in values
        )
    if wrong:
        yield from _site(context, node, values, "async for" if is_async else "for")


def _manager(context: Context, node: ast.expr, *, is_async: bool) -> Iterator[Site]:
    values = real(context.values(node))
    if not values or any(isinstance(v, Unknown) for v in values):
        return
    if (
        is_async
        and all_coroutines(context.infer, values)
        and not any(isinstance(v, Instance) for v in values)
    ):
        return  # reported as a coroutine that is used as a manager
    own, other = ("__aenter__", "__enter__") if is_async else ("__enter__", "__aenter__")
    wrong = all(
        (isinstance(v, GeneratorOf) and v.manager == ("with" if is_async else "async with"))
        or _protocol(context, v, own, other)
        for v in values
    )
    if wrong:
        yield from _site(context, node, values, "async with" if is_async else "with")


def _site(context: Context, node: ast.expr, values: Values, how: str) -> Iterator[Site]:
    if context.guarded(node):
        return
    made = reached(context.values(node.func)) if isinstance(node, ast.Call) else None
    callee = describe.callee_of(context.infer, made, values) if made is not None else None
    chain: list[Step] = []
    if callee is not None and callee.path:
        chain.append(Step(callee.path, callee.line, f"`{callee.name}` gives {describe.describe(values)}"))
    if isinstance(node, ast.Name):
        chain += context.made(node)
    yield context.site(node, how=how, detail=describe.describe(values), callee=callee, chain=chain)
