"""Awaits of what is not awaitable, and loops and managers of the wrong colour."""

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from diag.finding import Step
from diag.model import words
from diag.model.check import origins, reached, real
from diag.model.facts.blocking import public_name
from diag.model.flow import effects, explain
from diag.model.flow.uses import all_coroutines
from diag.model.infer.attributes import outside_stores
from diag.model.infer.awaiting import awaitable
from diag.model.infer.classes import mangled
from diag.model.infer.values import (
    Func,
    GeneratorOf,
    Instance,
    TupleOf,
    Unknown,
    Value,
    Values,
)
from diag.model.site import Callee, Kind, Site
from diag.model.syntax.scope import Scope

if TYPE_CHECKING:
    from diag.model.check import Checker
    from diag.model.infer.infer import Infer


def judge(checker: "Checker", node: ast.Await, scope: Scope) -> None:
    infer, counts = checker.infer, checker.report.counts
    operand = node.value
    values = checker.values(operand, scope)
    if Kind.AWAIT in checker.every:
        checker.report.sites.append(_generic(checker, node, scope))
    if not isinstance(operand, ast.Call):
        values = real(values)
    verdicts = {awaitable(infer, v) for v in values}
    if not values or None in verdicts:
        if isinstance(operand, ast.Call) and (missing := _missing_method(checker, operand, scope)):
            counts.awaits_wrong += 1
            checker.report.sites.append(missing)
            return
        counts.awaits_unknown += 1
        checker.report.unknown.append(checker.site(Kind.AWAIT, node, scope, detail=_why(values)))
        note_awaited(checker, operand, scope)
        return
    if verdicts != {False}:
        counts.awaits_right += 1
        return
    callee_value: Value | None = None
    if isinstance(operand, ast.Call):
        callee_value = reached(checker.values(operand.func, scope))
    standard = isinstance(callee_value, Func) and callee_value.scope.module.kind == "stub"
    if isinstance(operand, ast.Call) and came_in_as_value(infer, operand.func, callee_value, scope):
        counts.awaits_unknown += 1
        return  # whoever handed it in chose the colour; the place where that was done is judged instead
    if (not standard and checker.guarded(scope, node)) or checker.retried(node, scope):
        counts.awaits_unknown += 1
        return
    counts.awaits_wrong += 1
    callee = callee_of(checker, callee_value, values)
    if callee is not None and isinstance(operand, ast.Call):
        callee = words.called_as(callee, operand.func, checker.module.source_of(operand.func))
    subject = checker.module.source_of(operand.func if isinstance(operand, ast.Call) else operand)
    chain, cause = _chain(checker, node, scope, callee_value, callee)
    checker.report.sites.append(
        checker.site(
            Kind.AWAIT_PLAIN,
            node,
            scope,
            subject=subject,
            detail=words.describe(values),
            callee=callee,
            chain=chain,
            cause=cause,
        )
    )
    if callee_value is not None:
        function = operand.func if isinstance(operand, ast.Call) else operand
        note_clients(checker, effects.client_of(callee_value), function, scope, subject, direct=True)


def _missing_method(checker: "Checker", call: ast.Call, scope: Scope) -> Site | None:
    """`await client.aclose()` on a synchronous SDK client: only its async twin has that method."""
    if not isinstance(call.func, ast.Attribute) or checker.guarded(scope, call):
        return None
    infer, name = checker.infer, call.func.attr
    twins: list[tuple[str, str]] = []
    for value in real(checker.values(call.func.value, scope)):
        if not isinstance(value, Instance) or not value.exact or value.cls.is_open(infer):
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
    made = explain.provenance(infer, call.func.value, scope)
    return checker.site(
        Kind.AWAIT_PLAIN,
        call,
        scope,
        subject=checker.module.source_of(call.func),
        context="missing",
        detail=min(twins)[0],
        callee=Callee(name, f"{min(twins)[1]}.{name}", "async def", twin=min(twins)[1]),
        chain=[Step(str(m.path), line, text) for m, line, text in made],
    )


def came_in_as_value(infer: "Infer", function: ast.expr, value: Value | None, scope: Scope) -> bool:
    """The callee is a function that came in as a value: through a parameter, an attribute, a container."""
    if not isinstance(value, Func):
        return False
    if isinstance(function, ast.Attribute):
        return value.scope.name != function.attr and _was_handed_in(infer, function, scope)
    if isinstance(function, ast.Name):
        kinds = {b.kind for b in scope.reaching(function.id, scope.position_of(function))}
        return bool(kinds & {"param", "for", "async for"}) and value.scope.name != function.id
    return isinstance(function, ast.Subscript) and value.bound is None


def _was_handed_in(infer: "Infer", attribute: ast.Attribute, scope: Scope) -> bool:
    """A store of the attribute keeps what a parameter brought, or it stands outside of the class."""
    name = mangled(attribute.attr, scope)
    for holder in infer.values(attribute.value, infer.frame_of(scope), scope.position_of(attribute)):
        if not isinstance(holder, Instance) or holder.cls.module.is_stub:
            continue
        if outside_stores(infer, name):
            return True
        for cls in holder.cls.family(infer, exact=holder.exact):
            if any(b.kind == "assign" and b.value is None for b in cls.members(name)):
                return True  # a field of a dataclass
            for binding in cls.stored(name):
                stored = binding.value.values if isinstance(binding.value, ast.BoolOp) else [binding.value]
                for node in stored:
                    if isinstance(node, ast.Name) and any(
                        b.kind == "param" for b in binding.scope.reaching(node.id, binding.position)
                    ):
                        return True
    return False


def _generic(checker: "Checker", node: ast.Await, scope: Scope) -> Site:
    operand = node.value
    value = reached(checker.values(operand.func, scope)) if isinstance(operand, ast.Call) else None
    callee = words.callee_of(checker.infer, value, frozenset()) if value is not None else None
    return checker.site(Kind.AWAIT, node, scope, callee=callee)


def _why(values: Values) -> str:
    """What could not be resolved."""
    return ", ".join(sorted(set(origins(values)))[:2])


def callee_of(checker: "Checker", value: Value | None, returns: Values) -> Callee | None:
    """The callee in words, with the primitive that it blocks on."""
    if value is None:
        return None
    from dataclasses import replace

    callee = words.callee_of(checker.infer, value, returns)
    found = effects.of_values(checker.infer, frozenset({value}), "blocks")
    if found is not None:
        callee = replace(callee, blocks=found[0].primitive, network=found[0].network)
    return callee


def note_awaited(checker: "Checker", operand: ast.expr, scope: Scope) -> None:
    """Remember that an unresolved callee is awaited here: elsewhere it must be as well."""
    if isinstance(operand, ast.Call):
        for origin in origins(checker.values(operand.func, scope)):
            place = Step(str(checker.module.path), operand.lineno, f"awaited in `{scope.qualname}`")
            checker.report.awaited.setdefault(origin, []).append(place)


def note_clients(
    checker: "Checker", names: tuple[str, ...], node: ast.expr, scope: Scope, text: str, *, direct: bool
) -> None:
    """Remember that async code calls clients whose SDK has an async twin, and where they were built."""
    for name in names:
        fact = checker.infer.project.fact(name)
        if fact is not None and fact.twin:
            path = str(checker.module.path)
            made = (
                explain.provenance(checker.infer, node.value, scope)
                if direct and isinstance(node, ast.Attribute)
                else []
            )
            built = bool(made) and "is built here" in made[-1][2]
            where = f"{made[-1][0].path}:{made[-1][1]}" if built else str(Path(path).parent)
            place = Step(path, node.lineno, f"`{scope.name}` calls `{text}`")
            checker.report.used.setdefault(f"{name} {where}", []).append(place)


def _chain(
    checker: "Checker", node: ast.Await, scope: Scope, value: Value | None, callee: Callee | None
) -> tuple[list[Step], str]:
    steps: list[Step] = []
    cause = ""
    operand = node.value
    function = operand.func if isinstance(operand, ast.Call) else operand
    infer = checker.infer
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
            steps.append(Step(str(checker.module.path), node.lineno, f"{sentence}{known_from(value)}"))
    if isinstance(function, ast.Attribute):
        made = explain.provenance(infer, function.value, scope)
        steps += [Step(str(m.path), line, text) for m, line, text in made]
        if made and not (
            callee is not None and callee.path and isinstance(value, Func) and _of_project(value)
        ):
            cause = f"{made[-1][0].path}:{made[-1][1]}"
    elif isinstance(function, ast.Name) and callee is None:
        steps += [
            Step(str(m.path), line, text) for m, line, text in explain.provenance(infer, function, scope)
        ]
    steps += explain.consequences(infer, scope, node)
    return steps, cause


def known_from(value: Value | None) -> str:
    if isinstance(value, Func) and value.scope.module.kind == "bundled":
        return f" (from the bundled facts of {value.scope.module.name.partition('.')[0]})"
    return ""


def _of_project(value: Func) -> bool:
    return value.scope.module.kind == "project"


# --- for, with and their async forms


def judge_protocols(checker: "Checker", scope: Scope) -> None:
    for stmt in scope.positions:
        match stmt:
            case ast.For(iter=iterable):
                _iteration(checker, iterable, scope, is_async=False)
            case ast.AsyncFor(iter=iterable):
                _iteration(checker, iterable, scope, is_async=True)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    _manager(checker, item.context_expr, scope, is_async=isinstance(stmt, ast.AsyncWith))
    for comprehension in scope.comprehensions:
        _iteration(checker, comprehension.iter, scope, is_async=bool(comprehension.is_async))


def _protocol(checker: "Checker", value: Value, own: str, other: str) -> bool:
    """The value has the dunder method of the other colour and certainly lacks its own."""
    infer = checker.infer
    if not isinstance(value, Instance):
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


def _iteration(checker: "Checker", node: ast.expr, scope: Scope, *, is_async: bool) -> None:
    values = real(checker.values(node, scope))
    if not values or any(isinstance(v, Unknown) for v in values):
        return
    if is_async:
        wrong = all(
            isinstance(v, TupleOf)
            or (isinstance(v, GeneratorOf) and not v.is_async and not v.manager)
            or _protocol(checker, v, "__aiter__", "__iter__")
            for v in values
        )
    else:
        wrong = all(
            (isinstance(v, GeneratorOf) and v.is_async and not v.manager)
            or _protocol(checker, v, "__iter__", "__aiter__")
            for v in values
        )
        wrong = wrong and not any(
            isinstance(v, Instance) and any(b.members("__getitem__") for b in v.cls.mro(checker.infer))
            for v in values
        )
    if wrong:
        _propose(checker, node, scope, values, "async for" if is_async else "for")


def _manager(checker: "Checker", node: ast.expr, scope: Scope, *, is_async: bool) -> None:
    values = real(checker.values(node, scope))
    if not values or any(isinstance(v, Unknown) for v in values):
        return
    if (
        is_async
        and all_coroutines(checker.infer, values)
        and not any(isinstance(v, Instance) for v in values)
    ):
        return  # reported as a coroutine that is used as a manager
    own, other = ("__aenter__", "__enter__") if is_async else ("__enter__", "__aenter__")
    wrong = all(
        (isinstance(v, GeneratorOf) and v.manager == ("with" if is_async else "async with"))
        or _protocol(checker, v, own, other)
        for v in values
    )
    if wrong:
        _propose(checker, node, scope, values, "async with" if is_async else "with")


def _propose(checker: "Checker", node: ast.expr, scope: Scope, values: Values, context: str) -> None:
    if checker.guarded(scope, node):
        return
    made = reached(checker.values(node.func, scope)) if isinstance(node, ast.Call) else None
    callee = words.callee_of(checker.infer, made, values) if made is not None else None
    chain: list[Step] = []
    if callee is not None and callee.path:
        chain.append(Step(callee.path, callee.line, f"`{callee.name}` gives {words.describe(values)}"))
    if isinstance(node, ast.Name):
        chain += [
            Step(str(m.path), line, text) for m, line, text in explain.provenance(checker.infer, node, scope)
        ]
    checker.report.sites.append(
        checker.site(
            Kind.SYNC_PROTOCOL,
            node,
            scope,
            context=context,
            detail=words.describe(values),
            callee=callee,
            chain=chain,
        )
    )
