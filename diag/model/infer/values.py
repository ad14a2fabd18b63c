"""What an expression can be: a small set of abstract values.

A set of values is a `frozenset`: empty means *never happens* (the expression raises, or is not reached), and
a set that holds an `Unknown` proves nothing. `Unknown.origin` is the symbolic name of what could not be seen
(`redis.asyncio.Redis().get`): equal origins are the same thing, which is what self-contradiction rests on.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diag.model.infer.classes import Class
    from diag.model.infer.fixpoint import Cell
    from diag.model.syntax.module import Module
    from diag.model.syntax.scope import Position, Scope

Values = frozenset["Value"]
Memo = tuple[frozenset[Any], int, bool]  # values, dependencies, whether they depend on a parameter
Memos = dict[object, "Memo | Cell"]  # a Cell while the value is being made


class Frame:
    """A scope together with what its parameters and free names are in one call of it.

    `args` maps parameters to the argument expression and where it stands; None means *any* call.
    """

    __slots__ = (
        "_inner", "_text", "anywhere", "args", "base", "depth", "extra", "memo", "names", "outer", "overlay",
        "receiver", "scope",
    )  # fmt: skip

    def __init__(
        self,
        scope: "Scope",
        outer: "Frame | None" = None,
        args: "dict[str, Argument] | None" = None,
        receiver: "Value | None" = None,
        overlay: "dict[str, Values] | None" = None,
        depth: int = 0,
    ) -> None:
        self.scope = scope
        self.outer = outer
        self.args = args
        self.receiver = receiver
        self.overlay = overlay  # the names that comprehensions bind
        self.depth = depth  # calls followed with their arguments to get here
        self.base: Frame = self  # the same frame without them
        self._inner: dict[tuple[tuple[str, Values], ...], Frame] = {}
        self._text = ""
        self.memo: Memos = {}  # by expression, where it stands
        self.anywhere: Memos = {}  # by expression, for no place in particular
        self.names: Memos = {}  # by name, for names that are the same wherever they are read
        self.extra: Memos = {}  # by what is asked of the frame as a whole

    def overlaid(self, overlay: "dict[str, Values]") -> "Frame":
        """The frame inside a comprehension or lambda that binds these names."""
        base = self.base
        key = tuple(sorted(overlay.items()))
        found = base._inner.get(key)
        if found is None:
            found = Frame(base.scope, base.outer, base.args, base.receiver, overlay, base.depth)
            found.base = base
            base._inner[key] = found
        return found

    @property
    def is_default(self) -> bool:
        """It stands for any call of its scope."""
        return self.args is None and self.receiver is None and self.overlay is None and not self.depth

    def __str__(self) -> str:
        """The same in every run."""
        if not self._text:
            args = "".join(f",{n}={described(a)}" for n, a in (self.args or {}).items())
            names = "".join(f",{n}:{described(v)}" for n, v in (self.overlay or {}).items())
            outer = f"<{self.outer}" if self.outer is not None and self.outer.args is not None else ""
            receiver = f",{described(self.receiver)}" if self.receiver is not None else ""
            self._text = f"{described(self.scope)}{args}{names}{receiver}{outer}"
        return self._text


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
    """An object of `cls`; when not `exact`, of it or of a subclass. `args` are its type arguments.

    When `declared`, an annotation of the project says so and nothing was seen to arrive there: what takes
    part in the calls may be an object of any class.
    """

    cls: "Class"
    args: tuple[Values, ...] = ()
    exact: bool = True
    declared: bool = False


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


def as_declared(values: Values) -> Values:
    """The values as no more than an annotation says."""
    return frozenset().union(*map(_declared, values))


def _declared(value: "Value") -> Values:
    match value:
        case Instance(cls=cls, args=args, exact=exact):
            return frozenset({Instance(cls, tuple(map(as_declared, args)), exact, declared=True)})
        case TupleOf(items=items):
            return frozenset({TupleOf(tuple(map(as_declared, items)))})
        case CallableOf(returns=returns):
            return frozenset({CallableOf(as_result(as_declared(returns)))})
        case ClassValue():
            return frozenset({value, Unknown()})
    return frozenset({value})


def as_result(values: Values) -> Values:
    """What a call gives that was declared to: the call of another function may give something to await."""
    objects = frozenset(
        v for v in values if isinstance(v, (Instance, Coroutine, GeneratorOf, Unknown, CallableOf))
    )
    return as_declared(objects) if objects == values else as_declared(objects) | UNKNOWN


def unknown(origin: str) -> Values:
    """An unknown with a name; names that grow without end are dropped."""
    return frozenset({Unknown(origin)}) if len(origin) < 200 else UNKNOWN


def ordered(values: Values) -> list["Value"]:
    """The values in an order that is the same in every run."""
    if len(values) < 2:
        return list(values)
    if len(values) == 2:  # very often, and of different kinds
        one, other = values
        left, right = _RANKS.get(type(one), 9), _RANKS.get(type(other), 9)
        if left != right:
            return [one, other] if left < right else [other, one]
    return sorted(values, key=described)


# as described() has it
_RANKS: dict[type, int] = {Func: 1, Coroutine: 2, Instance: 3, ClassValue: 4, Unknown: 8}


def described(thing: object) -> str:
    """A text that tells values, frames and places apart, the same in every run."""
    match thing:
        case Func(scope=scope, closure=closure, bound=bound):
            inner = f"<{closure}" if closure is not None and closure.args is not None else ""
            return f"1 {scope.sort_key} {described(bound) if bound is not None else ''}{inner}"
        case Coroutine(func=func):
            return f"2 {described(func)}"
        case Instance(cls=cls, args=args, exact=exact, declared=declared):
            return f"3 {cls.scope.sort_key} {exact}{declared}{described(args) if args else ''}"
        case ClassValue(cls=cls, args=args):
            return f"4 {cls.scope.sort_key}{described(args) if args else ''}"
        case Unknown(origin=origin):
            return f"8 {origin}"
        case ModuleValue(module=module):
            return f"9 Module {module.scope.sort_key}"
        case TupleOf(items=items):
            return f"9 Tuple{described(items)}"
        case GeneratorOf(func=func, manager=manager):
            return f"9 Generator {described(func)} {manager}"
        case Partial(target=parts) | CallableOf(returns=parts):
            return f"9 {type(thing).__name__}{described(parts)}"
        case SuperOf(cls=cls, receiver=receiver):
            return f"9 Super {cls.scope.sort_key} {described(receiver)}"
        case frozenset():
            return "{" + ",".join(sorted(map(described, thing))) + "}"
        case tuple():
            return "".join(f"[{described(part)}]" for part in thing)
        case Frame() | str() | int() | None:
            return str(thing)
        case Argument(node=node, frame=frame, values=values):
            return f"{described(node)} {frame} {described(values)}"
        case ast.AST():
            line, column = getattr(thing, "lineno", 0), getattr(thing, "col_offset", 0)
            return f"{line:06} {column:04} {type(thing).__name__}"
    key = getattr(thing, "sort_key", None)  # a scope
    return key if isinstance(key, str) else type(thing).__name__


def known(values: Values) -> bool:
    for value in values:  # a loop, since this is asked very often
        if type(value) is Unknown:
            return False
    return bool(values)


def nesting(value: Value) -> int:
    """How deep values stand in the type arguments of others, those of a method's receiver included."""
    match value:
        case Instance(args=parts) | ClassValue(args=parts) | TupleOf(items=parts):
            return 1 + max((nesting(v) for part in parts for v in part), default=0) if parts else 0
        case Func(bound=bound) | Coroutine(func=Func(bound=bound)) | GeneratorOf(func=Func(bound=bound)):
            return nesting(bound) if bound is not None else 0
        case Partial(target=part) | CallableOf(returns=part):
            return 1 + max((nesting(v) for v in part), default=0)
        case SuperOf(receiver=receiver):
            return nesting(receiver)
    return 0


def real(values: Values) -> Values:
    """The values without `None`, which stands for *not set yet* in names and attributes."""
    return frozenset(v for v in values if not isinstance(v, Nothing))


def origins(values: Values) -> Iterator[str]:
    for value in ordered(values):
        if isinstance(value, Unknown) and value.origin:
            yield value.origin


def reached(callee_values: Values) -> Value | None:
    """One callee to name in a message: the first by name, so that the choice is stable."""
    return next((v for v in ordered(callee_values) if isinstance(v, (Func, ClassValue))), None)


MAX_VALUES = 12
MAX_NESTING = 8
_FLAT = (Unknown, Nothing, ModuleValue)


def bounded(values: Values) -> Values:
    """The values, unless they are too many or too deep to be kept: then nothing is known."""
    if len(values) > MAX_VALUES:
        return UNKNOWN if isinstance(next(iter(values)), Value) else values
    for value in values:
        if isinstance(value, Instance):
            if not value.args:  # nearly all are
                continue
        elif isinstance(value, _FLAT):
            continue
        if nesting(value) > MAX_NESTING:
            return frozenset(Unknown() if nesting(v) > MAX_NESTING else v for v in values)
    return values
