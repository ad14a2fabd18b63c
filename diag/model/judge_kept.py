"""Coroutines that are kept: in names, attributes and records, or returned to a caller."""

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from diag.finding import Step
from diag.model.flow.escapes import Held, is_lost, is_lost_by_callers, only_shown
from diag.model.flow.uses import (
    HARD_MISUSES,
    MISUSES,
    Use,
    all_coroutines,
    argument_use,
    surely_wrong,
    use_of,
)
from diag.model.flow.value_flow import LostError
from diag.model.infer.parameters import callers, named_calls
from diag.model.judge_misuse import Made, emit, in_lambda_result, report_misuse, steps_of, subject_of
from diag.model.site import Kind
from diag.model.syntax.module import Module
from diag.model.syntax.scope import Binding, Scope, last_name

if TYPE_CHECKING:
    from diag.model.check import Checker


def judge_assigned(checker: "Checker", made: Made, scope: Scope, use: Use) -> None:
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
    kept, misuses, returns = _follow(checker, made, scope, binding)
    certain = [m for m in misuses if m[3]]  # nothing but the coroutine gets there
    hard = [m for m in certain if surely_wrong(m[1]) or m[2] in HARD_MISUSES]
    if kept or (returns and not made.origin):
        misuses = hard
    elif made.origin:
        misuses = [*hard, *certain]
    if misuses:
        load, load_use, kind, _ = misuses[0]
        report_misuse(checker, made, scope, load, load_use, kind)
    elif kept:
        return
    elif returns:
        judge_returned(checker, made, scope, returns[0])
    elif not isinstance(stmt, ast.NamedExpr):
        emit(checker, Kind.DROPPED, made, scope, made.call, context="assigned", detail=name)


Misuse = tuple[ast.Name, Use, str, bool]


def _follow(
    checker: "Checker", made: Made, scope: Scope, binding: Binding
) -> tuple[bool, list[Misuse], list[ast.Name]]:
    """(may be awaited, certain misuses in order, plain returns) of a name that holds a coroutine.

    The last item of a misuse tells whether nothing else can be in the name there.
    """
    infer = checker.infer
    misuses: list[Misuse] = []
    returns: list[ast.Name] = []
    kept = False
    try:
        loads = sorted(Held(infer).loads(binding), key=lambda found: (found[0].lineno, found[0].col_offset))
    except LostError:
        return True, [], []
    for load, place in loads:
        if place is not scope:
            kept = kept or bool(made.origin) or not is_lost(infer, load, place)
            continue
        reaching = scope.reaching(binding.name, scope.position_of(load))
        only = all(b is binding for b in reaching) or (
            not made.origin and all_coroutines(infer, checker.values(load, scope))
        )
        use = use_of(load, scope)
        kind: str = use.kind
        if kind == "argument":
            kind = argument_use(infer, use, scope)
            if kind == "unknown" and only_shown(use):
                continue
        if kind == "return" and scope.is_async and not scope.is_generator and (only or not made.origin):
            returns.append(load)
        elif (kind in MISUSES or kind == "argument") and not in_lambda_result(checker, load, scope):
            misuses.append((load, use, kind, only))
        elif kind != "statement" and not isinstance(use.node, ast.Raise):
            kept = kept or bool(made.origin) or not is_lost(infer, load, scope)
    return kept, misuses, returns


def judge_stored(
    checker: "Checker",
    made: Made,
    scope: Scope,
    use: Use,
    lacks: Callable[[str], bool] | None = None,
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
    if is_lost(infer, made.call, scope, lacks):
        _report_stored(checker, made, scope, target)
        return
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
                    misused = (
                        misused or lacks is None or not isinstance(above, ast.Attribute) or lacks(above.attr)
                    )
                elif kind == "argument":
                    if argument_use(infer, use_of(read, place), place) == "consumes":
                        return
                elif kind not in MISUSES and kind not in ("assign", "return"):
                    return
    if misused:
        _report_stored(checker, made, scope, target)


def _report_stored(checker: "Checker", made: Made, scope: Scope, target: ast.expr) -> None:
    text = checker.module.source_of(target)
    emit(checker, Kind.DROPPED, made, scope, made.call, context="stored", detail=text)


# --- kept in a record


def judge_record(
    checker: "Checker", made: Made, scope: Scope, node: ast.expr, record: ast.Dict, child: ast.AST
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
    emit(
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


def judge_returned(checker: "Checker", made: Made, scope: Scope, node: ast.expr) -> None:
    """`async def g(): return f()`: wrong unless a caller awaits twice, or the declared return says so."""
    if made.origin:
        emit(checker, Kind.RETURNED, made, scope, node)
        return
    definition = scope.node
    assert isinstance(definition, ast.AsyncFunctionDef)
    if definition.returns is not None:
        text = checker.module.source_of(definition.returns)
        if not any(word in text for word in ("dict[", "Dict[", "list[", "List[")):
            if any(word in text for word in ("Awaitable", "Coroutine", "Future", "Task")):
                return
            if any(word in text for word in ("Any", "Callable", "object")) and not is_lost_by_callers(
                checker.infer, scope
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
    chain, cause = steps_of(checker, made)
    checker.report.sites.append(
        checker.site(
            Kind.RETURNED,
            node,
            scope,
            subject=subject_of(checker, made),
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
