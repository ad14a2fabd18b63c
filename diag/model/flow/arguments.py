"""What a call does with an argument: awaits it, takes it for a plain value, or nobody can tell."""

import ast
from typing import TYPE_CHECKING

from diag.model.flow.uses import HARD_MISUSES, Use, nested, use_of
from diag.model.infer import annotations, attributes
from diag.model.infer.awaiting import awaitable
from diag.model.infer.classes import Class
from diag.model.infer.parameters import default_of, match_arguments
from diag.model.infer.values import (
    ClassValue,
    Func,
    Instance,
    Partial,
    Unknown,
    Value,
    known,
)
from diag.model.syntax.scope import Scope, last_name

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

_AWAITERS = (
    "asyncio.", "_asyncio.", "anyio.", "trio.", "inspect.", "concurrent.", "contextlib.", "unittest.",
    "types.", "weakref.", "functools.", "queue.",
)  # fmt: skip
_NEUTRAL = {
    "isinstance",
    "type",
    "id",
    "repr",
    "hasattr",
    "getattr",
    "setattr",
    "callable",
    "hash",
    "issubclass",
    "vars",
}
_TAKES_VALUE = {
    "len", "sum", "min", "max", "sorted", "abs", "round", "any", "all", "enumerate", "zip", "iter", "next",
    "ord", "chr", "format", "hex", "divmod", "pow", "reversed", "range", "map", "filter",
}  # fmt: skip
_TAKES_DEFAULT = {"next", "max", "min", "iter", "sum"}  # keep what they are given besides
_TAKES_VALUE_CLASSES = {
    "int", "float", "str", "bool", "bytes", "list", "tuple", "set", "dict", "frozenset", "complex", "range",
    "enumerate", "zip", "reversed",
}  # fmt: skip
_LOOKUPS = {
    "builtins.dict.get",
    "builtins.dict.pop",
    "typing.Mapping.get",
    "builtins.dict.setdefault",
    "collections.defaultdict.get",
}
_LOG_METHODS = {"debug", "info", "warning", "error", "critical", "exception", "log", "warn"}


def argument_use(infer: "Infer", use: Use, scope: Scope) -> str:
    """What a call does with a coroutine as argument: `consumes`, `unknown` or a misuse (Site.context)."""
    call = use.node
    assert isinstance(call, ast.Call)
    callee = infer.values(call.func, infer.frame_of(scope), scope.position_of(call))
    if not callee:
        return "unknown"
    verdicts = {_argument_of(infer, value, call, use.child) for value in callee}
    return verdicts.pop() if len(verdicts) == 1 else "unknown"


def _argument_of(infer: "Infer", value: Value, call: ast.Call, child: ast.AST, depth: int = 0) -> str:
    match value:
        case Func(scope=target):
            if target.module.kind in ("stub", "bundled"):
                return _stub_argument(infer, value, call, child)
            return _parameter_use(infer, value, call, child, depth)
        case ClassValue(cls=cls):
            if cls.module is infer.builtins:
                kept = cls.name == "dict" and isinstance(child, ast.keyword) and child.arg is not None
                return "argument" if cls.name in _TAKES_VALUE_CLASSES and not kept else "unknown"
            if cls.full_name in ("decimal.Decimal", "_decimal.Decimal", "fractions.Fraction"):
                return "argument"
            return _constructor_use(infer, value, call, child, depth)
        case Partial() | Unknown():
            return "unknown"
    return "unknown"


def _stub_argument(infer: "Infer", func: Func, call: ast.Call, child: ast.AST) -> str:
    target = func.scope
    name = target.full_name
    if target.module is infer.builtins and target.owner is None:
        if target.name == "print":
            return "log"
        default = isinstance(child, ast.keyword) or child is not call.args[0]
        if target.name in _TAKES_VALUE and not (target.name in _TAKES_DEFAULT and default):
            return "argument"
        return "unknown"
    if name == "builtins.str.format":
        return "f-string"
    if name in ("json.dumps", "json.dump") and call.args and child is call.args[0]:
        return "argument"
    if name in _LOOKUPS and call.args:  # a coroutine is a key that no mapping holds; as a default it is kept
        return "subscript" if child is call.args[0] else "unknown"
    if name.startswith("logging.") and target.name in _LOG_METHODS:
        return "log"
    if _declared_plain(infer, func, call, child):
        return "argument"
    return "consumes" if name.startswith(_AWAITERS) else "unknown"


def _parameter_of(func: Func, call: ast.Call, child: ast.AST) -> ast.arg | None:
    node = func.scope.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    skip = 1 if func.bound is not None and func.scope.owner is not None else 0
    wanted = child.value if isinstance(child, ast.keyword) else child
    for name, expression in match_arguments(node.args, call, skip).items():
        if expression is wanted:
            return next(
                a for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs) if a.arg == name
            )
    return None


def _declared_plain(infer: "Infer", func: Func, call: ast.Call, child: ast.AST) -> bool:
    """The parameter is declared as something that no coroutine is."""
    argument = _parameter_of(func, call, child)
    typevars = None
    if func.scope.owner is not None and isinstance(func.bound, Instance) and func.bound.args:
        typevars = annotations.receiver_typevars(infer, infer.class_of(func.scope.owner), func.bound)
    return argument is not None and _plain_annotation(infer, argument.annotation, func.scope, typevars)


def _plain_annotation(
    infer: "Infer", annotation: ast.expr | None, scope: Scope, typevars: annotations.TypeVars | None = None
) -> bool:
    if annotation is None:
        return False
    declared = annotations.evaluate(infer, annotation, infer.frame_of(scope.parent), typevars)
    return known(declared) and all(
        awaitable(infer, v) is False or (isinstance(v, Instance) and v.cls.name in _NO_COROUTINE)
        for v in declared
    )


# Protocols that a coroutine object does not fulfil.
_NO_COROUTINE = {
    "Iterable", "Iterator", "Container", "Sized", "Collection", "Sequence", "Mapping", "MutableMapping",
    "Buffer", "SupportsInt", "SupportsFloat", "SupportsIndex", "SupportsAbs", "SupportsRound", "Reversible",
    "AsyncIterable", "AsyncIterator",
}  # fmt: skip


def _parameter_use(infer: "Infer", func: Func, call: ast.Call, child: ast.AST, depth: int) -> str:
    """What the body of a function does with the parameter that receives the coroutine."""
    argument = _parameter_of(func, call, child)
    if argument is None:
        return "unknown"
    scope = func.scope
    infer.deps |= scope.module.bit
    if scope.bindings.get(argument.arg, [])[1:]:
        return "unknown"
    if any(argument.arg in inner.loads for inner in nested(scope)):
        return "unknown"
    found = ""
    open_end = asked = False
    for load in scope.loads.get(argument.arg, ()):
        use = use_of(load, scope)
        if use.kind in HARD_MISUSES:
            found = found or "argument"
        elif use.kind in ("f-string", "log", "comparison", "condition"):
            continue
        elif use.kind == "argument" and depth < 2:
            inner = use.node
            assert isinstance(inner, ast.Call)
            callee = infer.values(inner.func, infer.frame_of(scope), scope.position_of(inner))
            verdicts = {_argument_of(infer, v, inner, use.child, depth + 1) for v in callee} or {"unknown"}
            if verdicts == {"argument"}:
                found = found or "argument"
            elif last_name(inner.func) == "isinstance":
                asked = True  # what is done with it depends on what it is
            elif verdicts & {"consumes"} or _inspects(inner):
                return "consumes"
            elif verdicts != {"log"}:
                open_end = True
        elif use.kind == "await":
            return "consumes"
        else:
            open_end = True
    if found and not asked:
        return found
    if (
        (not open_end or _never_awaits(scope))
        and _plain_annotation(infer, argument.annotation, scope)
        and default_ok(scope, argument.arg)
    ):
        return "argument"
    return "unknown"


def default_ok(scope: Scope, name: str) -> bool:
    """The default, if any, does not hint at something else than the annotation says."""
    default = default_of(scope, name)
    return default is None or isinstance(default, ast.Constant)


def _never_awaits(scope: Scope) -> bool:
    return not scope.is_async


def _inspects(call: ast.Call) -> bool:
    return last_name(call.func) in (
        "isawaitable",
        "iscoroutine",
        "hasattr",
        "ensure_future",
        "callable",
    )


def _constructor_use(infer: "Infer", value: ClassValue, call: ast.Call, child: ast.AST, depth: int) -> str:
    cls = value.cls
    instance = Instance(cls)
    for base in cls.mro(infer):
        if base.module.is_stub:
            continue
        if base.members("__init__"):
            init = attributes.read(infer, instance, "__init__")
            verdicts = {_argument_of(infer, v, call, child, depth) for v in init}
            return verdicts.pop() if len(verdicts) == 1 else "unknown"
    # only a model that checks its fields refuses a coroutine; a dataclass or a named tuple keeps it
    if not isinstance(child, ast.keyword) or not _checks_fields(infer, cls):
        return "unknown"
    for base in cls.mro(infer):
        for field in base.node.body:
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and field.target.id == child.arg
            ):
                return "argument" if _plain_annotation(infer, field.annotation, base.scope) else "unknown"
    return "unknown"


def _checks_fields(infer: "Infer", cls: Class) -> bool:
    """A pydantic model, by the name of a base."""
    return any(last_name(parent) == "BaseModel" for base in cls.mro(infer) for parent in base.node.bases)


def holds_plain_items(infer: "Infer", target: ast.Subscript, scope: Scope) -> bool:
    """`prices["ETH"] = ...` where `prices` is declared to hold something that no coroutine is."""
    if not isinstance(target.value, ast.Name):
        return False
    for binding in scope.reaching(target.value.id, scope.position_of(target)):
        if binding.annotation is None:
            return False
        declared = annotations.evaluate(infer, binding.annotation, infer.frame_of(scope))
        if not declared or not all(_plain_item(infer, v, target) for v in declared):
            return False
    return bool(scope.bindings.get(target.value.id))


def _plain_item(infer: "Infer", value: Value, target: ast.Subscript) -> bool:
    if not isinstance(value, Instance):
        return False
    if value.cls.full_name == "builtins.dict" and len(value.args) == 2:
        items = value.args[1]
        return known(items) and all(awaitable(infer, v) is False for v in items)
    key = target.slice.value if isinstance(target.slice, ast.Constant) else None
    if any(last_name(base) == "TypedDict" for base in value.cls.node.bases) and isinstance(key, str):
        for field in value.cls.node.body:
            if not isinstance(field, ast.AnnAssign):
                continue
            if isinstance(field.target, ast.Name) and field.target.id == key:
                return _plain_annotation(infer, field.annotation, value.cls.scope)
    return False


def promises_plain_items(infer: "Infer", scope: Scope) -> bool:
    """The generator is declared to yield something that no coroutine is."""
    node = scope.node
    declared = node.returns if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
    if not isinstance(declared, ast.Subscript):
        return False
    parts = declared.slice.elts if isinstance(declared.slice, ast.Tuple) else [declared.slice]
    return bool(parts) and _plain_annotation(infer, parts[0], scope)
