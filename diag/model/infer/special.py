"""Functions whose result depends on their arguments in a way that no annotation tells."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from diag.model.infer import awaiting, calls, ccxt
from diag.model.infer.values import (
    EMPTY,
    UNKNOWN,
    ClassValue,
    Frame,
    Func,
    Instance,
    ModuleValue,
    Partial,
    SuperOf,
    Unknown,
    Values,
    as_declared,
    known,
    ordered,
)
from diag.model.syntax.scope import Position

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the special functions see it: what is called, from where, in which frame."""

    func: Func | None
    node: ast.Call
    frame: Frame
    position: Position | None

    def argument(self, infer: "Infer", index: int, name: str = "") -> Values:
        """The values of a positional or keyword argument; EMPTY when it is not given."""
        if index < len(self.node.args) and not any(
            isinstance(a, ast.Starred) for a in self.node.args[: index + 1]
        ):
            return infer.values(self.node.args[index], self.frame, self.position)
        for keyword in self.node.keywords:
            if keyword.arg == name and name:
                return infer.values(keyword.value, self.frame, self.position)
        return EMPTY


Handler = Callable[["Infer", Call], Values]


def _instance(infer: "Infer", module: str, name: str, *args: Values) -> Values:
    found = infer.project.standard(module)
    for value in ordered(infer.module_member(found, name)) if found is not None else ():
        if isinstance(value, ClassValue):
            return frozenset({Instance(value.cls, args)})
    return UNKNOWN


def _task(infer: "Infer", call: Call) -> Values:
    result = awaiting.awaited(infer, call.argument(infer, 0, "coro")) or UNKNOWN
    return _instance(infer, "asyncio", "Task", result)


def _future_of(infer: "Infer", call: Call) -> Values:
    result = awaiting.awaited(infer, call.argument(infer, 0, "coro_or_future")) or UNKNOWN
    return _instance(infer, "asyncio", "Future", result)


def _gather(infer: "Infer", call: Call) -> Values:
    return _instance(infer, "asyncio", "Future", infer.plain("list"))


def _awaits_first(infer: "Infer", call: Call) -> Values:
    """A coroutine that gives what its first argument gives when awaited."""
    result = awaiting.awaited(infer, call.argument(infer, 0, "fut")) or UNKNOWN
    return _instance(infer, "typing", "Coroutine", UNKNOWN, UNKNOWN, result)


def _runs_first(infer: "Infer", call: Call) -> Values:
    """`asyncio.run(coro)`, `loop.run_until_complete(coro)`."""
    return awaiting.awaited(infer, call.argument(infer, 0, "main")) or UNKNOWN


def _to_thread(infer: "Infer", call: Call) -> Values:
    result = _called(infer, call, 0)
    return _instance(infer, "typing", "Coroutine", UNKNOWN, UNKNOWN, result)


def _run_in_executor(infer: "Infer", call: Call) -> Values:
    return _instance(infer, "asyncio", "Future", _called(infer, call, 1))


def _called(infer: "Infer", call: Call, index: int) -> Values:
    out: Values = EMPTY
    for value in ordered(call.argument(infer, index, "func")):
        out |= calls.call(infer, value, None, None, None)
    return out or UNKNOWN


def _partial(infer: "Infer", call: Call) -> Values:
    return frozenset({Partial(call.argument(infer, 0))})


def _same(infer: "Infer", call: Call) -> Values:
    return call.argument(infer, 0, "x") or UNKNOWN


def _identity_decorator(infer: "Infer", call: Call) -> Values:
    """`functools.wraps(f)` and its kind: a decorator that hands its function back."""
    return frozenset({_identity(infer)})


def _identity(infer: "Infer") -> Func:
    from diag.model.syntax.scope import Scope

    if infer.identity is None:
        node = ast.parse("lambda value: value", mode="eval").body
        assert isinstance(node, ast.Lambda)
        builtins = infer.builtins
        scope = Scope("lambda", node, "<lambda>", builtins, builtins.scope)
        infer.identity = Func(scope, infer.frame_of(builtins.scope))
    return infer.identity


def _super(infer: "Infer", call: Call) -> Values:
    scope = call.frame.scope
    frame: Frame | None = call.frame
    while frame is not None and scope.owner is None:
        frame = frame.outer
        if frame is None or scope.parent is None:
            return UNKNOWN
        scope = scope.parent
        frame = frame if frame.scope is scope else infer.frame_of(scope)
    owner = scope.owner
    if owner is None or frame is None:
        return UNKNOWN
    from diag.model.infer.classes import first_parameter

    receiver = first_parameter(scope)
    if receiver is None:
        return UNKNOWN
    out: Values = EMPTY
    for value in infer.name(receiver, frame, None):
        out |= {SuperOf(infer.class_of(owner), value)}
    return out


def _getattr(infer: "Infer", call: Call) -> Values:
    from diag.model.infer.attributes import read_all

    if (
        len(call.node.args) >= 2
        and isinstance(name := call.node.args[1], ast.Constant)
        and isinstance(name.value, str)
    ):
        found = read_all(infer, call.argument(infer, 0), name.value)
        return found | call.argument(infer, 2) if len(call.node.args) > 2 else found
    modules = [v.module for v in call.argument(infer, 0) if isinstance(v, ModuleValue)]
    return ccxt.chosen_class(infer, modules[0]) or UNKNOWN if len(modules) == 1 else UNKNOWN


def _type(infer: "Infer", call: Call) -> Values:
    if len(call.node.args) != 1:
        return UNKNOWN
    out: Values = EMPTY
    for value in call.argument(infer, 0):
        out |= {ClassValue(value.cls)} if isinstance(value, Instance) else UNKNOWN
    return out


def _cast(infer: "Infer", call: Call) -> Values:
    from diag.model.infer.annotations import evaluate

    declared = evaluate(infer, call.node.args[0], call.frame) if call.node.args else UNKNOWN
    return as_declared(declared) if known(declared) else call.argument(infer, 1) or UNKNOWN


def _collect(name: str) -> Handler:
    def handler(infer: "Infer", call: Call) -> Values:
        given = call.argument(infer, 0)
        return infer.plain(name, infer.elements(given, is_async=False) or UNKNOWN)

    return handler


def _dict(infer: "Infer", call: Call) -> Values:
    """`dict(mapping, a=1)`: what it copies and what it is given by keyword."""
    from diag.model.infer.containers import items_of

    if not call.node.args and not call.node.keywords:
        return infer.plain("dict", UNKNOWN, UNKNOWN)
    out: Values = EMPTY
    for argument in call.node.args:
        out |= items_of(infer, infer.values(argument, call.frame, call.position))
    for keyword in call.node.keywords:
        found = infer.values(keyword.value, call.frame, call.position)
        out |= infer.item(found) if keyword.arg else items_of(infer, found)
    return infer.plain("dict", UNKNOWN, out or UNKNOWN)


def _sum(infer: "Infer", call: Call) -> Values:
    """The items and the start are added, which may be lists as well as numbers."""
    items = infer.elements(call.argument(infer, 0), is_async=False)
    return (items | call.argument(infer, 1, "start")) or UNKNOWN


def _one_of(infer: "Infer", call: Call) -> Values:
    """`next(it)`, `max(items)`, `random.choice(items)`: an element, or the default."""
    if len(call.node.args) == 1 or (call.func is not None and call.func.scope.name in ("next", "choice")):
        found = infer.elements(call.argument(infer, 0), is_async=False)
        return found | call.argument(infer, 1, "default") or UNKNOWN
    return frozenset().union(*(call.argument(infer, n) for n in range(len(call.node.args))))


def _json(infer: "Infer", call: Call) -> Values:
    """JSON is objects and arrays of unknown content; the other kinds are awaitable just as little."""
    return infer.plain("dict", infer.plain("str"), UNKNOWN) | infer.plain("list", UNKNOWN)


def _of_sqlite(name: str) -> Handler:
    """A connection or cursor, unless the caller gives a class for it."""

    def handler(infer: "Infer", call: Call) -> Values:
        own = call.argument(infer, 5 if name == "Connection" else 0, "factory")
        return UNKNOWN if own else _instance(infer, "sqlite3", name)

    return handler


def _number(infer: "Infer", call: Call) -> Values:
    """Arithmetic of numbers gives numbers, whatever their class."""
    given = frozenset(replace(v, declared=False) for v in call.argument(infer, 0) if isinstance(v, Instance))
    return given or infer.plain("float")


def _anext(infer: "Infer", call: Call) -> Values:
    return frozenset({Unknown()})


_TASKS = (
    "asyncio.tasks.create_task",
    "asyncio.events.AbstractEventLoop.create_task",
    "asyncio.taskgroups.TaskGroup.create_task",
)

FUNCTIONS: dict[str, Handler] = {
    **dict.fromkeys(_TASKS, _task),
    "asyncio.tasks.ensure_future": _future_of,
    "asyncio.tasks.shield": _future_of,
    "asyncio.tasks.gather": _gather,
    "asyncio.tasks.wait_for": _awaits_first,
    "asyncio.threads.to_thread": _to_thread,
    "asyncio.events.AbstractEventLoop.run_in_executor": _run_in_executor,
    "asyncio.runners.run": _runs_first,
    "asyncio.runners.Runner.run": _runs_first,
    "asyncio.events.AbstractEventLoop.run_until_complete": _runs_first,
    "functools.wraps": _identity_decorator,
    "functools.update_wrapper": _same,
    "copy.copy": _same,
    "copy.deepcopy": _same,
    "typing.cast": _cast,
    "builtins.getattr": _getattr,
    "builtins.sorted": _collect("list"),
    "builtins.next": _one_of,
    "builtins.max": _one_of,
    "builtins.min": _one_of,
    "builtins.anext": _anext,
    "random.choice": _one_of,
    "_sqlite3.connect": _of_sqlite("Connection"),
    "sqlite3.Connection.cursor": _of_sqlite("Cursor"),
    "json.loads": _json,
    "json.load": _json,
    **dict.fromkeys(("math.floor", "math.ceil", "math.trunc"), lambda infer, call: infer.plain("int")),
    "builtins.sum": _sum,
    **dict.fromkeys(("builtins.round", "builtins.abs", "builtins.pow"), _number),
}

CLASSES: dict[str, Handler] = {
    "functools.partial": _partial,
    "functools.partialmethod": _partial,
    "builtins.super": _super,
    "builtins.staticmethod": _same,
    "builtins.type": _type,
    "builtins.list": _collect("list"),
    "builtins.set": _collect("set"),
    "builtins.frozenset": _collect("frozenset"),
    "builtins.dict": _dict,
}
