"""Calls that make a coroutine, and what becomes of it: dropped, taken for its result, returned."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from diag.lint.context import Context
from diag.model.flow import describe
from diag.model.flow.arguments import argument_use, holds_plain_items, promises_plain_items
from diag.model.flow.callee import Callee
from diag.model.flow.escapes import is_lost
from diag.model.flow.uses import MISUSES, Use, all_coroutines, bare_coroutine, use_of
from diag.model.infer import replaced
from diag.model.infer.awaiting import awaited, is_declared
from diag.model.infer.infer import Infer
from diag.model.infer.values import (
    CallableOf,
    Coroutine,
    GeneratorOf,
    Instance,
    Unknown,
    Value,
    Values,
    ordered,
    origins,
    reached,
    real,
)
from diag.model.syntax.scope import last_name
from lint_rules.awaits._kept import of_assigned, of_one_path, of_record, of_returned, of_stored
from lint_rules.awaits._made import Fate, Made, Outcome, in_lambda_result, misuse, outcome


@dataclass(slots=True)
class Coroutines:
    """What becomes of the coroutines of a scope.

    `suspected` are calls of which nothing is known but that they need the result and do not await it;
    `consumed` those whose result is handed to something that awaits it.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    suspected: list[Outcome] = field(default_factory=list)
    consumed: list[ast.Call] = field(default_factory=list)

    def of(self, fate: Fate) -> list[Outcome]:
        return [each for each in self.outcomes if each.fate == fate]


def coroutines(context: Context) -> Coroutines:
    """The coroutines that the scope makes, counted for the statistics."""
    out = Coroutines()
    parents = context.module.parents
    for call in context.scope.calls:
        if isinstance(parents.get(call), ast.Await) or not may_matter(context, call):
            continue
        counts = context.home.counts
        values = _certain(context.values(call))
        if any(isinstance(v, Unknown) for v in values):
            counts.calls_unknown += 1
            context.unresolved(call, values)
            if all(isinstance(v, Unknown) or bare_coroutine(v) for v in values):
                _suspect(context, call, out)
            continue
        found, proved = _of_call(context, call, values)
        counts.calls_right += not (found and proved)
        counts.calls_wrong += bool(found and proved)
        if found is not None:
            out.outcomes.append(found)
    _properties(context, out)
    return out


def may_matter(context: Context, call: ast.Call) -> bool:
    """In plain code only calls by the name of something async are looked at."""
    name = last_name(call.func)
    return context.scope.is_async or not name or name in context.home.async_names


def _certain(values: Values) -> Values:
    """Without what comes in through parameters that nobody passes, where all else makes a coroutine."""
    made = frozenset(v for v in values if bare_coroutine(v))
    others = values - made
    return made if made and all(isinstance(v, Unknown) and _uncalled(v) for v in others) else values


def _of_call(context: Context, call: ast.Call, values: Values) -> tuple[Outcome | None, bool]:
    """What becomes of what a call gives, and whether that is certainly a coroutine."""
    infer = context.infer
    if not values:
        return None, False
    if all(_lazy_object(infer, v) for v in values) and not context.guarded(call):
        return _object_used(context, Made(call, _callee(context, call, values)), values), False
    if all(is_declared(v) for v in values):
        return _declared(context, call), False
    idle = all(_idle(infer, v) for v in values)
    if not (idle or any(bare_coroutine(v) for v in values)) or context.guarded(call) or context.retried(call):
        return None, False
    if not idle:
        return _optional(context, call, values), False
    pure = all(bare_coroutine(v) or isinstance(v, GeneratorOf) for v in values)
    generator = any(isinstance(v, GeneratorOf) for v in values)
    made = Made(call, _callee(context, call, values), generator=generator, pure=pure)
    return _outcome(context, made, call), True


def _optional(context: Context, call: ast.Call, values: Values) -> Outcome | None:
    """A coroutine or None: lost where the name that holds it is not looked at once it is not None."""
    made = real(values)
    use = context.use(call)
    if not made or made == values or not all(bare_coroutine(v) for v in made) or use.kind != "assign":
        return None
    match use.node:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return of_one_path(context, Made(call, _callee(context, call, made)), name, use.node)
    return None


def _declared(context: Context, call: ast.Call) -> Outcome | None:
    """The annotation of a callable says that there is something to await."""
    callees = real(context.values(call.func))
    if (
        context.use(call).kind != "statement"
        or not callees
        or not all(isinstance(v, CallableOf) for v in callees)
        or context.guarded(call)
        or context.retried(call)
    ):
        return None
    return outcome("dropped", context, Made(call, None), call, how="declared")


def _callee(context: Context, call: ast.Call, values: Values) -> Callee | None:
    """What a call that gives `values` reaches, in words."""
    value = reached(context.values(call.func))
    if value is None:
        return None
    callee = describe.callee_of(context.infer, value, _results(context, values))
    return describe.called_as(callee, call.func, context.source(call.func))


def _properties(context: Context, out: Coroutines) -> None:
    """Properties whose value is a coroutine, used as its result."""
    infer = context.infer
    names = infer.project.property_names
    for name, reads in context.scope.reads.items():
        for read in reads if name in names else ():
            if isinstance(context.module.parents.get(read), ast.Await):
                continue
            values = context.values(read)
            if values and all(bare_coroutine(v) for v in values) and not context.guarded(read):
                maker = next((v.func for v in ordered(values) if isinstance(v, Coroutine)), None)
                callee = describe.callee_of(infer, maker, _results(context, values)) if maker else None
                if (found := _outcome(context, Made(read, callee), read)) is not None:
                    out.outcomes.append(found)


def _uncalled(value: Value) -> bool:
    """An unknown that comes in through a parameter which no call in sight passes."""
    return isinstance(value, Unknown) and ":" in value.origin


def _lazy_object(infer: Infer, value: Value) -> bool:
    """An object that does its work when it is awaited, such as what `websockets.connect(...)` makes."""
    if not isinstance(value, Instance) or bare_coroutine(value) or value.cls.is_protocol:
        return False
    mro = value.cls.mro(infer)
    if value.cls.is_open(infer) or not any(base.members("__await__") for base in mro):
        return False
    return not any(base.name in ("Future", "Task") for base in mro)


def _object_used(context: Context, made: Made, values: Values) -> Outcome | None:
    """Such an object is thrown away, or asked for what only its result has."""
    infer, scope = context.infer, context.scope
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
            return outcome("dropped", context, made, made.call)
        case "attribute", ast.Attribute(attr=attribute) if lacks(attribute):
            return misuse(context, made, made.call, use, "attribute")
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
                    return misuse(context, made, load, inner, "attribute")
            if is_lost(infer, made.call, scope, lacks):
                return outcome("dropped", context, made, made.call, how="assigned", detail=name)
        case "store", _:
            return of_stored(context, made, use, lacks)
        case "kept", ast.Assign(targets=[ast.Subscript() as target]) if is_lost(
            infer, made.call, scope, lacks
        ):
            detail = context.source(target)
            return outcome("dropped", context, made, made.call, how="stored", detail=detail)
    return None


def _idle(infer: Infer, value: Value) -> bool:
    """Nothing of it runs until it is awaited or iterated over."""
    return all_coroutines(infer, frozenset({value})) or (
        isinstance(value, GeneratorOf) and value.is_async and not value.manager
    )


def _results(context: Context, values: Values) -> Values:
    return frozenset(v for v in awaited(context.infer, values) if not isinstance(v, Unknown))


def _outcome(context: Context, made: Made, node: ast.expr) -> Outcome | None:
    """What becomes of a coroutine by one use of it: the call itself, or a name that holds it."""
    scope = context.scope
    use = use_of(node, scope)
    generator = made.generator
    if generator and use.kind not in ("statement",):
        return None
    if in_lambda_result(context, node):
        return None
    match use.kind:
        case "statement":
            return outcome("dropped", context, made, node, how="async generator" if generator else "")
        case "assign":
            return of_assigned(context, made, use)
        case "store":
            return of_stored(context, made, use)
        case "kept" if isinstance(use.node, ast.Assign) and not made.origin and made.pure:
            target = use.node.targets[0]
            if isinstance(target, ast.Subscript) and holds_plain_items(context.infer, target, scope):
                detail = context.source(target)
                return outcome("as value", context, made, node, how="argument", detail=detail)
            if is_lost(context.infer, node, scope):
                detail = context.source(target)
                return outcome("dropped", context, made, node, how="stored", detail=detail)
        case "return":
            if scope.is_async and not scope.is_generator:
                return of_returned(context, made, node)
        case "element" if not made.origin and made.pure:
            if isinstance(use.node, ast.Dict):
                record = of_record(context, made, node, use.node, use.child)
                if record is not None:
                    return record
            if isinstance(use.node, ast.Dict | ast.Tuple) and is_lost(context.infer, node, scope):
                return outcome("dropped", context, made, node, how="in a container")
        case "argument":
            verdict = argument_use(context.infer, use, scope)
            if verdict in MISUSES or verdict == "argument":
                return misuse(context, made, node, use, verdict)
            if verdict == "unknown" and not made.origin and is_lost(context.infer, node, scope):
                return misuse(context, made, node, use, "argument")
        case "kept" if isinstance(use.node, ast.Yield) and not made.origin and made.pure:
            if promises_plain_items(context.infer, scope):
                return misuse(context, made, node, use, "yield")
        case kind if kind in MISUSES:
            return misuse(context, made, node, use, kind)
    return None


# --- awaited elsewhere, not here


def _suspect(context: Context, call: ast.Call, out: Coroutines) -> None:
    """Nothing is known of the callee; whether it is awaited elsewhere is only known at the end of the run."""
    found = set(origins(context.values(call.func)))
    if (
        not context.scope.is_async
        or len(found) != 1
        or replaced.by_name(context.infer, last_name(call.func), tests=context.module.is_test)
    ):
        return  # a plain function can't await; several origins, or a method that is replaced, say nothing
    (origin,) = found
    if any(_consumes(context, use) for use in _uses(context, call)):
        out.consumed.append(call)
    elif not (context.guarded(call) or context.retried(call) or _both_ways(context, call, origin)):
        suspected = _outcome(context, Made(call, None, origin), call)
        if suspected is not None:
            out.suspected.append(suspected)


def _uses(context: Context, call: ast.Call) -> Iterator[Use]:
    """How the result is used: at once, or under the one name that it is bound to."""
    scope = context.scope
    use = use_of(call, scope)
    yield use
    if isinstance(use.node, ast.Assign) and use.kind == "assign" and len(use.node.targets) == 1:
        (target,) = use.node.targets
        assert isinstance(target, ast.Name)
        for load in scope.loads.get(target.id, ()):
            if [b.node for b in scope.reaching(target.id, scope.position_of(load))] == [use.node]:
                yield use_of(load, scope)


def _consumes(context: Context, use: Use) -> bool:
    if use.kind == "argument":
        return argument_use(context.infer, use, context.scope) == "consumes"
    return use.kind == "await"


def _both_ways(context: Context, call: ast.Call, origin: str) -> bool:
    """The same function awaits it on another branch: that is a decision, not a slip."""
    scope = context.scope
    here = scope.position_of(call)
    for node in scope.awaits:
        operand = node.value
        if (
            isinstance(operand, ast.Call)
            and last_name(operand.func) == last_name(call.func)
            and origin in origins(context.values(operand.func))
        ):
            there = scope.position_of(node)
            if here is None or there is None or here.path != there.path or here.order == there.order:
                return True
    return False
