"""Coroutines that are kept: in names, attributes and records, or returned to a caller."""

import ast
from collections.abc import Callable
from dataclasses import replace

from diag.finding import Step
from diag.lint.context import Context
from diag.model.flow.arguments import argument_use
from diag.model.flow.escapes import Escapes, is_lost, is_lost_by_callers, only_shown
from diag.model.flow.uses import HARD_MISUSES, MISUSES, Use, all_coroutines, surely_wrong, use_of
from diag.model.flow.value_flow import LostError
from diag.model.infer.parameters import named_calls
from diag.model.syntax.module import Module
from diag.model.syntax.scope import Binding, Scope, last_name
from lint_rules.awaits._made import Made, Outcome, in_lambda_result, misuse, outcome, steps_of, subject_of


def of_assigned(context: Context, made: Made, use: Use) -> Outcome | None:
    """`x = f()`: follow the name to every use that this binding reaches."""
    scope = context.scope
    stmt = use.node
    if isinstance(stmt, ast.NamedExpr):
        names = [stmt.target.id]
    elif isinstance(stmt, ast.Assign):
        names = [t.id for t in stmt.targets if isinstance(t, ast.Name)]
    elif isinstance(stmt, ast.AnnAssign) and isinstance(stmt.target, ast.Name):
        names = [stmt.target.id]
    else:
        return None
    if scope.kind != "function" or len(names) != 1:
        return None
    name = names[0]
    if name in scope.global_names or name in scope.nonlocal_names:
        return None
    binding = next(
        (
            b
            for b in scope.bindings.get(name, ())
            if b.node is stmt or (isinstance(stmt, ast.NamedExpr) and b.value is stmt.value)
        ),
        None,
    )
    if binding is None:
        return None
    kept, misuses, returns = _follow(context, made, binding)
    certain = [m for m in misuses if m[3]]  # nothing but the coroutine gets there
    hard = [m for m in certain if surely_wrong(m[1]) or m[2] in HARD_MISUSES]
    if kept or (returns and not made.origin):
        misuses = hard
    elif made.origin:
        misuses = [*hard, *certain]
    if misuses:
        load, load_use, kind, _ = misuses[0]
        return misuse(context, made, load, load_use, kind)
    if kept:
        return of_one_path(context, made, name, stmt)
    if returns:
        return of_returned(context, made, returns[0])
    if not isinstance(stmt, ast.NamedExpr):
        return outcome("dropped", context, made, made.call, how="assigned", detail=name)
    return None


def of_one_path(context: Context, made: Made, name: str, stmt: ast.AST) -> Outcome | None:
    """`x = f()`, awaited on one path and lost on another: the chain is the path on which it is lost."""
    if made.origin or not made.pure:
        return None
    from diag.model.flow.decisions import Decisions
    from diag.model.flow.paths import lost_path

    decisions = Decisions(context.infer, context.scope)
    starts = [
        node
        for node in decisions.flow.graph.nodes
        if node.action == "bind"
        and node.name == name
        and node.syntax is not None
        and (stmt is node.syntax or context.module.parents.get(node.syntax) is stmt)
    ]
    if not starts or name in decisions.flow.graph.shared:
        return None
    lost = lost_path(decisions, starts[0], lambda load: use_of(load, context.scope).kind in _HARMLESS)
    if lost is None:
        return None
    found = outcome("dropped", context, made, made.call, how="on one path", detail=name)
    path = found.site.path
    steps = [
        Step(path, test.lineno, f"`{context.source(test)}` is {'true' if held else 'false'}")
        for test, held in lost.turns
    ]
    end = Step(path, lost.line, f"{_ENDS[lost.loss]}, and nothing has awaited `{name}`")
    return replace(found, site=replace(found.site, chain=(*found.site.chain, *steps, end)))


_HARMLESS = {"condition", "comparison", "f-string", "log", "statement"}
_ENDS = {
    "returns": "the function returns here",
    "raises": "an exception leaves the function here",
    "ends": "the function ends after this",
    "binds": "the name is bound anew here",
    "deletes": "the name is deleted here",
}

Misuse = tuple[ast.Name, Use, str, bool]


def _follow(context: Context, made: Made, binding: Binding) -> tuple[bool, list[Misuse], list[ast.Name]]:
    """(may be awaited, certain misuses in order, plain returns) of a name that holds a coroutine.

    The last item of a misuse tells whether nothing else can be in the name there.
    """
    infer, scope = context.infer, context.scope
    misuses: list[Misuse] = []
    returns: list[ast.Name] = []
    kept = False
    try:
        loads = sorted(
            Escapes(infer).loads(binding), key=lambda found: (found[0].lineno, found[0].col_offset)
        )
    except LostError:
        return True, [], []
    for load, place in loads:
        if place is not scope:
            kept = kept or bool(made.origin) or not is_lost(infer, load, place)
            continue
        reaching = scope.reaching(binding.name, scope.position_of(load))
        only = all(b is binding for b in reaching) or (
            not made.origin and all_coroutines(infer, context.values(load))
        )
        use = use_of(load, scope)
        kind: str = use.kind
        if kind == "argument":
            kind = argument_use(infer, use, scope)
            if kind == "unknown" and only_shown(use):
                continue
        if kind == "return" and scope.is_async and not scope.is_generator and (only or not made.origin):
            returns.append(load)
        elif (kind in MISUSES or kind == "argument") and not in_lambda_result(context, load):
            misuses.append((load, use, kind, only))
        elif kind != "statement" and not isinstance(use.node, ast.Raise):
            followed = not made.origin or use.kind == "argument"
            kept = kept or not followed or not is_lost(infer, load, scope)
    return kept, misuses, returns


def of_stored(
    context: Context, made: Made, use: Use, lacks: Callable[[str], bool] | None = None
) -> Outcome | None:
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
        return None
    infer = context.infer
    if is_lost(infer, made.call, context.scope, lacks):
        return _stored(context, made, target)
    infer.deps |= infer.project.query_bit("read", target.attr)
    word = b"." + target.attr.encode()
    misused = False
    for module in infer.project.mentions(word):
        infer.deps |= module.bit
        if module.raw.count(word) > 60:
            return None
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
                        return None
                elif kind not in MISUSES and kind not in ("assign", "return"):
                    return None
    return _stored(context, made, target) if misused else None


def _stored(context: Context, made: Made, target: ast.expr) -> Outcome:
    text = context.source(target)
    return outcome("dropped", context, made, made.call, how="stored", detail=text)


# --- kept in a record


def of_record(
    context: Context, made: Made, node: ast.expr, record: ast.Dict, child: ast.AST
) -> Outcome | None:
    """`{"type": "cancel", "asset": f()}`: a field beside constants that nothing in sight reads to await."""
    key = next((k for k, v in zip(record.keys, record.values, strict=True) if v is child), None)
    if (
        not isinstance(key, ast.Constant)
        or not isinstance(key.value, str)
        or _AWAIT_WORDS & set(key.value.lower().split("_"))
    ):
        return None
    if not any(
        isinstance(v, ast.Constant) and isinstance(v.value, (str, bool, int, float)) for v in record.values
    ):
        return None
    if context.use(record).kind not in ("assign", "argument", "store"):
        return None
    infer = context.infer
    for quote in ('"', "'"):
        word = f"{quote}{key.value}{quote}"
        infer.deps |= infer.project.query_bit("text", word)
        for module in infer.project.mentions(word.encode()):
            infer.deps |= module.bit
            if not _never_awaited_under(module, key.value, word.encode()):
                return None
    return outcome(
        "as value",
        context,
        made,
        node,
        how="argument",
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
                        and use.kind in ("await", "element", "kept", "return")
                        and not nested_field
                    ):
                        return False
        at = module.raw.find(word, at + 1)
    return True


def _is_key(node: ast.AST, key: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == key


# --- returned from an async function


def of_returned(context: Context, made: Made, node: ast.expr) -> Outcome | None:
    """`async def g(): return f()`: wrong unless a caller awaits twice, or the declared return says so."""
    if made.origin:
        return outcome("returned", context, made, node)
    scope = context.scope
    definition = scope.node
    assert isinstance(definition, ast.AsyncFunctionDef)
    if definition.returns is not None:
        text = context.source(definition.returns)
        if not any(word in text for word in ("dict[", "Dict[", "list[", "List[")):
            if any(word in text for word in ("Awaitable", "Coroutine", "Future", "Task")):
                return None
            if any(word in text for word in ("Any", "Callable", "object")) and not is_lost_by_callers(
                context.infer, scope
            ):
                return None
    infer = context.infer
    infer.deps |= infer.project.query_bit("called", scope.name)
    sites = named_calls(infer, scope.name)
    for call, caller in sites or ():
        infer.deps |= caller.module.bit
        use = use_of(call, caller)
        if use.kind != "await":
            continue
        assert isinstance(use.node, ast.Await)
        if _awaited_again(context, use.node, caller):
            return None
    if sites is None and definition.returns is None:
        return None
    for decorator in definition.decorator_list:
        if not context.infer.values(decorator, infer.frame_of(scope.parent), None):
            return None
    places = [
        Step(
            str(caller.module.path),
            call.lineno,
            f"`{caller.name}` awaits `{scope.name}` once and gets the coroutine",
        )
        for call, caller in (context.callers() or ())[:3]
    ]
    site = context.site(
        node,
        subject=subject_of(context, made),
        callee=made.callee,
        detail=scope.name,
        chain=[*steps_of(context, made), *places],
    )
    return Outcome("returned", site)


def _awaited_again(context: Context, node: ast.Await, scope: Scope) -> bool:
    """The result of `await g()` is awaited, scheduled or collected itself."""
    use = use_of(node, scope)
    if use.kind == "await":
        return True
    if use.kind == "argument":
        return argument_use(context.infer, use, scope) == "consumes"
    if (
        use.kind == "assign"
        and isinstance(use.node, ast.Assign)
        and isinstance(use.node.targets[0], ast.Name)
    ):
        name = use.node.targets[0].id
        for load in scope.loads.get(name, ()):
            inner = use_of(load, scope)
            if inner.kind == "await" or (
                inner.kind == "argument" and argument_use(context.infer, inner, scope) == "consumes"
            ):
                return True
    return False
