"""Annotations: what a declared type says about a value, and type variables solved from arguments."""

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from diag.model.infer.values import (
    EMPTY,
    NOTHING,
    UNKNOWN,
    CallableOf,
    ClassValue,
    Frame,
    Instance,
    Nothing,
    TupleOf,
    Unknown,
    Value,
    Values,
    known,
    ordered,
    unknown,
)
from diag.model.syntax.scope import last_name

if TYPE_CHECKING:
    from diag.model.infer.classes import Class
    from diag.model.infer.infer import Infer

TypeVars = Mapping[str, Values]

# typing's own names -> the built-in class they stand for
_ALIASES = {
    "List": "list",
    "Dict": "dict",
    "Set": "set",
    "FrozenSet": "frozenset",
    "Tuple": "tuple",
    "Text": "str",
}
_ANYTHING = {"Any", "object", "TypeVar", "Incomplete", "Unused", "NoReturn", "Never"}
_WRAPPERS = {"Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly"}


def evaluate(infer: "Infer", node: ast.expr, frame: Frame, typevars: TypeVars | None = None) -> Values:
    """The values that an annotation admits, as far as the declared classes go."""
    match node:
        case ast.Constant(value=None):
            return NOTHING
        case ast.Constant(value=str() as text):
            try:
                inner = ast.parse(text.strip(), mode="eval").body
            except SyntaxError:
                return UNKNOWN
            return evaluate(infer, inner, frame, typevars)
        case ast.BinOp(op=ast.BitOr()):
            return evaluate(infer, node.left, frame, typevars) | evaluate(infer, node.right, frame, typevars)
        case ast.Subscript():
            return _subscript(infer, node, frame, typevars)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            if typevars is not None and isinstance(node, ast.Name) and name in typevars:
                return typevars[name]
            if name == "Self":
                return (typevars or {}).get("Self") or _self(infer, frame)
            if name in ("LiteralString", "AnyStr", "StrPath"):
                return infer.plain("str")
            if name in _ANYTHING:
                return UNKNOWN if name not in ("NoReturn", "Never") else EMPTY
            if name in ("StrOrBytesPath", "ReadableBuffer"):
                return UNKNOWN
            if name == "Tuple":
                return infer.plain("tuple")
            out: Values = EMPTY
            for value in infer.values(node, frame, None):
                match value:
                    case ClassValue(cls=cls, args=args):
                        out |= {Instance(cls, args, exact=False)}
                    case Nothing():
                        out |= NOTHING
                    case Unknown(origin=origin):
                        if name in _ALIASES:
                            out |= infer.plain(_ALIASES[name])
                        else:
                            out |= unknown(f"{origin}()") if origin else UNKNOWN
                    case _:
                        out |= UNKNOWN
            return out
    return UNKNOWN


def self_type(receiver: Value | None) -> dict[str, Values]:
    """What `Self` stands for in the signature of a method that is bound to this receiver."""
    match receiver:
        case None:
            return {}
        case ClassValue(cls=cls):
            return {"Self": frozenset({Instance(cls)})}
    return {"Self": frozenset({receiver})}


def _self(infer: "Infer", frame: Frame) -> Values:
    if frame.receiver is not None:
        return self_type(frame.receiver)["Self"]
    scope = frame.scope
    while scope.parent is not None:
        if scope.parent.kind == "class":
            return frozenset({Instance(infer.class_of(scope.parent), exact=False)})
        scope = scope.parent
    return UNKNOWN


def _subscript(infer: "Infer", node: ast.Subscript, frame: Frame, typevars: TypeVars | None) -> Values:
    name = last_name(node.value)
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "Optional":
        return evaluate(infer, parts[0], frame, typevars) | NOTHING
    if name == "Union":
        return frozenset().union(*(evaluate(infer, p, frame, typevars) for p in parts))
    if name in _WRAPPERS:
        return evaluate(infer, parts[0], frame, typevars)
    if name == "Literal":
        return frozenset().union(
            *(infer.constant(p.value) if isinstance(p, ast.Constant) else infer.plain("str") for p in parts)
        )
    if name in ("TypeGuard", "TypeIs"):
        return infer.plain("bool")
    if name == "Callable":
        return (
            frozenset({CallableOf(evaluate(infer, parts[-1], frame, typevars))})
            if len(parts) == 2
            else UNKNOWN
        )
    if name in ("type", "Type"):
        inner = evaluate(infer, parts[0], frame, typevars)
        return frozenset(ClassValue(v.cls) if isinstance(v, Instance) else Unknown() for v in inner)
    if name in ("tuple", "Tuple"):
        if len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is ...:
            return infer.plain("tuple", evaluate(infer, parts[0], frame, typevars))
        if len(parts) <= 8:
            return frozenset({TupleOf(tuple(evaluate(infer, p, frame, typevars) for p in parts))})
        return infer.plain("tuple")
    head = evaluate(infer, node.value, frame, typevars)
    args = tuple(
        evaluate(infer, p, frame, typevars) if not isinstance(p, ast.List) else UNKNOWN for p in parts
    )
    return frozenset(Instance(v.cls, args, exact=False) if isinstance(v, Instance) else v for v in head)


# --- type variables


def parameters_of(infer: "Infer", cls: "Class") -> list[str]:
    """The names of a class's type variables, in the order in which it is subscripted."""
    known_names: list[str] | None = cls.scope.cache.get("typevars")
    if known_names is None:
        generic: list[str] = []
        other: list[str] = []
        spelled = True
        for base in cls.node.bases:
            if isinstance(base, ast.Subscript):
                target = generic if last_name(base.value) in ("Generic", "Protocol") else other
                for sub in ast.walk(base.slice):
                    if isinstance(sub, ast.Name) and sub.id not in target:
                        spelled &= is_typevar(sub.id) or cls.module.is_stub
                        if _is_variable(infer, sub, cls):
                            target.append(sub.id)
        known_names = generic or other
        if spelled:  # what rests on values is theirs to keep
            cls.scope.cache["typevars"] = known_names
    return known_names


def _is_variable(infer: "Infer", node: ast.Name, cls: "Class") -> bool:
    if is_typevar(node.id):
        return True
    if cls.module.is_stub:
        return False
    values = infer.values(node, infer.frame_of(cls.scope.parent), None)
    return any(isinstance(v, Instance) and v.cls.name in ("TypeVar", "ParamSpec") for v in values)


def is_typevar(name: str) -> bool:
    """Type variables are recognised by spelling: `_T`, `_KT_co`, `T`, `ClientT`."""
    bare = name.lstrip("_").removesuffix("_co").removesuffix("_contra")
    return bool(bare) and (
        (bare.isupper() and len(bare) <= 3) or (len(bare) > 1 and bare[-1] == "T" and bare[-2:-1].islower())
    )


def receiver_typevars(infer: "Infer", owner: "Class", value: Instance) -> dict[str, Values]:
    """Type variables of `owner` as the instance binds them, directly or through generic bases."""
    if value.cls is owner:
        names = parameters_of(infer, owner)
        return dict(zip(names, value.args, strict=False))
    # through the bases: Task(Future[_T]) with args of Task
    names = parameters_of(infer, value.cls)
    bound = dict(zip(names, value.args, strict=False))
    for base in value.cls.node.bases:
        head = base.value if isinstance(base, ast.Subscript) else base
        for found in ordered(infer.values(head, infer.frame_of(value.cls.scope.parent), None)):
            if isinstance(found, ClassValue) and found.cls.is_a(infer, owner):
                args: tuple[Values, ...] = ()
                if isinstance(base, ast.Subscript):
                    parts = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
                    frame = infer.frame_of(value.cls.scope.parent)
                    args = tuple(evaluate(infer, p, frame, bound) for p in parts)
                elif not names:
                    args = value.args  # class Holders(Queue): filled like the queue that it is
                return receiver_typevars(infer, owner, Instance(found.cls, args))
    return {}


def solve(infer: "Infer", node: ast.expr, given: Values, out: dict[str, Values]) -> None:
    """Bind the type variables of a parameter annotation from the argument's values."""
    match node:
        case ast.Name(id=name) if is_typevar(name):
            out[name] = out.get(name, EMPTY) | given
        case ast.BinOp(op=ast.BitOr()):
            solve(infer, node.left, given, out)
            solve(infer, node.right, given, out)
        case ast.Subscript():
            from diag.model.infer import awaiting, calls

            name = last_name(node.value)
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if name in ("Coroutine", "Awaitable", "Future", "Task", "_CoroutineLike", "_FutureLike"):
                solve(infer, parts[-1], awaiting.awaited(infer, given), out)
            elif name in ("type", "Type"):
                made = frozenset(Instance(v.cls) for v in given if isinstance(v, ClassValue))
                solve(infer, parts[-1], made or UNKNOWN, out)
            elif name in ("Iterable", "Sequence", "list", "set", "Iterator", "Collection", "AbstractSet"):
                solve(infer, parts[-1], infer.elements(given, is_async=False), out)
            elif name in ("Optional", "Union"):
                for part in parts:
                    solve(infer, part, given, out)
            elif name == "Callable" and len(parts) == 2:
                result: Values = EMPTY
                for value in given:
                    result |= calls.call(infer, value, None, None, None)
                if known(result):
                    solve(infer, parts[-1], result, out)
