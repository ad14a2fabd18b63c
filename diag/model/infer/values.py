"""What an expression can be: a small set of abstract values.

A set of values is a `frozenset`: empty means *never happens* (the expression raises, or is not reached), and
a set that holds an `Unknown` proves nothing. `Unknown.origin` is the symbolic name of what could not be seen
(`redis.asyncio.Redis().get`): equal origins are the same thing, which is what self-contradiction rests on.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diag.model.infer.classes import Class
    from diag.model.infer.fixpoint import Open
    from diag.model.syntax.module import Module
    from diag.model.syntax.scope import Position, Scope

Values = frozenset["Value"]
Memo = tuple[Values, int, bool]  # values, dependencies, whether they depend on a parameter
Memos = dict[object, "Memo | Open"]  # an Open while the value is being made


class Frame:
    """A scope together with what its parameters and free names are in one call of it.

    `args` maps parameters to the argument expression and where it stands; None means *any* call.
    """

    __slots__ = ("args", "base", "extra", "memo", "names", "outer", "overlay", "receiver", "scope")

    def __init__(
        self,
        scope: "Scope",
        outer: "Frame | None" = None,
        args: "dict[str, Argument] | None" = None,
        receiver: "Value | None" = None,
        overlay: "dict[str, Values] | None" = None,
    ) -> None:
        self.scope = scope
        self.outer = outer
        self.args = args
        self.receiver = receiver
        self.overlay = overlay  # the names that comprehensions bind
        self.base: Frame = self  # the same frame without them
        self.memo: Memos = {}  # by expression
        self.names: Memos = {}  # by name, for names that are the same wherever they are read
        self.extra: Memos = {}  # by what is asked of the frame as a whole


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument expression in its caller; `values` instead where they are known already."""

    node: ast.expr | None
    frame: Frame | None
    position: "Position | None" = None
    values: Values | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything at all. `origin` is the dotted name outside the project that it came from, if any."""

    origin: str = ""


@dataclass(frozen=True, slots=True)
class Nothing:
    """The value `None`."""


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """A module as an object."""

    module: "Module"


@dataclass(frozen=True, slots=True)
class ClassValue:
    """A class as an object; `args` are its type arguments (`list[int]`)."""

    cls: "Class"
    args: tuple[Values, ...] = ()


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of `cls`; when not `exact`, of it or of a subclass. `args` are its type arguments."""

    cls: "Class"
    args: tuple[Values, ...] = ()
    exact: bool = True


@dataclass(frozen=True, slots=True)
class TupleOf:
    """A tuple of which each item is known by its place."""

    items: tuple[Values, ...]


@dataclass(frozen=True, slots=True)
class Func:
    """A function, or a method bound to `bound`; `closure` is the frame it was defined in."""

    scope: "Scope"
    closure: Frame | None = None
    bound: "Value | None" = None


@dataclass(frozen=True, slots=True)
class CallableOf:
    """Something callable of which only the return is known (`Callable[..., Awaitable[None]]`)."""

    returns: Values


@dataclass(frozen=True, slots=True)
class Partial:
    """What `functools.partial` makes of its target."""

    target: Values


@dataclass(frozen=True, slots=True)
class Coroutine:
    """What a call of an `async def` gives before it is awaited."""

    func: Func
    call: ast.Call | None = field(default=None, compare=False)
    frame: Frame | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class GeneratorOf:
    """What a call of a generator function gives: sync, async, or a context manager."""

    func: Func
    is_async: bool
    manager: str = ""  # "with" or "async with" when a contextlib decorator made a manager of it


@dataclass(frozen=True, slots=True)
class SuperOf:
    """`super()` in a method of `cls`, on `receiver`."""

    cls: "Class"
    receiver: "Value"


Value = (
    Unknown | Nothing | ModuleValue | ClassValue | Instance | TupleOf | Func | CallableOf | Partial
    | Coroutine | GeneratorOf | SuperOf
)  # fmt: skip

EMPTY: Values = frozenset()
UNKNOWN: Values = frozenset({Unknown()})
NOTHING: Values = frozenset({Nothing()})


def unknown(origin: str) -> Values:
    """An unknown with a name; names that grow without end are dropped."""
    return frozenset({Unknown(origin)}) if len(origin) < 200 else UNKNOWN


def ordered(values: Values) -> list["Value"]:
    """The values in an order that is the same in every run."""
    return sorted(values, key=_key) if len(values) > 1 else list(values)


def _key(value: "Value") -> str:
    match value:
        case Func(scope=scope, bound=bound):
            return f"1 {scope.full_name} {scope.first_line} {_key(bound) if bound is not None else ''}"
        case Coroutine(func=func):
            return f"2 {_key(func)}"
        case Instance(cls=cls, exact=exact):
            return f"3 {cls.full_name} {exact}"
        case ClassValue(cls=cls):
            return f"4 {cls.full_name}"
        case Unknown(origin=origin):
            return f"8 {origin}"
    return f"9 {type(value).__name__}"


def known(values: Values) -> bool:
    for value in values:  # a loop, since this is asked very often
        if isinstance(value, Unknown):
            return False
    return bool(values)


def nesting(value: Value) -> int:
    """How deep values stand in the type arguments of others, those of a method's receiver included."""
    match value:
        case Instance(args=parts) | TupleOf(items=parts):
            return 1 + max((nesting(v) for part in parts for v in part), default=0) if parts else 0
        case Func(bound=bound) | Coroutine(func=Func(bound=bound)) if bound is not None:
            return nesting(bound)
    return 0


def real(values: Values) -> Values:
    """The values without `None`, which stands for *not set yet* in names and attributes."""
    return frozenset(v for v in values if not isinstance(v, Nothing))


def origins(values: Values) -> Iterator[str]:
    for value in values:
        if isinstance(value, Unknown) and value.origin:
            yield value.origin


def reached(callee_values: Values) -> Value | None:
    """One callee to name in a message: the first by name, so that the choice is stable."""
    return next((v for v in ordered(callee_values) if isinstance(v, (Func, ClassValue))), None)
