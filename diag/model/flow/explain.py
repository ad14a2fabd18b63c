"""The chain of a finding: where the receiver was built, who calls, which handler hides the error."""

import ast
from collections import deque
from typing import TYPE_CHECKING

from diag.finding import Step
from diag.mistakes import catching
from diag.model.infer import attributes
from diag.model.infer.classes import first_parameter, mangled
from diag.model.infer.parameters import callers, match_arguments
from diag.model.infer.values import ClassValue, Instance, Nothing, Unknown, ordered
from diag.model.syntax.scope import Binding, Scope, last_name
from diag.model.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

_BROAD = catching("TypeError")
_LOG_METHODS = {"debug", "info", "warning", "warn", "error", "critical", "exception", "log", "print"}
MAX_HOPS = 5
MAX_TEXT = 90


def step(module: SourceFile, line: int, message: str) -> Step:
    return Step(str(module.path), line, message)


def shortened(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 3] + "..."


# --- where the receiver comes from


def provenance(
    infer: "Infer", node: ast.expr, scope: Scope, depth: int = 0
) -> list[tuple[SourceFile, int, str]]:
    """Where the object that an expression names was made: (module, line, sentence), nearest first."""
    if depth > 4:
        return []
    if isinstance(node, ast.Attribute):
        holders = infer.values(node.value, infer.frame_of(scope), scope.position_of(node))
        for holder in ordered(holders):
            if not isinstance(holder, Instance) or holder.cls.module.is_stub:
                continue
            for member in holder.cls.family(infer, exact=holder.exact):
                bindings = [b for b in member.stored(mangled(node.attr, scope)) if _is_object(infer, b)]
                for binding in bindings:
                    return _of_binding(infer, binding, f"{_receiver(binding)}{node.attr}", depth)
            for _, binding in attributes.outside_stores(infer, mangled(node.attr, scope)):
                if _is_object(infer, binding):
                    return _of_binding(infer, binding, node.attr, depth)
        return []
    if isinstance(node, ast.Name):
        place: Scope | None = scope
        position = scope.position_of(node)
        while place is not None:
            bindings = place.reaching(node.id, position) or place.bindings.get(node.id, [])
            bindings = [
                b
                for b in bindings
                if b.kind in ("param", "import", "from", "def", "class") or _is_object(infer, b)
            ]
            if bindings and place.kind != "class":
                return _of_binding(infer, bindings[0], node.id, depth)
            place, position = place.parent, None
    return []


def _receiver(binding: Binding) -> str:
    name = first_parameter(binding.scope)
    return f"{name}." if name else ""


def _is_object(infer: "Infer", binding: Binding) -> bool:
    found = infer.binding_values(binding, infer.frame_of(binding.scope))
    return any(not isinstance(v, (Nothing, Unknown)) for v in found)


def _of_binding(infer: "Infer", binding: Binding, name: str, depth: int) -> list[tuple[SourceFile, int, str]]:
    module = binding.scope.module
    line = getattr(binding.node, "lineno", 1)
    if binding.kind == "param":
        sites = callers(infer, binding.scope) or []
        for site, caller in sites:
            node = binding.scope.node
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                skip = 1 if binding.scope.owner is not None else 0
                argument = match_arguments(node.args, site, skip).get(binding.name)
                if argument is not None:
                    text = shortened(caller.module.source_of(site))
                    here = (caller.module, site.lineno, f"`{name}` is passed here: `{text}`")
                    return [here, *provenance(infer, argument, caller, depth + 1)]
        return []
    value = binding.value
    if value is None:
        return []
    text = shortened(module.source_of(value))
    if isinstance(value, ast.Call):
        built = infer.values(value.func, infer.frame_of(binding.scope), binding.position)
        if any(isinstance(v, ClassValue) for v in built):
            return [(module, value.lineno, f"`{name}` is built here: `{text}`")]
        return [(module, line, f"`{name}` is made here: `{text}`")]
    inner: list[tuple[SourceFile, int, str]] = []
    if isinstance(value, (ast.Name, ast.Attribute)):
        inner = provenance(infer, value, binding.scope, depth + 1)
    elif isinstance(value, ast.BoolOp):
        inner = provenance(infer, value.values[-1], binding.scope, depth + 1)
    return [(module, line, f"`{name}` is set here: `{text}`"), *inner]


# --- who calls, and what hides the error


def consequences(infer: "Infer", scope: Scope, node: ast.AST) -> list[Step]:
    """From the line that raises to the handler that hides it: callers, handler, log line, fallback."""
    first = _handler_around(scope, scope.statement_of(node))
    if first is not None:
        return _hidden(scope, first)
    queue: deque[tuple[Scope, tuple[Step, ...]]] = deque([(scope, ())])
    seen = {scope}
    direct: list[Step] = []
    while queue:
        here, path = queue.popleft()
        if len(path) >= MAX_HOPS or here.kind != "function":
            continue
        for site, caller in callers(infer, here) or ():
            stmt = caller.statement_of(site)
            link = step(caller.module, site.lineno, f"called by `{_name(caller)}`")
            if here is scope:
                direct.append(link)
            handler = _handler_around(caller, stmt)
            if handler is not None:
                inside = Step(link.path, link.line, f"{link.message} inside `try`")
                others = [s for s in direct if s.line != link.line or s.path != link.path]
                return [*others[:2], *path, inside, *_hidden(caller, handler)]
            if caller not in seen:
                seen.add(caller)
                queue.append((caller, (*path, link)))
    return direct[:4]


def _name(scope: Scope) -> str:
    return "the module" if scope.kind == "module" else scope.name


def _handler_around(scope: Scope, stmt: ast.stmt | None) -> ast.ExceptHandler | None:
    """The handler of this scope that would catch a TypeError raised by the statement and not pass it on."""
    if stmt is None or stmt not in scope.positions:
        return None
    for outer, arm in reversed(scope.positions[stmt].path):
        if isinstance(outer, (ast.Try, ast.TryStar)) and arm == "body":
            for handler in outer.handlers:
                if catches_all(handler) and not _raises(handler):
                    return handler
    return None


def catches_all(handler: ast.ExceptHandler) -> bool:
    """`except:`, `except Exception`, or one that names TypeError."""
    if handler.type is None:
        return True
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(last_name(n) in _BROAD for n in names)


def _raises(handler: ast.ExceptHandler) -> bool:
    return bool(handler.body) and isinstance(handler.body[-1], ast.Raise)


def _hidden(scope: Scope, handler: ast.ExceptHandler) -> list[Step]:
    module = scope.module
    clause = f"except {module.source_of(handler.type)}" if handler.type is not None else "except"
    message = f"hidden by `{clause}` in `{_name(scope)}`"
    logged = _logged(module, handler)
    if logged:
        message += f", logged as {logged}"
    out = [step(module, handler.lineno, message)]
    fallback = _fallback(handler)
    if fallback is not None:
        out.append(
            step(module, fallback.lineno, f"falls back to `{shortened(_statement_text(module, fallback))}`")
        )
    return out


def _logged(module: SourceFile, handler: ast.ExceptHandler) -> str:
    for stmt in handler.body:
        for node in ast.walk(stmt):
            if isinstance(node, ast.Call) and last_name(node.func) in _LOG_METHODS and node.args:
                text = message_template(node.args[0])
                if text:
                    return f'"{shortened(text)}"'
    return ""


def message_template(node: ast.expr) -> str:
    """The constant part of a message, `{...}` for what is filled in."""
    match node:
        case ast.Constant(value=str() as text):
            return text.strip()
        case ast.JoinedStr(values=values):
            return "".join(
                part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{...}"
                for part in values
            ).strip()
        case ast.BinOp(left=left):
            return message_template(left)
        case ast.Call(func=ast.Attribute(value=value)):
            return message_template(value)
    return ""


def _fallback(handler: ast.ExceptHandler) -> ast.stmt | None:
    """The statement that the handler goes on with: an order call if there is one, else its return."""
    best: ast.stmt | None = None
    for stmt in handler.body:
        for node in ast.walk(stmt):
            if (
                isinstance(node, ast.Call)
                and "order" in last_name(node.func).lower()
                and last_name(node.func) not in _LOG_METHODS
                and (
                    "place" in last_name(node.func)
                    or "submit" in last_name(node.func)
                    or "create" in last_name(node.func)
                )
            ):
                return _innermost(stmt, node)
        if best is None and isinstance(stmt, (ast.Return, ast.Continue, ast.Break)):
            best = stmt
    return best


def _innermost(stmt: ast.stmt, node: ast.AST) -> ast.stmt:
    best = stmt
    for inner in ast.walk(stmt):
        if isinstance(inner, ast.stmt) and any(n is node for n in ast.walk(inner)):
            size = inner.end_lineno - inner.lineno if inner.end_lineno else 0
            if size <= (best.end_lineno or 0) - best.lineno:
                best = inner
    return best


def _statement_text(module: SourceFile, stmt: ast.stmt) -> str:
    if isinstance(stmt, (ast.Continue, ast.Break)):
        return "continue" if isinstance(stmt, ast.Continue) else "break"
    call = next(
        (
            n
            for n in ast.walk(stmt)
            if isinstance(n, ast.Call) and any(k.arg == "order_type" for k in n.keywords)
        ),
        None,
    )
    if call is not None:
        for keyword in call.keywords:
            if keyword.arg == "order_type":
                return f"{module.source_of(call.func)}(order_type={module.source_of(keyword.value)})"
    return module.source_of(stmt)
