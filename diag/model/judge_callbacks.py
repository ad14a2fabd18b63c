"""Callbacks of the wrong colour, and event loops started under a running one."""

import ast
import re
from typing import TYPE_CHECKING

from diag.finding import Step
from diag.model import words
from diag.model.check import never_awaitable, reached
from diag.model.flow import callbacks, effects, reads, value_flow
from diag.model.flow.uses import MISUSES, use_of
from diag.model.infer.calls import call as call_value
from diag.model.infer.values import ClassValue, Func, Partial, Values
from diag.model.judge_awaits import came_in_as_value
from diag.model.site import Kind
from diag.model.syntax.scope import Scope, last_name

if TYPE_CHECKING:
    from diag.model.check import Checker
    from diag.model.infer.infer import Infer


_EXPECT = ("raises", "assertRaises", "warns", "assertWarns", "suppress")


def judge(checker: "Checker", call: ast.Call, scope: Scope) -> None:
    given = [*call.args, *(k.value for k in call.keywords)]
    handed = [argument for argument in given if _may_be_function(checker, argument, scope)]
    if not handed:
        return
    values = checker.values(call.func, scope)
    names = {value_flow.name_of(v) for v in values}
    if len(names) == 1 and (entry := callbacks.PLAIN_CALLERS.get(name := names.pop())) is not None:
        argument = callbacks.argument_at(call, *entry)
        if argument in handed:
            _to_plain_caller(checker, call, argument, scope, name)
    elif values and all(isinstance(v, (Func, ClassValue)) for v in values):
        for argument in handed:
            _to_taker(checker, call, argument, scope, values)


def _may_be_function(checker: "Checker", node: ast.expr, scope: Scope) -> bool:
    """Cheap: is it worth asking what is handed over? Most arguments are data."""
    match node:
        case ast.Call(func=func, args=[target, *_]) if last_name(func) == "partial":
            return _may_be_function(checker, target, scope)
        case ast.Attribute(value=receiver, attr=name):
            owner = reads.receiver_class(receiver, scope)
            if owner is None:
                return not isinstance(receiver, ast.Constant)
            return any(c.members(name) for c in checker.infer.class_of(owner).mro(checker.infer))
        case ast.Name(id=name):
            here: Scope | None = scope
            while here is not None and name not in here.bindings:
                here = here.parent
            return here is not None and any(b.kind in ("def", "from", "assign") for b in here.bindings[name])
    return False


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


def _to_plain_caller(checker: "Checker", call: ast.Call, argument: ast.expr, scope: Scope, name: str) -> None:
    values = checker.values(argument, scope)
    if _colours(values) != {True} or checker.guarded(scope):
        return
    if name.endswith(callbacks.HAND_BACK):
        stmt = scope.statement_of(call)
        use = use_of(call, scope)
        if stmt is None or use.kind != "await" or not isinstance(use.node, ast.Await):
            return
        if use_of(use.node, scope).kind not in ("statement", *MISUSES):
            return  # await (await to_thread(f)): odd, but right
    _report(checker, call, argument, scope, values, "async", frozenset(), [])


def _report(
    checker: "Checker",
    call: ast.Call,
    argument: ast.expr,
    scope: Scope,
    values: Values,
    context: str,
    given: Values,
    chain: list[Step],
) -> None:
    value = next(iter(values))
    target = next(iter(value.target)) if isinstance(value, Partial) else value
    callee = words.callee_of(checker.infer, target, given)
    if callee.path:
        article = "an" if context == "async" else "a plain"
        chain = [Step(callee.path, callee.line, f"`{callee.name}` is {article} `{callee.colour}`"), *chain]
    checker.report.sites.append(
        checker.site(
            Kind.CALLBACK_COLOUR,
            argument,
            scope,
            subject=checker.module.source_of(argument),
            context=context,
            detail=checker.module.source_of(call.func),
            callee=callee,
            chain=chain,
        )
    )


def _to_taker(checker: "Checker", call: ast.Call, argument: ast.expr, scope: Scope, callees: Values) -> None:
    """A function of the project or of a library that calls, or awaits, what it is given."""
    values = checker.values(argument, scope)
    colours = _colours(values)
    if colours not in ({True}, {False}) or checker.guarded(scope):
        return
    fates = [callbacks.fate(checker.infer, callee, call, argument) for callee in callees]
    found = fates[0]
    if found is None or any(f is None or f.verdict != found.verdict for f in fates):
        return
    if (found.verdict == "awaited") is (colours == {True}):
        return
    given = frozenset() if colours == {True} else _plain_results(checker, values)
    if given is None or _expected_to_fail(scope, call) or _told_there(checker, found, colours):
        return
    place, node = min(found.places, key=lambda p: (str(p[0].module.path), p[1].lineno))
    what = "awaited here" if found.verdict == "awaited" else "called here, without `await`"
    step = Step(str(place.module.path), node.lineno, f"`{place.module.source_of(node.func)}(...)` is {what}")
    _report(checker, call, argument, scope, values, "async" if colours == {True} else "plain", given, [step])


def _plain_results(checker: "Checker", values: Values) -> Values | None:
    """What plain functions return, whatever they are called with; None when that may be awaitable."""
    infer = checker.infer
    touched, infer.touched = infer.touched, False
    given = frozenset().union(*(call_value(infer, v, None, None, None) for v in values))
    dependent, infer.touched = infer.touched, touched
    return None if dependent or not never_awaitable(infer, given) else given


def _expected_to_fail(scope: Scope, call: ast.Call) -> bool:
    """A test that hands over the wrong colour on purpose."""
    around = [s for s in scope.positions if isinstance(s, (ast.With, ast.AsyncWith))]
    managers = [
        item.context_expr
        for stmt in around
        if stmt.lineno <= call.lineno <= (stmt.end_lineno or stmt.lineno)
        for item in stmt.items
    ]
    return any(isinstance(m, ast.Call) and last_name(m.func).startswith(_EXPECT) for m in managers)


def _told_there(checker: "Checker", found: callbacks.Fate, colours: set[bool | None]) -> bool:
    """Every caller hands over this colour, so that the taker itself is reported."""
    infer = checker.infer
    for place, node in found.places:
        values = infer.values(node.func, infer.frame_of(place), place.position_of(node))
        if place.module not in infer.project.judged or _colours(values) != colours:
            continue
        if found.verdict == "called":
            if place.is_async or _by_name(infer, last_name(node.func)):
                return True
        elif not came_in_as_value(infer, node.func, reached(values), place):
            return True
    return False


def _by_name(infer: "Infer", name: str) -> bool:
    """Plain functions are judged for calls of that name: it is the name of something async somewhere."""
    infer.deps |= infer.project.query_bit(f"{name}(")
    word = re.escape(name.encode())
    wanted = re.compile(rb"\basync\s+def\s+%b\b|\bawait\s+(?:[\w.]+\.)?%b\s*\(" % (word, word))
    return any(wanted.search(m.raw) for m in infer.project.mentions(name.encode()))


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
