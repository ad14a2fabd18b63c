"""Calls: what a call gives, what awaiting gives, what parameters are."""

import ast
from typing import TYPE_CHECKING

from diag.model import annotations, attributes, special
from diag.model.classes import Class, first_parameter
from diag.model.scope import Binding, FunctionNode, Position, Scope
from diag.model.values import (
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
    TupleOf,
    Unknown,
    Value,
    Values,
    known,
    unknown,
)

if TYPE_CHECKING:
    from diag.model.infer import Infer

MAX_CALL_DEPTH = 6
MAX_CALLERS = 60

# Decorators that hand back a function of the same colour, by the name that people know them under.
TRANSPARENT = {
    "abstractmethod", "override", "final", "overload", "wraps", "lru_cache", "cache", "no_type_check",
    "deprecated", "staticmethod", "classmethod", "property", "cached_property", "abstractproperty", "setter",
    "getter", "deleter", "contextmanager", "asynccontextmanager", "fixture", "validator", "field_validator",
    "model_validator", "root_validator", "total_ordering", "runtime_checkable", "dataclass",
    "hybrid_property", "reify", "async_property", "on_exception", "on_predicate", "parametrize", "skipif",
    "xfail", "usefixtures", "asyncio", "coroutine", "atomic_compat",
}  # fmt: skip
_TRANSPARENT_ORIGINS = (
    "tenacity.",
    "backoff.",
    "retrying.",
    "stamina.",
    "pytest.",
    "numba.",
    "typing_extensions.",
)


def last_name(node: ast.expr) -> str:
    """`a.b.c` -> `c`; empty for anything else than a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


# --- functions as values


def function_value(infer: "Infer", scope: Scope, frame: Frame) -> Values:
    """A definition as its name gives it: the function under its decorators."""
    node = scope.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    return _under(infer, scope, node.decorator_list, frame)


def _under(infer: "Infer", scope: Scope, decorators: list[ast.expr], frame: Frame) -> Values:
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
    out: Values = EMPTY
    for found in infer.values(decorator, frame, position):
        if isinstance(found, Unknown):
            if found.origin.startswith(_TRANSPARENT_ORIGINS):
                out |= value
            else:
                out |= unknown(scope.full_name)
            continue
        if (
            isinstance(found, Func)
            and found.scope.module.kind != "project"
            and found.scope.full_name.startswith(_TRANSPARENT_ORIGINS)
        ):
            out |= value
            continue
        result = call(infer, found, None, frame, position, given=[value])
        for made in result:
            out |= unknown(scope.full_name) if isinstance(made, Unknown) else {made}
    return out or unknown(scope.full_name)


def receiver_frame(infer: "Infer", scope: Scope, receiver: Value) -> Frame:
    """The frame of any call of a method on this receiver."""
    receiver = plain_receiver(receiver) or receiver
    key = ("receiver", receiver)
    frame: Frame | None = scope.cache.get(key)
    if frame is None:
        outer = infer.frame_of(scope.parent)
        frame = scope.cache[key] = Frame(scope, outer, None, receiver)
    return frame


# --- calling


def call_all(
    infer: "Infer", values: Values, node: ast.Call | None, frame: Frame | None, position: Position | None
) -> Values:
    out: Values = EMPTY
    for value in values:
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
            for m in method:
                out |= call(infer, m, node, frame, position, given)
            return out
        case Partial(target=target):
            return frozenset().union(*(call(infer, t, None, frame, position) for t in target))
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
    marks = attributes.decorators(scope.node)
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
        return _declared(infer, func, node, frame, position)
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
    for value in infer.bundled(func.scope):
        if isinstance(value, Func) and value.scope.is_async == func.scope.is_async:
            declared = _declared(infer, Func(value.scope, None, func.bound), None, None, None)
            if known(declared):
                return declared
    return found


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
    running = (scope, func.closure)
    if infer.call_depth >= MAX_CALL_DEPTH or running in infer.call_stack:
        infer.touched = True
        return UNKNOWN if closures else found
    args = _arguments(infer, func, node, frame, position, given)
    bound = plain_receiver(func.bound)
    if args is None and bound is None and func.closure is None:
        return found
    if args is None:
        return _returns(infer, Frame(scope, func.closure or default.outer, None, bound))
    # the same values give the same result, wherever they stand
    outer_touched, infer.touched = infer.touched, False
    passed = {name: Argument(None, None, values=argument_values(infer, a)) for name, a in args.items()}
    key = ("call", bound, func.closure, tuple((name, a.values) for name, a in passed.items()))
    infer.call_depth += 1
    infer.call_stack.add(running)
    try:
        specific = Frame(scope, func.closure or default.outer, passed, bound)
        found = infer.memoised(scope, key, lambda: _compute_returns(infer, specific))
    finally:
        infer.call_depth -= 1
        infer.call_stack.discard(running)
    infer.touched = outer_touched or any(_from_parameter(infer, a) for a in args.values())
    return found


def plain_receiver(value: Value | None) -> Value | None:
    """A receiver without type arguments, which say nothing in code that is not generic."""
    if (
        isinstance(value, Instance)
        and value.args
        and not value.cls.module.is_stub
        and not value.cls.is_generic
    ):
        return Instance(value.cls, (), value.exact)
    return value


def argument_values(infer: "Infer", argument: Argument) -> Values:
    if argument.values is not None:
        return argument.values
    assert argument.node is not None
    assert argument.frame is not None
    return infer.values(argument.node, argument.frame, argument.position)


def _from_parameter(infer: "Infer", argument: Argument) -> bool:
    """The argument itself depends on a parameter of the caller."""
    if argument.node is None or argument.frame is None:
        return True
    found = argument.frame.memo.get(argument.node)
    return found is None or found[2]


def _returns(infer: "Infer", frame: Frame) -> Values:
    return infer.fixpoint_in(frame, "returns", lambda: _compute_returns(infer, frame))


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
        if not _live(infer, frame, position):
            continue
        out |= NOTHING if stmt.value is None else infer.values(stmt.value, frame, position)
    if not scope.returns and is_abstract(node):
        out = UNKNOWN
        if node.returns is not None:
            declared = annotations.evaluate(
                infer, node.returns, Frame(scope, infer.frame_of(scope.parent), None, frame.receiver)
            )
            # a plain abstract method may stand for an async one; a protocol or a library means what it says
            contract = (
                scope.is_async
                or scope.module.kind == "library"
                or (scope.owner is not None and infer.class_of(scope.owner).is_protocol)
            )
            return declared if contract else declared | UNKNOWN
    elif not scope.leaves:
        out |= NOTHING
    if node.returns is not None and not known(frozenset(v for v in out if not isinstance(v, Nothing))):
        return _with_annotation(infer, frame, node, out)
    return out


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


def _live(infer: "Infer", frame: Frame, position: Position) -> bool:
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
    typevars: dict[str, Values] | None = None
    if scope.owner is not None and isinstance(frame.receiver, Instance) and frame.receiver.args:
        typevars = annotations.receiver_typevars(infer, infer.class_of(scope.owner), frame.receiver)
    place = Frame(scope, infer.frame_of(scope.parent), None, frame.receiver)
    declared = annotations.evaluate(infer, node.returns, place, typevars)
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


def _declared(
    infer: "Infer", func: Func, node: ast.Call | None, frame: Frame | None, position: Position | None
) -> Values:
    """The annotated return of a stub, type variables solved from receiver and arguments."""
    scope = func.scope
    definition = scope.node
    assert isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef))
    if definition.returns is None:
        return unknown(f"{scope.full_name}()") if scope.module.kind == "bundled" else UNKNOWN
    typevars: dict[str, Values] = {}
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
    target = Frame(scope, infer.frame_of(scope.parent), None, func.bound)
    return annotations.evaluate(infer, definition.returns, target, typevars)


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


# --- arguments and parameters


def _arguments(
    infer: "Infer",
    func: Func,
    node: ast.Call | None,
    frame: Frame | None,
    position: Position | None,
    given: list[Values] | None,
) -> dict[str, Argument] | None:
    """Parameters of `func` -> the arguments of this call; None when it passes none that can be followed."""
    definition = func.scope.node
    assert isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    if given is not None:
        skip = 1 if func.bound is not None and not isinstance(definition, ast.Lambda) else 0
        names = [a.arg for a in (*definition.args.posonlyargs, *definition.args.args)][skip:]
        return {n: Argument(None, None, values=v) for n, v in zip(names, given, strict=False)}
    if node is None or frame is None:
        return None
    skip = 1 if func.bound is not None and func.scope.owner is not None else 0
    return {
        name: Argument(expression, frame, position)
        for name, expression in match_arguments(definition.args, node, skip).items()
    }


def match_arguments(parameters: ast.arguments, node: ast.Call, skip: int) -> dict[str, ast.expr]:
    """Parameter names -> argument expressions of a call; stops at `*args`."""
    names = [a.arg for a in (*parameters.posonlyargs, *parameters.args)][skip:]
    out: dict[str, ast.expr] = {}
    for name, argument in zip(names, node.args, strict=False):
        if isinstance(argument, ast.Starred):
            break
        out[name] = argument
    allowed = {a.arg for a in (*parameters.args, *parameters.kwonlyargs)}
    for keyword in node.keywords:
        if keyword.arg in allowed:
            out[keyword.arg] = keyword.value
    return out


def default_of(scope: Scope, name: str) -> ast.expr | None:
    node = scope.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        if argument.arg == name:
            return default
    for argument, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if argument.arg == name:
            return keyword_default
    return None


def parameter(infer: "Infer", binding: Binding, frame: Frame) -> Values:
    """What a parameter is: the argument of this call, else its receiver, annotation, callers, default."""
    infer.touched = True
    scope, name = binding.scope, binding.name
    owner = scope.owner
    if owner is not None and first_parameter(scope) == name:
        if frame.receiver is not None:
            return frozenset({frame.receiver})
        cls = infer.class_of(owner)
        if "classmethod" in attributes.decorators(scope.node) or scope.name in (
            "__new__",
            "__init_subclass__",
        ):
            return frozenset({ClassValue(cls)})
        return frozenset({Instance(cls, exact=False)})
    if frame.args is not None and name in frame.args:
        return argument_values(infer, frame.args[name])
    arguments = scope.arguments
    if binding.node is arguments.vararg:
        return infer.plain("tuple")
    if binding.node is arguments.kwarg:
        return infer.plain("dict", infer.plain("str"), UNKNOWN)
    default = default_of(scope, name)
    default_values = (
        infer.values(default, infer.frame_of(scope.parent), None) if default is not None else EMPTY
    )
    if frame.args is not None and default is not None:
        return default_values
    declared: Values = EMPTY
    if binding.annotation is not None:
        declared = annotations.evaluate(infer, binding.annotation, infer.frame_of(scope.parent))
        if known(declared) and not _worth_asking(infer, declared):
            return declared
    if scope.kind == "lambda":
        return declared or UNKNOWN
    return infer.memoised(
        scope, ("parameter", name), lambda: _from_callers(infer, scope, name, declared, default_values)
    )


def _worth_asking(infer: "Infer", declared: Values) -> bool:
    """Declared classes whose colour matters enough to see what callers really pass."""
    return any(
        isinstance(v, CallableOf)
        or (isinstance(v, Instance) and v.cls.module.kind in ("project", "library", "bundled"))
        for v in declared
    )


def _from_callers(infer: "Infer", scope: Scope, name: str, declared: Values, default: Values) -> Values:
    origin = unknown(f"{scope.full_name}:{name}")
    sites = callers(infer, scope)
    if sites is None:
        return declared or origin
    passed: Values = EMPTY
    missing = False
    if scope.owner is None and _first_parameter_is(scope, name):
        passed |= decorated_by(infer, scope)
    for site, caller in sites:
        skip = 1 if scope.owner is not None and "staticmethod" not in attributes.decorators(scope.node) else 0
        node = scope.node
        assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        argument = match_arguments(node.args, site, skip).get(name)
        if argument is None:
            missing = True
            continue
        passed |= infer.values(argument, infer.frame_of(caller), caller.position_of(site))
    if declared and not passed and scope.parent is not None and scope.parent.kind == "function":
        return declared | origin  # a function that is handed on: whoever calls it is not in sight
    if any(isinstance(v, CallableOf) for v in declared):
        return _few(passed) if known(passed) else declared
    if declared and known(declared):
        extra = frozenset(v for v in passed if isinstance(v, (Instance, Coroutine)))
        return declared | extra if len(declared | extra) <= 6 else declared
    real = _few(frozenset(v for v in passed if not isinstance(v, Nothing)))
    if (not sites and not real) or (missing and default):
        real |= default
    if not real:
        return default or origin
    return real


def _few(values: Values) -> Values:
    """Many functions of one colour (all that a decorator stands over) are as good as a few of them."""
    if len(values) > 8 and all(isinstance(v, Func) for v in values):
        functions = sorted((v for v in values if isinstance(v, Func)), key=lambda v: v.scope.full_name)
        if len({(f.scope.is_async, f.scope.is_generator) for f in functions}) == 1:
            return frozenset(functions[:8])
    return values


def _first_parameter_is(scope: Scope, name: str) -> bool:
    arguments = scope.arguments
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    return names[:1] == [name]


def decorated_by(infer: "Infer", scope: Scope) -> Values:
    """The functions that `@scope`, or `@maker(...)` where `scope` is what the maker returns, stands over."""
    outer = scope.parent if scope.parent is not None and scope.parent.kind == "function" else scope
    word = outer.name.encode()
    infer.deps |= infer.project.query_bit(f"@{outer.name}")
    out: Values = EMPTY
    count = 0
    for module in infer.project.mentions(word):
        at = module.raw.find(word)
        while at >= 0:
            line = module.line_at(at)
            first = module.line_starts[line - 1]
            if module.raw[first:at].lstrip()[:1] == b"@" and count < MAX_CALLERS:
                count += 1
                infer.deps |= module.bit
                out |= _decorated_at(infer, module.scope_at(line), line, scope)
            at = module.raw.find(word, at + len(word))
    return out


def _decorated_at(infer: "Infer", place: Scope, line: int, scope: Scope) -> Values:
    place.bindings  # noqa: B018
    for node, child in place.children.items():
        if not isinstance(node, FunctionNode):
            continue
        for number, decorator in enumerate(node.decorator_list):
            if decorator.lineno <= line <= (decorator.end_lineno or decorator.lineno):
                frame = infer.frame_of(place)
                values = infer.values(decorator, frame, place.positions.get(node))
                if any(isinstance(v, Func) and v.scope is scope for v in values):
                    below = node.decorator_list[number + 1 :]
                    return _under(infer, child, below, frame)
    return EMPTY


def callers(infer: "Infer", scope: Scope) -> list[tuple[ast.Call, Scope]] | None:
    """The calls of a function (of the class, for `__init__`) in judged modules; None for too many."""
    names = [scope.name]
    owner = scope.owner
    if scope.name == "__init__" and owner is not None:
        names = [owner.name, *(c.name for c in infer.class_of(owner).descendants(infer))]
    for name in names:
        infer.deps |= infer.project.query_bit(f"{name}(")
    if "callers" not in scope.cache:
        scope.cache["callers"] = []  # a question asked on the way to its own answer finds nothing
        scope.cache["callers"] = _callers(infer, scope, names)
    found: list[tuple[ast.Call, Scope]] | None = scope.cache["callers"]
    for _, caller in found or ():
        infer.deps |= caller.module.bit
    return found


def _callers(infer: "Infer", scope: Scope, names: list[str]) -> list[tuple[ast.Call, Scope]] | None:
    out: list[tuple[ast.Call, Scope]] = []
    for name in names:
        sites = named_calls(infer, name)
        if sites is None:
            return None
        for site, caller in sites:
            if _reaches(infer, site, caller, scope, name):
                out.append((site, caller))
    if scope.name == "__init__" and scope.owner is not None:
        for cls in infer.class_of(scope.owner).descendants(infer):  # super().__init__(...) of subclasses
            for binding in cls.members("__init__"):
                inner = cls.scope.children.get(binding.node)
                if inner is None:
                    continue
                out += [
                    (site, inner)
                    for site in inner.calls
                    if last_name(site.func) == "__init__" and _reaches(infer, site, inner, scope, "__init__")
                ]
    return out


def named_calls(infer: "Infer", name: str) -> list[tuple[ast.Call, Scope]] | None:
    """Every call in judged modules whose callee ends in `name`; None when there are too many to follow."""
    table = infer.named_calls
    if name in table:
        return table[name]
    table[name] = found = _find_calls(infer, name)
    return found


def _find_calls(infer: "Infer", name: str) -> list[tuple[ast.Call, Scope]] | None:
    out: list[tuple[ast.Call, Scope]] = []
    seen: set[Scope] = set()
    for module in infer.project.mentions(name.encode()):
        matches = module.called_at(name.encode())
        if len(matches) > 8 * MAX_CALLERS:
            return None
        for offset in matches:
            scope = module.scope_at(module.line_at(offset))
            if scope in seen:
                continue
            seen.add(scope)
            out += [(site, scope) for site in scope.calls if last_name(site.func) == name]
        if len(out) > MAX_CALLERS:
            return None
    return out


def _reaches(infer: "Infer", site: ast.Call, caller: Scope, scope: Scope, name: str) -> bool:
    """Whether the call may run this function; an unresolved method of that name may."""
    owner = scope.owner
    values = infer.values(site.func, infer.frame_of(caller), caller.position_of(site))
    for value in values:
        match value:
            case Func(scope=target):
                if target is scope:
                    return True
            case ClassValue(cls=cls) if owner is not None and scope.name == "__init__":
                for base in cls.mro(infer):
                    if base.members("__init__"):
                        if base.scope is owner:
                            return True
                        break
            case Unknown():
                if scope.name != "__init__" or name == "__init__":
                    return isinstance(site.func, ast.Attribute) == (owner is not None)
    return False


# --- awaiting, entering, iterating


def awaited(infer: "Infer", values: Values) -> Values:
    """What `await` gives; things that are not awaitable raise and so give nothing."""
    out: Values = EMPTY
    for value in values:
        match value:
            case Coroutine(func=func, call=node, frame=frame):
                position = frame.scope.position_of(node) if frame is not None and node is not None else None
                out |= returned(infer, func, node, frame, position)
            case Instance(cls=cls, args=args):
                if args and cls.name in ("Coroutine", "CoroutineType", "Generator"):
                    out |= args[-1]
                elif args and cls.name in ("Task", "Future", "Awaitable"):
                    out |= args[0]
                elif awaitable(infer, value) is not False:
                    out |= _await_method(infer, value)
            case Unknown(origin=origin):
                out |= unknown(f"await {origin}") if origin else UNKNOWN
    return out


def _await_method(infer: "Infer", value: Instance) -> Values:
    out: Values = EMPTY
    for method in attributes.read(infer, value, "__await__"):
        definition = method.scope.node if isinstance(method, Func) else None
        if (
            isinstance(method, Func)
            and isinstance(definition, FunctionNode)
            and definition.returns is not None
        ):
            for made in _declared(infer, method, None, None, None):
                out |= made.args[-1] if isinstance(made, Instance) and made.args else UNKNOWN
        else:
            out |= UNKNOWN
    return _by_argument(value, out or UNKNOWN)


def _by_argument(value: Instance, found: Values) -> Values:
    """Bundled facts lose type variables; what such a manager gives is what it is subscripted with."""
    if value.cls.module.kind == "bundled" and value.args and not known(found):
        return value.args[0]
    return found


def awaitable(infer: "Infer", value: Value) -> bool | None:
    """Whether `await value` works: True, False, or None when that can't be told."""
    match value:
        case Unknown() | CallableOf():
            return None
        case Coroutine():
            return True
        case Instance(cls=cls):
            mro = cls.mro(infer)
            if any(base.members("__await__") for base in mro):
                return True
            if cls.open_origin is not None:
                return None
            if cls.is_protocol and not value.exact and cls.name not in _NEVER_AWAITABLE:
                return None
            if not value.exact and any(c.members("__await__") for c in cls.descendants(infer)):
                return None
            return False if cls.full_name != "builtins.object" else None
        case GeneratorOf():
            return False
        case Func() | ClassValue() | Nothing() | TupleOf():
            return False
    return False


_NEVER_AWAITABLE = {
    "Mapping", "MutableMapping", "Sequence", "MutableSequence", "Set", "MutableSet", "AbstractSet",
    "Iterator", "AsyncIterator", "AsyncGenerator", "AsyncIterable", "KeysView", "ValuesView", "ItemsView",
    "MappingView", "dict_keys", "dict_values", "dict_items", "Match", "Pattern", "TextIO", "IO", "BinaryIO",
    "Sized", "Collection", "OrderedDict", "Counter", "ChainMap", "Reversible",
}  # fmt: skip


def entered(infer: "Infer", managers: Values, *, is_async: bool) -> Values:
    """What `with ... as x` or `async with ... as x` binds."""
    out: Values = EMPTY
    for value in managers:
        match value:
            case GeneratorOf(func=func, manager=manager) if manager:
                out |= yielded(infer, func)
            case Instance():
                entered_ = EMPTY
                for method in attributes.read(infer, value, "__aenter__" if is_async else "__enter__"):
                    if isinstance(method, Func):
                        result = call(infer, method, None, None, None)
                        entered_ |= awaited(infer, result) if is_async else result
                    else:
                        entered_ |= UNKNOWN
                out |= _by_argument(value, entered_)
            case Unknown(origin=origin):
                out |= unknown(f"with {origin}") if origin else UNKNOWN
            case _:
                out |= UNKNOWN
    return out


def yielded(infer: "Infer", func: Func) -> Values:
    """What a generator yields."""
    scope = func.scope
    definition = scope.node
    assert isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef))
    if scope.module.is_stub:
        made = _declared(infer, func, None, None, None)
        return frozenset().union(
            *(v.args[0] if isinstance(v, Instance) and v.args else UNKNOWN for v in made)
        )
    frame = receiver_frame(infer, scope, func.bound) if func.bound is not None else infer.frame_of(scope)
    return infer.fixpoint_in(frame, "yields", lambda: _yields(infer, frame))


def _yields(infer: "Infer", frame: Frame) -> Values:
    scope = frame.scope
    scope.index()
    out: Values = EMPTY
    for node in scope.yields:
        if isinstance(node, ast.YieldFrom):
            out |= infer.elements(infer.values(node.value, frame, scope.position_of(node)), is_async=False)
        elif node.value is not None:
            out |= infer.values(node.value, frame, scope.position_of(node))
        else:
            out |= NOTHING
    return out


def generator_instance(infer: "Infer", element: Values) -> Values:
    """A generator expression: iterable, not awaitable."""
    types = infer.project.standard("typing")
    if types is None:
        return UNKNOWN
    out: Values = EMPTY
    for value in infer.module_member(types, "Iterator"):
        if isinstance(value, ClassValue):
            out |= {Instance(value.cls, (element,))}
    return out or UNKNOWN


def iterated(infer: "Infer", value: Instance, *, is_async: bool) -> Values:
    """What iterating an object gives, by its `__iter__` or `__aiter__`."""
    if value.args and value.cls.name in (
        "Iterator",
        "Iterable",
        "Sequence",
        "Generator",
        "AsyncIterator",
        "AsyncGenerator",
        "deque",
    ):
        return value.args[0]
    out: Values = EMPTY
    for method in attributes.read(infer, value, "__aiter__" if is_async else "__iter__"):
        if not isinstance(method, Func):
            out |= UNKNOWN
            continue
        for iterator in call(infer, method, None, None, None):
            match iterator:
                case GeneratorOf(func=func):
                    out |= yielded(infer, func)
                case Instance(args=args) if args:
                    out |= args[0]
                case Instance():
                    for step in attributes.read(infer, iterator, "__anext__" if is_async else "__next__"):
                        if isinstance(step, Func):
                            made = call(infer, step, None, None, None)
                            out |= awaited(infer, made) if is_async else made
                        else:
                            out |= UNKNOWN
                case _:
                    out |= UNKNOWN
    return out or UNKNOWN


def class_named(infer: "Infer", module: str, name: str) -> Class | None:
    found = infer.project.standard(module)
    if found is not None:
        for value in infer.module_member(found, name):
            if isinstance(value, ClassValue):
                return value.cls
    return None
