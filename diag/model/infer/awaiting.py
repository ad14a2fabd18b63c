"""What awaiting, entering and iterating over a value give."""

import ast
from typing import TYPE_CHECKING

from diag.model.infer import attributes, calls
from diag.model.infer.values import (
    EMPTY,
    NOTHING,
    UNKNOWN,
    CallableOf,
    ClassValue,
    Coroutine,
    Frame,
    Func,
    GeneratorOf,
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
from diag.model.syntax.scope import FunctionNode

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer


def awaited(infer: "Infer", values: Values) -> Values:
    """What `await` gives; things that are not awaitable raise and so give nothing."""
    out: Values = EMPTY
    for value in ordered(values):
        match value:
            case Coroutine(func=func, call=node, frame=frame):
                position = frame.scope.position_of(node) if frame is not None and node is not None else None
                out |= calls.returned(infer, func, node, frame, position)
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


def coroutine_of(infer: "Infer", result: Values) -> Values:
    """A coroutine that gives `result`."""
    found = infer.project.standard("typing")
    for value in ordered(infer.module_member(found, "Coroutine")) if found is not None else ():
        if isinstance(value, ClassValue):
            return frozenset({Instance(value.cls, (UNKNOWN, UNKNOWN, result))})
    return UNKNOWN


def settled(infer: "Infer", values: Values) -> Values:
    """The values, un-awaited coroutines replaced by their results: one defect shall not hide the next."""
    for _ in range(3):
        bare = frozenset(v for v in values if isinstance(v, Coroutine))
        if not bare:
            break
        values = (values - bare) | awaited(infer, bare)
    return frozenset(v for v in values if not isinstance(v, Coroutine))


def _await_method(infer: "Infer", value: Instance) -> Values:
    out: Values = EMPTY
    for method in ordered(attributes.read(infer, value, "__await__")):
        definition = method.scope.node if isinstance(method, Func) else None
        if (
            isinstance(method, Func)
            and isinstance(definition, FunctionNode)
            and definition.returns is not None
        ):
            for made in calls.declared_returns(infer, method, None, None, None):
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
            if any(base.members("__await__") for base in cls.mro(infer)):
                return True
            if cls.is_open(infer):
                return None
            if value.declared:
                return None
            if cls.is_protocol and not value.exact and cls.name not in _NEVER_AWAITABLE:
                return None
            if not value.exact and any(c.members("__await__") for c in cls.heirs_with(infer, "__await__")):
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


def is_declared(value: Value) -> bool:
    """An `Awaitable[T]` of which nothing is known but the declaration."""
    return isinstance(value, Instance) and value.cls.full_name == "typing.Awaitable"


def entered(infer: "Infer", managers: Values, *, is_async: bool) -> Values:
    """What `with ... as x` or `async with ... as x` binds."""
    out: Values = EMPTY
    for value in ordered(managers):
        match value:
            case GeneratorOf(func=func, manager=manager) if manager:
                out |= yielded(infer, func)
            case Instance():
                entered_ = EMPTY
                for method in ordered(
                    attributes.read(infer, value, "__aenter__" if is_async else "__enter__")
                ):
                    if isinstance(method, Func):
                        result = calls.call(infer, method, None, None, None)
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
        made = calls.declared_returns(infer, func, None, None, None)
        return frozenset().union(
            *(v.args[0] if isinstance(v, Instance) and v.args else UNKNOWN for v in made)
        )
    frame = (
        calls.receiver_frame(infer, scope, func.bound) if func.bound is not None else infer.frame_of(scope)
    )
    return infer.of_frame(frame, "yields", _yields)


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
    for method in ordered(attributes.read(infer, value, "__aiter__" if is_async else "__iter__")):
        if not isinstance(method, Func):
            out |= UNKNOWN
            continue
        for iterator in ordered(calls.call(infer, method, None, None, None)):
            match iterator:
                case GeneratorOf(func=func):
                    out |= yielded(infer, func)
                case Instance(args=args) if args:
                    out |= args[0]
                case Instance():
                    for step in ordered(
                        attributes.read(infer, iterator, "__anext__" if is_async else "__next__")
                    ):
                        if isinstance(step, Func):
                            made = calls.call(infer, step, None, None, None)
                            out |= awaited(infer, made) if is_async else made
                        else:
                            out |= UNKNOWN
                case _:
                    out |= UNKNOWN
    return out or UNKNOWN


def never_awaitable(infer: "Infer", values: Values) -> bool:
    return bool(values) and all(awaitable(infer, v) is False for v in values)
