"""Code that asks, or tries out, whether what it has can be awaited: there an await is a decision."""

import ast
import re
from collections.abc import Iterator

from diag.model.flow.explain import catches_all
from diag.model.syntax.scope import Scope, header, last_name

# In a function that asks what it was given, an await or its absence is a decision.
GUARDS = re.compile(
    rb"\b(?:iscoroutinefunction|isawaitable|iscoroutine|maybe_await|ensure_awaitable|maybe_coroutine|__await__|"
    rb"_is_coroutine|isasyncgen|isasyncgenfunction|is_async_callable)\b"
)
_ANYTHING = "*"


def guarded(scope: Scope, node: ast.expr | None = None) -> bool:
    """The function asks of what stands here (of anything, without a node) whether it is awaitable."""
    asked: frozenset[str] | None = scope.cache.get("asked")
    if asked is None:
        asked = scope.cache["asked"] = _asked(scope)
    if not asked or node is None:
        return bool(asked)
    stmt = scope.statement_of(node)
    near = {name for part in header(stmt) for name in _words(part)} if stmt is not None else set()
    return _ANYTHING in asked or not asked.isdisjoint(near)


def _asked(scope: Scope) -> frozenset[str]:
    """The names and attributes that guards of the function are about."""
    if scope.kind != "function" or not GUARDS.search(scope.module.segment(scope.first_line, scope.last_line)):
        return frozenset()
    out: set[str] = set()
    for call in scope.calls:
        name = last_name(call.func)
        if GUARDS.fullmatch(name.encode()) or (
            name == "hasattr"
            and any(isinstance(a, ast.Constant) and a.value == "__await__" for a in call.args)
        ):
            out.update(word for argument in call.args for word in _words(argument))
    if "__await__" in scope.reads or "_is_coroutine" in scope.reads:
        out.add(_ANYTHING)
    return frozenset(out)


def _words(node: ast.AST) -> Iterator[str]:
    """Names and attribute names in an expression; `self` says nothing."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute):
            yield inner.attr
        elif isinstance(inner, ast.Name) and inner.id not in ("self", "cls"):
            yield inner.id


def retried(node: ast.expr, scope: Scope) -> bool:
    """`try: await f() except TypeError: f()`: the code tries both colours."""
    stmt = scope.statement_of(node)
    call = node.value if isinstance(node, ast.Await) else node
    name = last_name(call.func) if isinstance(call, ast.Call) else last_name(call)
    if stmt is None or stmt not in scope.positions or not name:
        return False
    for outer, arm in scope.positions[stmt].path:
        if isinstance(outer, (ast.Try, ast.TryStar)):
            broad = [h for h in outer.handlers if catches_all(h)]
            if arm == "body":
                others = [s for h in broad for s in h.body]
            else:
                within = any(stmt in ast.walk(h) for h in broad)
                others = outer.body if within or not arm.startswith("handler") else []
            if _called_otherwise(others, name, awaited=isinstance(node, ast.Await)):
                return True
    return False


def _called_otherwise(body: list[ast.stmt], name: str, *, awaited: bool) -> bool:
    """The statements call `name` in the other colour."""
    for stmt in body:
        inside = {id(n.value) for n in ast.walk(stmt) if isinstance(n, ast.Await)}
        for call in ast.walk(stmt):
            if (
                isinstance(call, ast.Call)
                and last_name(call.func) == name
                and (id(call) in inside) != awaited
            ):
                return True
    return False
