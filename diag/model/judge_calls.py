"""Calls that make a coroutine: dropped, taken for the result, returned unawaited, scheduled, orphaned."""

import ast
from typing import TYPE_CHECKING

from diag.model import judge_callbacks, words
from diag.model.check import origins, reached, real
from diag.model.flow.escapes import is_lost
from diag.model.flow.uses import (
    MISUSES,
    all_coroutines,
    argument_use,
    bare_coroutine,
    holds_plain_items,
    promises_plain_items,
    use_of,
)
from diag.model.infer import attributes
from diag.model.infer.awaiting import awaited, is_declared
from diag.model.infer.values import CallableOf, Coroutine, GeneratorOf, Instance, Unknown, Value, Values
from diag.model.judge_awaits import note_awaited
from diag.model.judge_kept import judge_assigned, judge_record, judge_returned, judge_stored
from diag.model.judge_misuse import Made, emit, in_lambda_result, report_misuse
from diag.model.judge_tasks import judge_scheduler
from diag.model.site import Callee, Kind, Site
from diag.model.syntax.scope import Scope, last_name

if TYPE_CHECKING:
    from diag.model.check import Checker
    from diag.model.infer.infer import Infer


def judge_scope(checker: "Checker", scope: Scope, async_names: frozenset[str]) -> None:
    infer, counts = checker.infer, checker.report.counts
    parents = checker.module.parents
    for call in scope.calls:
        name = last_name(call.func)
        if Kind.CALL in checker.every:
            checker.report.sites.append(_generic(checker, call, scope))
        judge_callbacks.judge(checker, call, scope)
        if not scope.is_async and name and name not in async_names:
            continue
        judge_scheduler(checker, call, scope)
        if isinstance(parents.get(call), ast.Await):
            continue
        values = checker.values(call, scope)
        if any(isinstance(v, Unknown) for v in values):
            if all(isinstance(v, Unknown) or bare_coroutine(v) for v in values):
                if any(bare_coroutine(v) for v in values) and all(
                    uncalled(v) for v in values if isinstance(v, Unknown)
                ):
                    # every way in that is seen makes a coroutine; the rest are parameters that nobody passes
                    values = frozenset(v for v in values if bare_coroutine(v))
                else:
                    counts.calls_unknown += 1
                    _contradiction(checker, call, scope)
                    continue
            else:
                counts.calls_unknown += 1
                continue
        counts.calls_right += 1
        if values and all(_lazy_object(infer, v) for v in values) and not checker.guarded(scope, call):
            callee = _callee(checker, call, scope, values)
            _object_used(checker, Made(call, callee, pure=True), scope, values)
        elif values and all(is_declared(v) for v in values):
            callee_values = real(checker.values(call.func, scope))
            if (
                use_of(call, scope).kind == "statement"
                and callee_values
                and all(isinstance(v, CallableOf) for v in callee_values)
                and not checker.guarded(scope, call)
                and not checker.retried(call, scope)
            ):
                emit(checker, Kind.DROPPED, Made(call, None), scope, call, context="declared")
        elif values and all(_idle(infer, v) for v in values):
            if checker.guarded(scope, call) or checker.retried(call, scope):
                continue
            callee = _callee(checker, call, scope, values)
            before = len(checker.report.sites)
            pure = all(bare_coroutine(v) or isinstance(v, GeneratorOf) for v in values)
            generator = any(isinstance(v, GeneratorOf) for v in values)
            _judge(checker, Made(call, callee, generator=generator, pure=pure), scope, call)
            if len(checker.report.sites) > before:
                counts.calls_right -= 1
                counts.calls_wrong += 1


def _callee(checker: "Checker", call: ast.Call, scope: Scope, values: Values) -> Callee | None:
    """What a call that gives `values` reaches, in words."""
    value = reached(checker.values(call.func, scope))
    if value is None:
        return None
    callee = words.callee_of(checker.infer, value, _results(checker, values))
    return words.called_as(callee, call.func, checker.module.source_of(call.func))


def judge_properties(checker: "Checker", scope: Scope) -> None:
    """Properties whose value is a coroutine, used as its result."""
    infer = checker.infer
    names = infer.project.property_names
    for name, reads in scope.reads.items():
        for read in reads if name in names else ():
            if isinstance(checker.module.parents.get(read), ast.Await):
                continue
            values = checker.values(read, scope)
            if values and all(bare_coroutine(v) for v in values) and not checker.guarded(scope, read):
                maker = next((v.func for v in values if isinstance(v, Coroutine)), None)
                callee = (
                    words.callee_of(infer, maker, _results(checker, values)) if maker is not None else None
                )
                _judge(checker, Made(read, callee), scope, read)


def uncalled(value: Value) -> bool:
    """An unknown that comes in through a parameter which no call in sight passes."""
    return isinstance(value, Unknown) and ":" in value.origin


def _generic(checker: "Checker", call: ast.Call, scope: Scope) -> Site:
    value = reached(checker.values(call.func, scope))
    callee = words.callee_of(checker.infer, value, checker.values(call, scope)) if value is not None else None
    return checker.site(Kind.CALL, call, scope, subject=checker.module.source_of(call.func), callee=callee)


def _lazy_object(infer: "Infer", value: Value) -> bool:
    """An object that does its work when it is awaited, such as what `websockets.connect(...)` makes."""
    if not isinstance(value, Instance) or bare_coroutine(value) or value.cls.is_protocol:
        return False
    mro = value.cls.mro(infer)
    if value.cls.is_open(infer) or not any(base.members("__await__") for base in mro):
        return False
    return not any(base.name in ("Future", "Task") for base in mro)


def _object_used(checker: "Checker", made: Made, scope: Scope, values: Values) -> None:
    """Such an object is thrown away, or asked for what only its result has."""
    infer = checker.infer
    use = use_of(made.call, scope)

    def lacks(attribute: str) -> bool:
        return not any(
            base.members(attribute) or attribute in base.stores() or base.members("__getattr__")
            for v in values
            if isinstance(v, Instance)
            for base in v.cls.mro(infer)
        )

    match use.kind, use.node:
        case "statement", _ if all_coroutines(infer, values):
            emit(checker, Kind.DROPPED, made, scope, made.call)
        case "attribute", ast.Attribute(attr=attribute) if lacks(attribute):
            report_misuse(checker, made, scope, made.call, use, "attribute")
        case "assign", ast.Assign(targets=[ast.Name(id=name)]):
            binding = next((b for b in scope.bindings.get(name, ()) if b.node is use.node), None)
            for load in sorted(scope.loads.get(name, ()), key=lambda n: (n.lineno, n.col_offset)):
                inner = use_of(load, scope)
                if (
                    scope.reaching(name, scope.position_of(load)) == [binding]
                    and isinstance(inner.node, ast.Attribute)
                    and inner.kind == "attribute"
                    and lacks(inner.node.attr)
                ):
                    report_misuse(checker, made, scope, load, inner, "attribute")
                    return
            if is_lost(infer, made.call, scope, lacks):
                emit(checker, Kind.DROPPED, made, scope, made.call, context="assigned", detail=name)
        case "store", _:
            judge_stored(checker, made, scope, use, lacks)
        case "kept", ast.Assign(targets=[ast.Subscript() as target]) if is_lost(
            infer, made.call, scope, lacks
        ):
            detail = checker.module.source_of(target)
            emit(checker, Kind.DROPPED, made, scope, made.call, context="stored", detail=detail)


def _idle(infer: "Infer", value: Value) -> bool:
    """Nothing of it runs until it is awaited or iterated over."""
    return all_coroutines(infer, frozenset({value})) or (
        isinstance(value, GeneratorOf) and value.is_async and not value.manager
    )


def _results(checker: "Checker", values: Values) -> Values:
    return frozenset(v for v in awaited(checker.infer, values) if not isinstance(v, Unknown))


def _judge(checker: "Checker", made: Made, scope: Scope, node: ast.expr) -> None:
    """Judge one use of a coroutine: the call itself, or a name that holds it."""
    use = use_of(node, scope)
    generator = made.generator
    if generator and use.kind not in ("statement",):
        return
    if in_lambda_result(checker, node, scope):
        return
    match use.kind:
        case "statement":
            emit(checker, Kind.DROPPED, made, scope, node, context="async generator" if generator else "")
        case "assign":
            judge_assigned(checker, made, scope, use)
        case "store":
            judge_stored(checker, made, scope, use)
        case "kept" if isinstance(use.node, ast.Assign) and not made.origin and made.pure:
            target = use.node.targets[0]
            if isinstance(target, ast.Subscript) and holds_plain_items(checker.infer, target, scope):
                detail = checker.module.source_of(target)
                emit(checker, Kind.AS_VALUE, made, scope, node, context="argument", detail=detail)
            elif is_lost(checker.infer, node, scope):
                detail = checker.module.source_of(target)
                emit(checker, Kind.DROPPED, made, scope, node, context="stored", detail=detail)
        case "return":
            if scope.is_async and not scope.is_generator:
                judge_returned(checker, made, scope, node)
        case "element":
            if isinstance(use.node, ast.Dict) and not made.origin and made.pure:
                judge_record(checker, made, scope, node, use.node, use.child)
        case "argument":
            verdict = argument_use(checker.infer, use, scope)
            if verdict in MISUSES or verdict == "argument":
                report_misuse(checker, made, scope, node, use, verdict)
            elif verdict == "unknown" and not made.origin and is_lost(checker.infer, node, scope):
                report_misuse(checker, made, scope, node, use, "argument")
        case "kept" if isinstance(use.node, ast.Yield) and not made.origin and made.pure:
            if promises_plain_items(checker.infer, scope):
                report_misuse(checker, made, scope, node, use, "yield")
        case kind if kind in MISUSES:
            report_misuse(checker, made, scope, node, use, kind)


# --- awaited elsewhere, not here


def _contradiction(checker: "Checker", call: ast.Call, scope: Scope) -> None:
    """Nothing is known of the callee; whether it is awaited elsewhere is only known at the end of the run."""
    use = use_of(call, scope)
    found = set(origins(checker.values(call.func, scope)))
    if (
        not scope.is_async
        or len(found) != 1
        or attributes.outside_stores(checker.infer, last_name(call.func))
    ):
        return  # a plain function can't await; several origins, or a method that is replaced, say nothing
    for origin in found:
        if use.kind == "argument" and argument_use(checker.infer, use, scope) == "consumes":
            note_awaited(checker, call, scope)
            return
        if (
            checker.guarded(scope, call)
            or checker.retried(call, scope)
            or _both_ways(checker, call, scope, origin)
        ):
            return
        _judge(checker, Made(call, None, origin), scope, call)
        return


def _both_ways(checker: "Checker", call: ast.Call, scope: Scope, origin: str) -> bool:
    """The same function awaits it on another branch: that is a decision, not a slip."""
    here = scope.position_of(call)
    for node in scope.awaits:
        operand = node.value
        if (
            isinstance(operand, ast.Call)
            and last_name(operand.func) == last_name(call.func)
            and origin in origins(checker.values(operand.func, scope))
        ):
            there = scope.position_of(node)
            if here is None or there is None or here.path != there.path or here.order == there.order:
                return True
    return False
