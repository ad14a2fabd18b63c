"""Callbacks of the wrong colour for those who take them."""

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.finding import Step
from diag.lint.context import Context
from diag.lint.site import Site
from diag.model.flow import callbacks, describe, reads, value_flow
from diag.model.flow.origin import came_in_as_value
from diag.model.flow.uses import MISUSES, bare_coroutine, use_of
from diag.model.infer.awaiting import never_awaitable
from diag.model.infer.calls import call as call_value
from diag.model.infer.values import ClassValue, Func, Partial, Values, ordered, reached, real
from diag.model.syntax.scope import Scope, last_name

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

_EXPECT = ("raises", "assertRaises", "warns", "assertWarns", "suppress")


def wrong_callbacks(context: Context) -> Iterator[Site]:
    """Functions of the wrong colour that the scope hands over."""
    for call in context.scope.calls:
        yield from _of_call(context, call)


def wrong_stores(context: Context) -> Iterator[Site]:
    """Functions of the wrong colour that the scope stores in attributes."""
    context.scope.bindings  # noqa: B018  finds the stores
    for bindings in context.scope.stores.values():
        for binding in bindings:
            if binding.kind == "assign" and not binding.unpack and binding.value is not None:
                yield from _of_store(context, binding.node, binding.value)


def _of_store(context: Context, stmt: ast.AST, value: ast.expr) -> Iterator[Site]:
    """`feed.on_message = handler`: the object calls it, or awaits it."""
    targets = stmt.targets if isinstance(stmt, ast.Assign) else []
    match targets:
        case [ast.Attribute(value=receiver, attr=name) as target] if _may_be_function(context, value):
            holders = real(context.values(receiver))
            fates = [callbacks.fate_as_attribute(context.infer, v, name) for v in ordered(holders)]
            yield from _to_receiver(context, value, fates, target)


def _of_call(context: Context, call: ast.Call) -> Iterator[Site]:
    given = [*call.args, *(k.value for k in call.keywords)]
    handed = [argument for argument in given if _may_be_function(context, argument)]
    if not handed:
        return
    values = context.values(call.func)
    names = {value_flow.name_of(v) for v in values}
    if len(names) == 1 and (entry := callbacks.PLAIN_CALLERS.get(name := names.pop())) is not None:
        argument = callbacks.argument_at(call, *entry)
        if argument in handed:
            yield from _to_plain_caller(context, call, argument, name)
    elif values and all(isinstance(v, (Func, ClassValue)) for v in values):
        for argument in handed:
            fates = [callbacks.fate(context.infer, callee, call, argument) for callee in ordered(values)]
            yield from _to_receiver(context, argument, fates, call.func)


def _may_be_function(context: Context, node: ast.expr) -> bool:
    """Cheap: is it worth asking what is handed over? Most arguments are data."""
    scope = context.scope
    match node:
        case ast.Call(func=func, args=[target, *_]) if last_name(func) == "partial":
            return _may_be_function(context, target)
        case ast.Lambda(body=ast.Call()):
            return True
        case ast.Attribute(value=receiver, attr=name):
            owner = reads.receiver_class(receiver, scope)
            if owner is None:
                return not isinstance(receiver, ast.Constant)
            return any(c.members(name) for c in context.infer.class_of(owner).mro(context.infer))
        case ast.Name(id=name):
            here: Scope | None = scope
            while here is not None and name not in here.bindings:
                here = here.parent
            return here is not None and any(b.kind in ("def", "from", "assign") for b in here.bindings[name])
    return False


def colours_of(infer: "Infer", values: Values) -> set[bool | None]:
    """Whether calling gives a coroutine, for each value; None where that can't be told."""
    out: set[bool | None] = set()
    for value in values:
        if isinstance(value, Func):
            if value.scope.kind == "lambda":
                made = call_value(infer, value, None, None, None)
                out.add(True if made and all(map(bare_coroutine, made)) else None)
            elif value.scope.is_generator:
                out.add(None)
            else:
                out.add(value.scope.is_async)
        elif isinstance(value, Partial):
            out |= colours_of(infer, value.target)
        else:
            out.add(None)
    return out


def _to_plain_caller(context: Context, call: ast.Call, argument: ast.expr, name: str) -> Iterator[Site]:
    scope = context.scope
    values = context.values(argument)
    if colours_of(context.infer, values) != {True} or context.guarded():
        return
    if name.endswith(callbacks.HAND_BACK):
        stmt = scope.statement_of(call)
        use = use_of(call, scope)
        if stmt is None or use.kind != "await" or not isinstance(use.node, ast.Await):
            return
        if use_of(use.node, scope).kind not in ("statement", *MISUSES):
            return  # await (await to_thread(f)): odd, but right
    yield _site(context, call.func, argument, values, "async", frozenset(), [])


def _site(
    context: Context,
    receiver: ast.expr,
    argument: ast.expr,
    values: Values,
    how: str,
    given: Values,
    chain: list[Step],
) -> Site:
    value = ordered(values)[0]
    target = ordered(value.target)[0] if isinstance(value, Partial) else value
    callee = describe.callee_of(context.infer, target, given)
    if callee.path:
        article = "an" if how == "async" else "a plain"
        chain = [Step(callee.path, callee.line, f"`{callee.name}` is {article} `{callee.colour}`"), *chain]
    return context.site(argument, how=how, detail=context.source(receiver), callee=callee, chain=chain)


def _to_receiver(
    context: Context, given: ast.expr, fates: list[callbacks.Fate | None], receiver: ast.expr
) -> Iterator[Site]:
    """A function of the project or of a library that calls, or awaits, what it is given."""
    values = context.values(given)
    colours = colours_of(context.infer, values)
    if colours not in ({True}, {False}) or context.guarded():
        return
    if (
        not fates
        or (found := fates[0]) is None
        or any(f is None or f.verdict != found.verdict for f in fates)
    ):
        return
    if (found.verdict == "awaited") is (colours == {True}):
        return
    results = frozenset() if colours == {True} else plain_results(context.infer, values)
    if results is None or _expected_to_fail(context.scope, receiver) or told_there(context, found, colours):
        return
    how = "async" if colours == {True} else "plain"
    yield _site(context, receiver, given, values, how, results, [said_there(found)])


def said_there(found: callbacks.Fate) -> Step:
    """The call of a callback that tells what becomes of it."""
    place, node = min(found.places, key=lambda p: (str(p[0].module.path), p[1].lineno))
    what = "awaited here" if found.verdict == "awaited" else "called here, without `await`"
    return Step(str(place.module.path), node.lineno, f"`{place.module.source_of(node.func)}(...)` is {what}")


def plain_results(infer: "Infer", values: Values) -> Values | None:
    """What plain functions return, whatever they are called with; None when that may be awaitable."""
    touched, infer.touched = infer.touched, False
    given = frozenset().union(*(call_value(infer, v, None, None, None) for v in values))
    dependent, infer.touched = infer.touched, touched
    return None if dependent or not never_awaitable(infer, given) else given


def _expected_to_fail(scope: Scope, node: ast.expr) -> bool:
    """A test that hands over the wrong colour on purpose."""
    around = [s for s in scope.positions if isinstance(s, (ast.With, ast.AsyncWith))]
    managers = [
        item.context_expr
        for stmt in around
        if stmt.lineno <= node.lineno <= (stmt.end_lineno or stmt.lineno)
        for item in stmt.items
    ]
    return any(isinstance(m, ast.Call) and last_name(m.func).startswith(_EXPECT) for m in managers)


def told_there(context: Context, found: callbacks.Fate, colours: set[bool | None]) -> bool:
    """Every caller hands over this colour, so that the receiver itself is reported."""
    infer = context.infer
    for place, node in found.places:
        values = infer.values(node.func, infer.frame_of(place), place.position_of(node))
        if place.module not in infer.project.judged or colours_of(infer, values) != colours:
            continue
        if found.verdict == "called":
            if place.is_async or _by_name(infer, last_name(node.func)):
                return True
        elif not came_in_as_value(infer, node.func, reached(values), place):
            return True
    return False


def _by_name(infer: "Infer", name: str) -> bool:
    """Plain functions are judged for calls of that name: it is the name of something async somewhere."""
    infer.deps |= infer.project.query_bit("called", name)
    word = re.escape(name.encode())
    wanted = re.compile(rb"\basync\s+def\s+%b\b|\bawait\s+(?:[\w.]+\.)?%b\s*\(" % (word, word))
    return any(wanted.search(m.raw) for m in infer.project.mentions(name.encode()))
