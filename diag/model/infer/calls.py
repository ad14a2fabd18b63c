"""Calls: what a call gives, what awaiting gives, what parameters are."""

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from diag.model.infer import annotations, attributes, parameters, special
from diag.model.infer.values import (
    EMPTY,
    NOTHING,
    UNKNOWN,
    Argument,
    CallableOf,
    ClassValue,
    Coroutine,
    Frame,
    Func,
    GeneratorOf,
    Instance,
    Nothing,
    Partial,
    Unknown,
    Value,
    Values,
    as_result,
    known,
    ordered,
    unknown,
)
from diag.model.syntax.scope import Position, Scope, last_name

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

MAX_CALL_DEPTH = 6

# Decorators that hand back a function of the same colour, by the name that people know them under.
TRANSPARENT = {
    "abstractmethod", "override", "final", "overload", "wraps", "lru_cache", "cache", "no_type_check",
    "deprecated", "staticmethod", "classmethod", "property", "cached_property", "abstractproperty", "setter",
    "getter", "deleter", "contextmanager", "asynccontextmanager", "fixture", "validator", "field_validator",
    "model_validator", "root_validator", "total_ordering", "runtime_checkable", "dataclass",
    "hybrid_property", "reify", "async_property", "on_exception", "on_predicate", "parametrize", "skipif",
    "xfail", "usefixtures", "asyncio", "coroutine", "atomic_compat",
}  # fmt: skip
# Decorators of libraries under which a function keeps its colour, whatever they do besides.
_KEEPS_COLOUR = (
    "tenacity.", "backoff.", "retrying.", "stamina.", "pytest.", "numba.", "typing_extensions.",
    "loguru.logger.catch", "loguru._logger.Logger.catch", "deprecated.", "typeguard.", "beartype.",
    "async_lru.",
)  # fmt: skip


# --- functions as values


def function_value(infer: "Infer", scope: Scope, frame: Frame) -> Values:
    """A definition as its name gives it: the function under its decorators."""
    node = scope.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    return under_decorators(infer, scope, node.decorator_list, frame)


def under_decorators(infer: "Infer", scope: Scope, decorators: list[ast.expr], frame: Frame) -> Values:
    closure = frame if frame.scope.kind in ("function", "lambda") else None
    value: Values = frozenset({Func(scope, closure)})
    for decorator in reversed(decorators):
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if last_name(target) in TRANSPARENT or scope.module.is_stub:
            continue
        value = _decorated(infer, scope, decorator, value, frame)
    return value


def _decorated(infer: "Infer", scope: Scope, decorator: ast.expr, value: Values, frame: Frame) -> Values:
    position = frame.scope.positions.get(scope.node) if isinstance(scope.node, ast.stmt) else None
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    maker = infer.values(target, frame, position)
    if maker and all(_keeps_colour(v) for v in maker):
        return value
    out: Values = EMPTY
    for found in ordered(infer.values(decorator, frame, position)):
        if _keeps_colour(found):  # made by a function of the project
            out |= value
            continue
        if isinstance(found, Unknown):
            out |= unknown(scope.full_name)
            continue
        result = call(infer, found, None, frame, position, given=[value])
        for made in result:
            out |= unknown(scope.full_name) if isinstance(made, Unknown) else {made}
    return out or unknown(scope.full_name)


def _keeps_colour(value: Value) -> bool:
    match value:
        case Unknown(origin=name):
            return name.startswith(_KEEPS_COLOUR)
        case Func(scope=scope):
            return scope.module.kind != "project" and scope.full_name.startswith(_KEEPS_COLOUR)
        case ClassValue(cls=cls):
            return cls.module.kind != "project" and cls.full_name.startswith(_KEEPS_COLOUR)
    return False


def receiver_frame(infer: "Infer", scope: Scope, receiver: Value) -> Frame:
    """The frame of any call of a method on this receiver."""
    return _frame(infer.frame_of(scope.parent), scope, None, plain_receiver(receiver))


def _frame(
    outer: Frame,
    scope: Scope,
    args: dict[str, Values] | None,
    receiver: Value | None,
    depth: int = 0,
) -> Frame:
    """The frame of such calls; there is one for each set of values, wherever they come from."""
    key = (outer, tuple(args.items()) if args is not None else None, receiver, depth)
    frame: Frame | None = scope.cache.get(key)
    if frame is None:
        passed = (
            {name: Argument(None, None, values=values) for name, values in args.items()}
            if args is not None
            else None
        )
        frame = scope.cache[key] = Frame(scope, outer, passed, receiver, None, depth)
    return frame


# --- calling


def call_all(
    infer: "Infer", values: Values, node: ast.Call | None, frame: Frame | None, position: Position | None
) -> Values:
    if len(values) == 1:
        (value,) = values
        return call(infer, value, node, frame, position)
    out: Values = EMPTY
    for value in ordered(values):
        out |= call(infer, value, node, frame, position)
    return out


def call(
    infer: "Infer",
    value: Value,
    node: ast.Call | None,
    frame: Frame | None,
    position: Position | None,
    given: list[Values] | None = None,
) -> Values:
    """What calling `value` gives; `given` are positional arguments that stand in no source."""
    match value:
        case Func(bound=Instance(cls=cls, declared=True)) if not (
            cls.module is infer.builtins or value.scope.is_async or value.scope.is_generator
        ):
            return as_result(_call_function(infer, value, node, frame, position, given))
        case Func():
            return _call_function(infer, value, node, frame, position, given)
        case ClassValue():
            return _construct(infer, value, node, frame, position)
        case Instance():
            if node is None and given is None:
                return UNKNOWN
            method = attributes.read(infer, value, "__call__")
            if any(isinstance(m, Instance) for m in method):
                return UNKNOWN
            out: Values = EMPTY
            for m in ordered(method):
                out |= call(infer, m, node, frame, position, given)
            return out
        case Partial(target=target):
            return call_all(infer, target, None, frame, position)
        case CallableOf(returns=returns):
            return returns
        case Unknown(origin=origin):
            return unknown(f"{origin}()") if origin else UNKNOWN
    return EMPTY


def _call_function(
    infer: "Infer",
    func: Func,
    node: ast.Call | None,
    frame: Frame | None,
    position: Position | None,
    given: list[Values] | None,
) -> Values:
    scope = func.scope
    if scope.module.is_stub:
        handler = special.FUNCTIONS.get(scope.full_name)
        if handler is not None and node is not None and frame is not None:
            return handler(infer, special.Call(func, node, frame, position))
    marks = scope.marks
    if marks:
        if "contextmanager" in marks:
            return frozenset({GeneratorOf(func, is_async=False, manager="with")})
        if "asynccontextmanager" in marks:
            return frozenset({GeneratorOf(func, is_async=True, manager="async with")})
        if "coroutine" in marks and not scope.is_async:
            return UNKNOWN
    if scope.is_async:
        if scope.is_generator:
            return frozenset({GeneratorOf(func, is_async=True)})
        return frozenset({Coroutine(func, node, frame)})
    if scope.is_generator:
        return frozenset({GeneratorOf(func, is_async=False)})
    return returned(infer, func, node, frame, position, given)


def returned(
    infer: "Infer",
    func: Func,
    node: ast.Call | None,
    frame: Frame | None,
    position: Position | None,
    given: list[Values] | None = None,
) -> Values:
    """What the body of a function returns (for an `async def`: what awaiting it gives)."""
    scope = func.scope
    if scope.module.is_stub and scope.kind != "lambda":
        return declared_returns(infer, func, node, frame, position)
    if scope.module.kind == "library":
        return _of_library(infer, func, node, frame, position, given)
    return _of_body(infer, func, node, frame, position, given)


def _of_library(
    infer: "Infer",
    func: Func,
    node: ast.Call | None,
    frame: Frame | None,
    position: Position | None,
    given: list[Values] | None,
) -> Values:
    """The body first; where it says nothing, the bundled facts of the SDK, if there are any."""
    found = _of_body(infer, func, node, frame, position, given)
    if known(found):
        return found
    for value in ordered(_in_bundled_facts(infer, func)):
        if isinstance(value, Func) and value.scope.is_async == func.scope.is_async:
            declared = declared_returns(infer, Func(value.scope, None, func.bound), None, None, None)
            if known(declared):
                return declared
    return found


def _in_bundled_facts(infer: "Infer", func: Func) -> Values:
    """The function by its full name, and by the class of the object that it is a method of."""
    out = infer.bundled(func.scope)
    if isinstance(func.bound, Instance):
        for value in ordered(infer.bundled(func.bound.cls.scope)):
            if isinstance(value, ClassValue):
                out |= attributes.read(infer, Instance(value.cls), func.scope.name)
    return out


def _of_body(
    infer: "Infer",
    func: Func,
    node: ast.Call | None,
    frame: Frame | None,
    position: Position | None,
    given: list[Values] | None,
) -> Values:
    scope = func.scope
    default = infer.frame_of(scope)
    outer_touched = infer.touched
    infer.touched = False
    found = _returns(infer, default)
    touched = infer.touched
    infer.touched = outer_touched
    closures = any(isinstance(v, (Func, Partial)) for v in found) or func.closure is not None
    if (known(found) and not closures and len(found) < 2) or not (touched or closures):
        return found
    outer = func.closure or infer.frame_of(scope.parent)
    depth = max(frame.depth if frame is not None else 0, outer.depth)
    if depth == MAX_CALL_DEPTH:
        infer.touched = True
        return UNKNOWN if closures else found
    args = parameters.arguments_of(infer, func, node, frame, position, given)
    bound = plain_receiver(func.bound)
    if args is None and bound is None and func.closure is None:
        return found
    if args is None:
        return _returns(infer, _frame(outer, scope, None, bound, outer.depth))
    outer_touched, infer.touched = infer.touched, False
    passed = {name: parameters.argument_values(infer, a) for name, a in args.items()}
    dependent = infer.touched or any(a.node is None for a in args.values())
    found = _returns(infer, _frame(outer, scope, passed, bound, depth + 1))
    infer.touched = outer_touched or dependent
    return found


def plain_receiver(value: Value | None) -> Value | None:
    """A receiver without type arguments, which say nothing in code that is not generic."""
    if isinstance(value, Instance) and value.declared:
        value = replace(value, declared=False)
    if (
        isinstance(value, Instance)
        and value.args
        and not value.cls.module.is_stub
        and not value.cls.is_generic
    ):
        return Instance(value.cls, (), value.exact)
    return value


def _returns(infer: "Infer", frame: Frame) -> Values:
    return infer.of_frame(frame, "returns", _compute_returns)


def _compute_returns(infer: "Infer", frame: Frame) -> Values:
    scope = frame.scope
    if isinstance(scope.node, ast.Lambda):
        return infer.values(scope.node.body, frame, None)
    node = scope.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    scope.bindings  # noqa: B018  builds the statements
    out: Values = EMPTY
    for stmt in scope.returns:
        position = scope.positions[stmt]
        if not live(infer, frame, position):
            continue
        out |= NOTHING if stmt.value is None else _data(infer, infer.values(stmt.value, frame, position))
    if not scope.returns and is_abstract(node):
        out = UNKNOWN
        if node.returns is not None:
            declared = annotations.evaluate(
                infer, node.returns, infer.frame_of(scope), annotations.self_type(frame.receiver)
            )
            # a plain abstract method may stand for an async one; a protocol or a library means what it says
            contract = (
                scope.is_async
                or scope.module.kind == "library"
                or (scope.owner is not None and infer.class_of(scope.owner).is_protocol)
            )
            if scope.module.kind == "project" and not scope.is_async:
                declared = as_result(declared)
            return declared if contract else declared | UNKNOWN
    elif not scope.leaves:
        out |= NOTHING
    if node.returns is not None and not known(frozenset(v for v in out if not isinstance(v, Nothing))):
        return _with_annotation(infer, frame, node, out)
    return out


def _data(infer: "Infer", values: Values) -> Values:
    """What a body in sight returns: that numbers, texts and containers are declared is enough there."""
    return frozenset(
        replace(v, declared=False)
        if isinstance(v, Instance) and v.declared and v.cls.module is infer.builtins
        else v
        for v in values
    )


def is_abstract(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A body that only stands for what subclasses do."""
    for stmt in node.body:
        match stmt:
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                continue
            case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
                return "NotImplemented" in name
            case _:
                return False
    return True


def live(infer: "Infer", frame: Frame, position: Position) -> bool:
    for stmt, arm in position.path:
        if isinstance(stmt, ast.If) and arm in ("body", "orelse"):
            held = infer.truth(stmt.test, frame, frame.scope.positions.get(stmt))
            if held is not None and held != (arm == "body"):
                return False
    return True


def _with_annotation(
    infer: "Infer", frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef, found: Values
) -> Values:
    """A declared return type fills in what the body does not show.

    The body is believed first. Where it ends in a call that can't be resolved, that call may return anything,
    a coroutine too, whatever the annotation says; a subscript, an attribute or a literal of an unknown is
    another matter.
    """
    assert node.returns is not None
    scope = frame.scope
    typevars = annotations.self_type(frame.receiver)
    if scope.owner is not None and isinstance(frame.receiver, Instance) and frame.receiver.args:
        typevars |= annotations.receiver_typevars(infer, infer.class_of(scope.owner), frame.receiver)
    declared = annotations.evaluate(infer, node.returns, infer.frame_of(scope), typevars)
    if not known(declared):
        return found | declared
    if (
        scope.module.kind == "project"
        and not scope.is_async
        and any(_opaque(infer, frame, stmt) for stmt in frame.scope.returns)
    ):
        return found | frozenset({Unknown(f"{frame.scope.full_name}()")})
    return declared | frozenset(v for v in found if not isinstance(v, (Unknown, Nothing)))


def _opaque(infer: "Infer", frame: Frame, stmt: ast.Return) -> bool:
    """The returned expression is what a call gives of which nothing is known: it may be a coroutine."""
    value = stmt.value
    position = frame.scope.positions.get(stmt)
    if isinstance(value, ast.Name):
        bindings = frame.scope.reaching(value.id, position)
        return any(
            b.kind == "assign"
            and not b.unpack
            and isinstance(b.value, ast.Call)
            and _unresolved(infer, b.value, frame, b.position)
            for b in bindings
        )
    return isinstance(value, ast.Call) and _unresolved(infer, value, frame, position)


def _unresolved(infer: "Infer", node: ast.Call, frame: Frame, position: Position | None) -> bool:
    """Nothing is known of the callee, or it hands on what an unknown callee gives; data does not count."""
    if any(isinstance(v, (Unknown, CallableOf)) for v in infer.values(node.func, frame, position)):
        return last_name(node.func) not in _DATA_METHODS
    return any(isinstance(v, Unknown) and v.origin for v in infer.values(node, frame, position))


# Methods of data that no client gives another meaning.
_DATA_METHODS = {
    "strip", "split", "join", "format", "encode", "decode", "digest", "hexdigest", "hex", "keys", "values",
    "items", "model_dump", "to_dict", "isoformat", "lower", "upper", "replace", "startswith", "endswith",
    "timestamp",
}  # fmt: skip


def declared_returns(
    infer: "Infer", func: Func, node: ast.Call | None, frame: Frame | None, position: Position | None
) -> Values:
    """The annotated return of a stub, type variables solved from receiver and arguments."""
    scope = func.scope
    definition = scope.node
    assert isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef))
    if definition.returns is None:
        return unknown(f"{scope.full_name}()") if scope.module.kind == "bundled" else UNKNOWN
    typevars = annotations.self_type(func.bound)
    owner = scope.owner
    if owner is not None and isinstance(func.bound, Instance):
        typevars |= annotations.receiver_typevars(infer, infer.class_of(owner), func.bound)
    if node is not None and frame is not None:
        arguments = (*definition.args.posonlyargs, *definition.args.args)
        if owner is not None and func.bound is not None:
            arguments = arguments[1:]
        for parameter_, argument in zip(arguments, node.args, strict=False):
            if parameter_.annotation is not None and not isinstance(argument, ast.Starred):
                annotations.solve(
                    infer, parameter_.annotation, infer.values(argument, frame, position), typevars
                )
    return annotations.evaluate(infer, definition.returns, infer.frame_of(scope), typevars)


def _construct(
    infer: "Infer", value: ClassValue, node: ast.Call | None, frame: Frame | None, position: Position | None
) -> Values:
    cls = value.cls
    handler = special.CLASSES.get(cls.full_name)
    if handler is not None and node is not None and frame is not None:
        return handler(infer, special.Call(None, node, frame, position))
    if cls.module.name.startswith("unittest.mock"):
        return UNKNOWN
    for base in cls.mro(infer):
        if base.module.is_stub:
            break
        if base.members("__new__"):
            return UNKNOWN
    if any(base.has_metaclass for base in cls.mro(infer)):
        return frozenset({Instance(cls, value.args), Unknown(f"{cls.full_name}()")})
    return frozenset({Instance(cls, value.args)})
