"""Calls that make a coroutine: dropped, taken for the result, returned unawaited, scheduled, orphaned."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diag.finding import Step
from diag.model import attributes, judge_callbacks, words
from diag.model.calls import awaitable, callers, last_name, named_calls
from diag.model.check import origins, reached, real
from diag.model.judge_awaits import known_from, note_awaited
from diag.model.module import Module
from diag.model.scope import Binding, Scope
from diag.model.site import Callee, Kind, Site
from diag.model.uses import (
    HARD_MISUSES,
    MISUSES,
    Use,
    all_coroutines,
    argument_use,
    bare_coroutine,
    holds_plain_items,
    nested,
    surely_wrong,
    use_of,
)
from diag.model.values import Coroutine, Func, GeneratorOf, Instance, Unknown, Value, Values

if TYPE_CHECKING:
    from diag.model.check import Checker
    from diag.model.infer import Infer

_SCHEDULERS = {
    "asyncio.tasks.gather": "gather",
    "asyncio.tasks.wait_for": "wait_for",
    "asyncio.tasks.create_task": "create_task",
    "asyncio.tasks.ensure_future": "ensure_future",
    "asyncio.tasks.shield": "shield",
    "asyncio.events.AbstractEventLoop.create_task": "create_task",
    "asyncio.events.AbstractEventLoop.run_until_complete": "run_until_complete",
    "asyncio.taskgroups.TaskGroup.create_task": "create_task",
    "asyncio.tasks.run_coroutine_threadsafe": "run_coroutine_threadsafe",
    "asyncio.runners.run": "run",
}
_TASK_MAKERS = {
    "asyncio.tasks.create_task",
    "asyncio.tasks.ensure_future",
    "asyncio.events.AbstractEventLoop.create_task",
}


@dataclass(frozen=True, slots=True)
class _Made:
    """A coroutine at the call that makes it; `origin` is set when it is one only by contradiction."""

    call: ast.expr  # or the property that is read
    callee: Callee | None
    origin: str = ""
    generator: bool = False  # an asynchronous generator
    pure: bool = True  # a coroutine object; not something that is awaitable among other things


def judge_scope(checker: "Checker", scope: Scope, async_names: frozenset[str]) -> None:
    infer, counts = checker.infer, checker.report.counts
    parents = checker.module.parents
    for call in scope.calls:
        name = last_name(call.func)
        if Kind.CALL in checker.every:
            checker.report.sites.append(_generic(checker, call, scope))
        if not scope.is_async and name and name not in async_names:
            continue
        _scheduler(checker, call, scope)
        judge_callbacks.judge(checker, call, scope)
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
            _object_used(checker, _Made(call, callee, pure=True), scope, values)
        elif values and all(_idle(infer, v) for v in values):
            if checker.guarded(scope, call) or checker.retried(call, scope):
                continue
            callee = _callee(checker, call, scope, values)
            before = len(checker.report.sites)
            pure = all(bare_coroutine(v) or isinstance(v, GeneratorOf) for v in values)
            generator = any(isinstance(v, GeneratorOf) for v in values)
            _judge(checker, _Made(call, callee, generator=generator, pure=pure), scope, call)
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
                _judge(checker, _Made(read, callee), scope, read)


def uncalled(value: Value) -> bool:
    """An unknown that comes in through a parameter which no call in sight passes."""
    return isinstance(value, Unknown) and ":" in value.origin


def _generic(checker: "Checker", call: ast.Call, scope: Scope) -> Site:
    value = reached(checker.values(call.func, scope))
    callee = words.callee_of(checker.infer, value, checker.values(call, scope)) if value is not None else None
    return checker.site(Kind.CALL, call, scope, subject=checker.module.source_of(call.func), callee=callee)


def _lazy_object(infer: "Infer", value: Value) -> bool:
    """An object that does its work when it is awaited, such as what `websockets.connect(...)` makes."""
    if not isinstance(value, Instance) or bare_coroutine(value):
        return False
    mro = value.cls.mro(infer)
    if value.cls.is_open(infer) or not any(base.members("__await__") for base in mro):
        return False
    return not any(base.name in ("Future", "Task", "Awaitable") for base in mro)


def _object_used(checker: "Checker", made: _Made, scope: Scope, values: Values) -> None:
    """Such an object is asked for what only its result has."""
    infer = checker.infer
    use = use_of(made.call, scope)

    def lacks(attribute: str) -> bool:
        return not any(
            base.members(attribute) or attribute in base.stores() or base.members("__getattr__")
            for v in values
            if isinstance(v, Instance)
            for base in v.cls.mro(infer)
        )

    if use.kind == "attribute" and isinstance(use.node, ast.Attribute) and lacks(use.node.attr):
        _misuse(checker, made, scope, made.call, use, "attribute")
    elif (
        use.kind == "assign"
        and isinstance(use.node, ast.Assign)
        and isinstance(use.node.targets[0], ast.Name)
    ):
        name = use.node.targets[0].id
        binding = next((b for b in scope.bindings.get(name, ()) if b.node is use.node), None)
        for load in sorted(scope.loads.get(name, ()), key=lambda n: (n.lineno, n.col_offset)):
            inner = use_of(load, scope)
            if (
                scope.reaching(name, scope.position_of(load)) == [binding]
                and isinstance(inner.node, ast.Attribute)
                and inner.kind == "attribute"
                and lacks(inner.node.attr)
            ):
                _misuse(checker, made, scope, load, inner, "attribute")
                return
    elif use.kind == "store":
        _stored(checker, made, scope, use, lacks)


def _idle(infer: "Infer", value: Value) -> bool:
    """Nothing of it runs until it is awaited or iterated over."""
    return all_coroutines(infer, frozenset({value})) or (
        isinstance(value, GeneratorOf) and value.is_async and not value.manager
    )


def _results(checker: "Checker", values: Values) -> Values:
    from diag.model.calls import awaited

    return frozenset(v for v in awaited(checker.infer, values) if not isinstance(v, Unknown))


def _function(made: _Made) -> ast.expr:
    return made.call.func if isinstance(made.call, ast.Call) else made.call


def _subject(checker: "Checker", made: _Made) -> str:
    return checker.module.source_of(_function(made))


def _steps(checker: "Checker", made: _Made) -> tuple[list[Step], str]:
    callee = made.callee
    if callee is None:
        return [], ""
    if callee.path:
        return [Step(callee.path, callee.line, f"`{callee.name}` is an `{callee.colour}`")], ""
    value = reached(checker.infer.values(_function(made), checker.infer.frame_of(checker.module.scope), None))
    return [
        Step(
            str(checker.module.path),
            made.call.lineno,
            f"`{callee.name}` is an `{callee.colour}`{known_from(value)}",
        )
    ], ""


def _judge(checker: "Checker", made: _Made, scope: Scope, node: ast.expr) -> None:
    """Judge one use of a coroutine: the call itself, or a name that holds it."""
    use = use_of(node, scope)
    generator = made.generator
    if generator and use.kind not in ("statement",):
        return
    if _in_lambda_result(checker, node, scope):
        return
    match use.kind:
        case "statement":
            _emit(checker, Kind.DROPPED, made, scope, node, context="async generator" if generator else "")
        case "assign":
            _assigned(checker, made, scope, use)
        case "store":
            _stored(checker, made, scope, use)
        case "kept" if isinstance(use.node, ast.Assign) and not made.origin and made.pure:
            target = use.node.targets[0]
            if isinstance(target, ast.Subscript) and holds_plain_items(checker.infer, target, scope):
                detail = checker.module.source_of(target)
                _emit(checker, Kind.AS_VALUE, made, scope, node, context="argument", detail=detail)
        case "return":
            if scope.is_async and not scope.is_generator:
                _returned(checker, made, scope, node)
        case "element":
            if isinstance(use.node, ast.Dict) and not made.origin and made.pure:
                _in_record(checker, made, scope, node, use.node, use.child)
        case "argument":
            verdict = argument_use(checker.infer, use, scope)
            if verdict in MISUSES or verdict == "argument":
                _misuse(checker, made, scope, node, use, verdict)
        case kind if kind in MISUSES:
            _misuse(checker, made, scope, node, use, kind)


def _in_lambda_result(checker: "Checker", node: ast.expr, scope: Scope) -> bool:
    """The coroutine is what a lambda gives: its caller awaits it."""
    parents = checker.module.parents
    child: ast.AST = node
    while (parent := parents.get(child)) is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.Lambda):
            return True
        if not isinstance(parent, (ast.IfExp, ast.BoolOp)):
            return False
        child = parent
    return False


def _misuse(checker: "Checker", made: _Made, scope: Scope, node: ast.expr, use: Use, kind: str) -> None:
    if not made.pure or (made.origin and kind == "call"):
        return
    over_async = (
        kind == "with"
        or isinstance(use.node, ast.AsyncFor)
        or (isinstance(use.node, ast.comprehension) and use.node.is_async and kind == "iteration")
    )
    if over_async:
        context = "async for"
        if kind == "with":
            stmt = scope.statement_of(node)
            context = "async with" if isinstance(stmt, ast.AsyncWith) else "with"
        if made.origin:
            return
        _emit(checker, Kind.SYNC_PROTOCOL, made, scope, node, context=context, detail="coroutine")
        return
    _emit(checker, Kind.AS_VALUE, made, scope, node, context=kind, detail=_detail(checker, use, kind))


_OPERATORS: dict[type, str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in", ast.Add: "+", ast.Sub: "-", ast.Mult: "*",
    ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**", ast.USub: "-", ast.UAdd: "+",
    ast.MatMult: "@", ast.BitOr: "|", ast.BitAnd: "&", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.Invert: "~",
}  # fmt: skip


def _detail(checker: "Checker", use: Use, kind: str) -> str:
    match use.node:
        case ast.Attribute(attr=attribute):
            return attribute
        case ast.Compare(ops=[op, *_]):
            return _OPERATORS[type(op)]
        case ast.BinOp(op=op):
            return _OPERATORS[type(op)]
        case ast.AugAssign(op=op):
            return _OPERATORS[type(op)] + "="
        case ast.UnaryOp(op=op) if kind == "arithmetic":
            return _OPERATORS[type(op)]
        case ast.Call(func=func):
            return checker.module.source_of(func)
    return ""


def _emit(
    checker: "Checker",
    kind: Kind,
    made: _Made,
    scope: Scope,
    node: ast.expr,
    *,
    context: str = "",
    detail: str = "",
) -> None:
    chain, cause = _steps(checker, made)
    if node is not made.call and not made.origin:
        chain.append(
            Step(
                str(checker.module.path),
                made.call.lineno,
                f"`{checker.module.source_of(node)}` holds the coroutine made here without `await`",
            )
        )
    subject = _subject(checker, made)
    if made.origin:
        site = checker.site(Kind.CONTRADICTION, node, scope, subject=subject, context=context, cause=cause)
        checker.report.bare.append((made.origin, site))
        return
    checker.report.sites.append(
        checker.site(
            kind,
            node,
            scope,
            subject=subject,
            context=context,
            detail=detail,
            callee=made.callee,
            chain=chain,
            cause=cause,
        )
    )


# --- coroutines kept in names


def _assigned(checker: "Checker", made: _Made, scope: Scope, use: Use) -> None:
    """`x = f()`: follow the name to every use that this binding reaches."""
    stmt = use.node
    if isinstance(stmt, ast.NamedExpr):
        names = [stmt.target.id]
    elif isinstance(stmt, ast.Assign):
        names = [t.id for t in stmt.targets if isinstance(t, ast.Name)]
    elif isinstance(stmt, ast.AnnAssign) and isinstance(stmt.target, ast.Name):
        names = [stmt.target.id]
    else:
        return
    if scope.kind != "function" or len(names) != 1:
        return
    name = names[0]
    if name in scope.global_names or name in scope.nonlocal_names:
        return
    if any(name in inner.loads for inner in nested(scope)):
        return
    binding = next(
        (
            b
            for b in scope.bindings.get(name, ())
            if b.node is stmt or (isinstance(stmt, ast.NamedExpr) and b.value is stmt.value)
        ),
        None,
    )
    if binding is None:
        return
    kept, misuses, returns = _follow(checker, made, scope, name, binding)
    hard = [m for m in misuses if surely_wrong(m[1]) or m[2] in HARD_MISUSES]
    if kept:
        for load, load_use, kind in hard[:1]:
            _misuse(checker, made, scope, load, load_use, kind)
    elif misuses:
        load, load_use, kind = (hard or misuses)[0] if made.origin else misuses[0]
        _misuse(checker, made, scope, load, load_use, kind)
    elif returns:
        _returned(checker, made, scope, returns[0])
    elif not (isinstance(stmt, ast.NamedExpr)):
        _emit(checker, Kind.DROPPED, made, scope, made.call, context="assigned", detail=name)


def _follow(
    checker: "Checker", made: _Made, scope: Scope, name: str, binding: Binding
) -> tuple[bool, list[tuple[ast.Name, Use, str]], list[ast.Name]]:
    """(may be awaited, certain misuses in order, plain returns) of a name that holds a coroutine."""
    kept = False
    misuses: list[tuple[ast.Name, Use, str]] = []
    returns: list[ast.Name] = []
    loads = sorted(scope.loads.get(name, ()), key=lambda n: (n.lineno, n.col_offset))
    for load in loads:
        reaching = scope.reaching(name, scope.position_of(load))
        if binding not in reaching or _rebound_in_comprehension(load, name, scope):
            continue
        only = all(b is binding for b in reaching) or (
            not made.origin and all_coroutines(checker.infer, checker.values(load, scope))
        )
        use = use_of(load, scope)
        kind: str = use.kind
        if kind == "argument":
            kind = argument_use(checker.infer, use, scope)
            if kind == "unknown" and _harmless(use):
                continue
        if kind == "return" and scope.is_async and not scope.is_generator and only:
            returns.append(load)
        elif (kind in MISUSES or kind == "argument") and not _in_lambda_result(checker, load, scope):
            if only:
                misuses.append((load, use, kind))
        elif kind == "statement":
            continue
        else:
            kept = True
    return kept, misuses, returns


def _rebound_in_comprehension(load: ast.Name, name: str, scope: Scope) -> bool:
    """The name belongs to a comprehension around the load."""
    parents = scope.module.parents
    node: ast.AST = load
    while (parent := parents.get(node)) is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            for generator in parent.generators:
                if any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(generator.target)):
                    return True
        node = parent
    return False


def _harmless(use: Use) -> bool:
    call = use.node
    return isinstance(call, ast.Call) and last_name(call.func) in (
        "print",
        "repr",
        "type",
        "id",
        "isinstance",
    )


def _stored(
    checker: "Checker",
    made: _Made,
    scope: Scope,
    use: Use,
    lacks: Callable[[str], bool] = lambda attribute: True,
) -> None:
    """`self.x = f()`: reported when every read of `.x` takes it for a value, or none reads it."""
    stmt = use.node
    target = (
        stmt.targets[0]
        if isinstance(stmt, ast.Assign)
        else stmt.target
        if isinstance(stmt, ast.AnnAssign)
        else None
    )
    if not isinstance(target, ast.Attribute) or made.origin:
        return
    infer = checker.infer
    infer.deps |= infer.project.query_bit(f".{target.attr}")
    word = b"." + target.attr.encode()
    misused = False
    for module in infer.project.mentions(word):
        infer.deps |= module.bit
        if module.raw.count(word) > 60:
            return
        start = -1
        seen: set[Scope] = set()
        while (start := module.raw.find(word, start + 1)) >= 0:
            place = module.scope_at(module.line_at(start))
            if place in seen:
                continue
            seen.add(place)
            for read in place.reads.get(target.attr, ()):
                kind: str = use_of(read, place).kind
                if kind in HARD_MISUSES:
                    above = module.parents.get(read)
                    misused = misused or not isinstance(above, ast.Attribute) or lacks(above.attr)
                elif kind == "argument":
                    if argument_use(infer, use_of(read, place), place) == "consumes":
                        return
                elif kind not in MISUSES and kind not in ("assign", "return"):
                    return
    if misused:
        _emit(
            checker,
            Kind.DROPPED,
            made,
            scope,
            made.call,
            context="stored",
            detail=checker.module.source_of(target),
        )


# --- kept in a record


def _in_record(
    checker: "Checker", made: _Made, scope: Scope, node: ast.expr, record: ast.Dict, child: ast.AST
) -> None:
    """`{"type": "cancel", "asset": f()}`: a field beside constants that nothing in sight reads to await."""
    key = next((k for k, v in zip(record.keys, record.values, strict=True) if v is child), None)
    if (
        not isinstance(key, ast.Constant)
        or not isinstance(key.value, str)
        or _AWAIT_WORDS & set(key.value.lower().split("_"))
    ):
        return
    if not any(
        isinstance(v, ast.Constant) and isinstance(v.value, (str, bool, int, float)) for v in record.values
    ):
        return
    if use_of(record, scope).kind not in ("assign", "argument", "store"):
        return
    infer = checker.infer
    for quote in ('"', "'"):
        word = f"{quote}{key.value}{quote}"
        infer.deps |= infer.project.query_bit(word)
        for module in infer.project.mentions(word.encode()):
            infer.deps |= module.bit
            if not _never_awaited_under(module, key.value, word.encode()):
                return
    _emit(
        checker,
        Kind.AS_VALUE,
        made,
        scope,
        node,
        context="argument",
        detail=f"the field {key.value!r} of a dict",
    )


_AWAIT_WORDS = {
    "coro",
    "coros",
    "coroutine",
    "coroutines",
    "task",
    "tasks",
    "awaitable",
    "future",
    "job",
    "callback",
    "func",
}


def _never_awaited_under(module: Module, key: str, word: bytes) -> bool:
    """No read of the key in the module hands its value to anything that could await it."""
    at = module.raw.find(word)
    seen: set[Scope] = set()
    while at >= 0:
        scope = module.scope_at(module.line_at(at))
        if scope not in seen:
            seen.add(scope)
            scope.index()
            for name in ("get", "pop"):
                for call in scope.calls:
                    if (
                        last_name(call.func) == name
                        and call.args
                        and _is_key(call.args[0], key)
                        and use_of(call, scope).kind in ("await", "statement", "element", "kept")
                    ):
                        return False
            for node, parent in list(module.parents.items()):
                if isinstance(parent, ast.Subscript) and node is parent.slice and _is_key(node, key):
                    use = use_of(parent, scope)
                    nested_field = use.kind == "element" and isinstance(use.node, ast.Dict)
                    if (
                        isinstance(parent.ctx, ast.Load)
                        and use.kind in ("await", "element", "kept")
                        and not nested_field
                    ):
                        return False
        at = module.raw.find(word, at + 1)
    return True


def _is_key(node: ast.AST, key: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == key


# --- returned from an async function


def _returned(checker: "Checker", made: _Made, scope: Scope, node: ast.expr) -> None:
    """`async def g(): return f()`: wrong unless a caller awaits twice, or the declared return says so."""
    if made.origin:
        _emit(checker, Kind.RETURNED, made, scope, node)
        return
    definition = scope.node
    assert isinstance(definition, ast.AsyncFunctionDef)
    if definition.returns is not None:
        text = checker.module.source_of(definition.returns)
        vague = ("Awaitable", "Coroutine", "Future", "Task", "Any", "Callable", "object")
        if any(word in text for word in vague) and not any(
            word in text for word in ("dict[", "Dict[", "list[", "List[")
        ):
            return
    infer = checker.infer
    infer.deps |= infer.project.query_bit(f"{scope.name}(")
    sites = named_calls(infer, scope.name)
    for call, caller in sites or ():
        infer.deps |= caller.module.bit
        use = use_of(call, caller)
        if use.kind != "await":
            continue
        assert isinstance(use.node, ast.Await)
        if _awaited_again(checker, use.node, caller):
            return
    if sites is None and definition.returns is None:
        return
    for decorator in definition.decorator_list:
        if not checker.infer.values(decorator, infer.frame_of(scope.parent), None):
            return
    places = [
        Step(
            str(caller.module.path),
            call.lineno,
            f"`{caller.name}` awaits `{scope.name}` once and gets the coroutine",
        )
        for call, caller in (callers(infer, scope) or ())[:3]
    ]
    chain, cause = _steps(checker, made)
    checker.report.sites.append(
        checker.site(
            Kind.RETURNED,
            node,
            scope,
            subject=_subject(checker, made),
            callee=made.callee,
            detail=scope.name,
            chain=[*chain, *places],
            cause=cause,
        )
    )


def _awaited_again(checker: "Checker", node: ast.Await, scope: Scope) -> bool:
    """The result of `await g()` is awaited, scheduled or collected itself."""
    use = use_of(node, scope)
    if use.kind == "await":
        return True
    if use.kind == "argument":
        return argument_use(checker.infer, use, scope) == "consumes"
    if (
        use.kind == "assign"
        and isinstance(use.node, ast.Assign)
        and isinstance(use.node.targets[0], ast.Name)
    ):
        name = use.node.targets[0].id
        for load in scope.loads.get(name, ()):
            inner = use_of(load, scope)
            if inner.kind == "await" or (
                inner.kind == "argument" and argument_use(checker.infer, inner, scope) == "consumes"
            ):
                return True
    return False


# --- gather, wait_for, create_task and their kin


def _scheduler(checker: "Checker", call: ast.Call, scope: Scope) -> None:
    infer = checker.infer
    for value in checker.values(call.func, scope):
        if not isinstance(value, Func) or value.scope.full_name not in _SCHEDULERS:
            return
    values = checker.values(call.func, scope)
    if not values:
        return
    full_name = next(v.scope.full_name for v in values if isinstance(v, Func))
    name = _SCHEDULERS[full_name]
    given = list(call.args) if name == "gather" else call.args[:1]
    for argument in given:
        operand = argument.value if isinstance(argument, ast.Starred) else argument
        found = checker.values(operand, scope)
        if isinstance(argument, ast.Starred):
            found = infer.elements(found, is_async=False)
            if isinstance(operand, (ast.ListComp, ast.GeneratorExp, ast.List, ast.Tuple)):
                operand = operand.elt if isinstance(operand, (ast.ListComp, ast.GeneratorExp)) else operand
        if isinstance(operand, ast.Call):
            note_awaited(checker, operand, scope)
        if not isinstance(operand, (ast.Call, ast.Await)):
            found = real(found)
        if found and all(awaitable(infer, v) is False for v in found) and not checker.guarded(scope, call):
            if any(isinstance(v, GeneratorOf) and not v.is_async for v in found):
                continue
            callee = reached(checker.values(operand.func, scope)) if isinstance(operand, ast.Call) else None
            described = words.callee_of(infer, callee, found) if callee is not None else None
            chain = (
                [Step(described.path, described.line, f"`{described.name}` is a plain `{described.colour}`")]
                if (described is not None and described.path)
                else []
            )
            checker.report.sites.append(
                checker.site(
                    Kind.SCHEDULED_PLAIN,
                    argument,
                    scope,
                    context=name,
                    detail=words.describe(found),
                    callee=described,
                    chain=chain,
                    subject=checker.module.source_of(operand),
                )
            )
    if full_name in _TASK_MAKERS and call.args and use_of(call, scope).kind == "statement":
        task = call.args[0]
        made = checker.values(task, scope)
        if not made or not (
            all_coroutines(infer, made)
            or (all(isinstance(v, Unknown) for v in made) and isinstance(task, ast.Call))
        ):
            return  # a future that somebody else keeps
        callee = reached(checker.values(task.func, scope)) if isinstance(task, ast.Call) else None
        described = words.callee_of(infer, callee, frozenset()) if callee is not None else None
        checker.report.sites.append(
            checker.site(
                Kind.ORPHAN_TASK,
                call,
                scope,
                subject=checker.module.source_of(task),
                context=name,
                callee=described,
            )
        )


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
        _judge(checker, _Made(call, None, origin), scope, call)
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
