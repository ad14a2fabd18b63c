"""What becomes of a callback: does its receiver call it and never await the result, or does it await it?

A parameter is followed to everything that is done with it: calls, attributes it is stored in, lists and
dicts it is put into, loops over those, functions it is handed on to. One use that can't be followed, a result
that somebody keeps, or a question about the callback's colour, and nothing is said.
"""

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from diag.model.flow.arguments import argument_use
from diag.model.flow.uses import MISUSES, Use, use_of
from diag.model.flow.value_flow import Depth, LostError, ValueFlow, receives
from diag.model.infer.classes import Class
from diag.model.infer.values import Func, Instance, Value
from diag.model.syntax.scope import Scope, last_name

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

Verdict = Literal["called", "awaited"]
Place = tuple[Scope, ast.Call]

# Callee -> index and name of the parameter that it calls and never awaits.
# Source: the standard library's documentation.
PLAIN_CALLERS: dict[str, tuple[int, str]] = {
    "asyncio.events.AbstractEventLoop.call_soon": (0, "callback"),
    "asyncio.events.AbstractEventLoop.call_soon_threadsafe": (0, "callback"),
    "asyncio.events.AbstractEventLoop.call_later": (1, "callback"),
    "asyncio.events.AbstractEventLoop.call_at": (1, "callback"),
    "asyncio.events.AbstractEventLoop.add_signal_handler": (1, "callback"),
    "asyncio.events.AbstractEventLoop.add_reader": (1, "callback"),
    "asyncio.events.AbstractEventLoop.add_writer": (1, "callback"),
    "asyncio.events.AbstractEventLoop.run_in_executor": (1, "func"),
    "asyncio.threads.to_thread": (0, "func"),
    "_asyncio.Future.add_done_callback": (0, "fn"),
    "_asyncio.Task.add_done_callback": (0, "fn"),
    "concurrent.futures._base.Future.add_done_callback": (0, "fn"),
    "concurrent.futures._base.Executor.submit": (0, "fn"),
    "concurrent.futures.thread.ThreadPoolExecutor.submit": (0, "fn"),
    "signal.signal": (1, "handler"),
    "atexit.register": (0, "func"),
    "threading.Thread": (1, "target"),
    "threading.Timer": (1, "function"),
    "builtins.filter": (0, ""),
    "builtins.sorted": (9, "key"),
    "builtins.min": (9, "key"),
    "builtins.max": (9, "key"),
    "builtins.list.sort": (9, "key"),
}
HAND_BACK = ("to_thread", "run_in_executor", "submit")  # these give their caller what it returned


@dataclass(frozen=True, slots=True)
class Fate:
    """What certainly happens to a callback, and the calls of it that say so."""

    verdict: Verdict
    places: tuple[Place, ...]


def fate(infer: "Infer", callee: Value, call: ast.Call, argument: ast.expr) -> Fate | None:
    """What `callee` does with an argument of `call`; None when that is not certain."""
    found = receives(infer, callee, call, argument)
    return _fate(infer, *found, decorates=False) if found is not None else None


def fate_as_attribute(infer: "Infer", holder: Value, name: str) -> Fate | None:
    """What an object does with a callback that is stored in its attribute."""
    if not isinstance(holder, Instance) or holder.cls.module.is_stub:
        return None
    return _fate(infer, holder.cls, name, decorates=False)


def fate_under(infer: "Infer", decorator: Value) -> Fate | None:
    """What a decorator does with the function that it stands over, besides handing it back."""
    if not isinstance(decorator, Func) or decorator.scope.is_async or decorator.scope.is_generator:
        return None
    scope = decorator.scope
    names = [a.arg for a in (*scope.arguments.posonlyargs, *scope.arguments.args)]
    if decorator.bound is not None and scope.owner is not None:
        names = names[1:]
    return _fate(infer, scope, names[0], decorates=True) if names else None


def _fate(infer: "Infer", home: Scope | Class, name: str, *, decorates: bool) -> Fate | None:
    cache = (home.scope if isinstance(home, Class) else home).cache
    key = ("fate", name, decorates)
    known = cache.get(key)
    if known is None:
        outer, infer.deps = infer.deps, 0
        flow = _Callback(infer, home if decorates and isinstance(home, Scope) else None)
        known = cache[key] = (flow.fate(home, name), infer.deps)
        infer.deps = outer
    infer.deps |= known[1]
    found: Fate | None = known[0]
    return found


def argument_at(call: ast.Call, index: int, name: str) -> ast.expr | None:
    if index < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args[: index + 1]):
        return call.args[index]
    return next((k.value for k in call.keywords if k.arg == name and name), None)


class _Callback(ValueFlow):
    """The search for what happens to one callback."""

    def __init__(self, infer: "Infer", decorator: Scope | None) -> None:
        super().__init__(infer)
        self.decorator = decorator  # it may hand the callback back
        self.certain: dict[Verdict, list[Place]] = {}
        self.possible: set[Verdict] = set()  # by what may be another object with an attribute of that name
        self.promised = False  # an annotation says that the callback gives an awaitable

    def fate(self, home: Scope | Class, name: str) -> Fate | None:
        try:
            if isinstance(home, Class):
                self.attribute(home, name, ())
            else:
                self.parameter(home, name, ())
        except LostError:
            return None
        if len(self.certain) != 1 or not self.possible <= self.certain.keys():
            return None
        ((verdict, places),) = self.certain.items()
        return None if self.promised and verdict == "called" else Fate(verdict, tuple(places))

    def note_annotation(self, annotation: ast.expr | None, scope: Scope) -> None:
        if annotation is not None:
            text = scope.module.source_of(annotation)
            self.promised |= "Awaitable" in text or "Coroutine" in text

    def itself(self, use: Use, scope: Scope) -> bool:
        if use.kind == "call" and isinstance(use.node, ast.Call):
            self.called(use.node, scope)
            return True
        return False

    def returned(self, scope: Scope, depth: Depth) -> None:
        if scope is self.decorator and not depth:
            return
        super().returned(scope, depth)

    def given(self, name: str, call: ast.Call, given: ast.expr, scope: Scope) -> bool:
        if name not in PLAIN_CALLERS:
            return False
        if argument_at(call, *PLAIN_CALLERS[name]) is not given or name.endswith(HAND_BACK):
            raise LostError
        self.note("called", scope, call)
        return True

    def called(self, call: ast.Call, scope: Scope) -> None:
        use = use_of(call, scope)
        if use.kind == "await":
            if expects_type_error(scope, call):
                raise LostError
            self.note("awaited", scope, call)
            return
        if use.kind == "assign":
            loads = [load for binding in self.bound(use.node, scope) for load in self.loads(binding)]
            uses = [(use_of(load, place), place) for load, place in loads]
            if isinstance(use.node, ast.NamedExpr):
                uses.append((use_of(use.node, scope), scope))
            if not all(self.as_value(each, place) for each, place in uses):
                raise LostError
        elif not self.as_value(use, scope):
            raise LostError
        self.note("called", scope, call)

    def as_value(self, use: Use, scope: Scope) -> bool:
        """What the callback gave is dropped, or used as something that no coroutine is."""
        if use.kind == "argument":
            return argument_use(self.infer, use, scope) in {*MISUSES, "argument"}
        if use.kind in ("with", "iteration"):
            stmt = scope.statement_of(use.child)
            return isinstance(stmt, (ast.With, ast.For)) and not isinstance(use.node, ast.comprehension)
        return use.kind == "statement" or (use.kind in MISUSES and not isinstance(use.node, ast.Match))

    def note(self, verdict: Verdict, scope: Scope, call: ast.Call) -> None:
        if self.sure:
            self.certain.setdefault(verdict, []).append((scope, call))
        else:
            self.possible.add(verdict)


def expects_type_error(scope: Scope, node: ast.expr) -> bool:
    """The code around an await catches what a plain function's result raises there: it tries both colours."""
    position = scope.position_of(node)
    for stmt, arm in position.path if position is not None else ():
        if isinstance(stmt, (ast.Try, ast.TryStar)) and arm == "body":
            caught = [node for handler in stmt.handlers if handler.type for node in ast.walk(handler.type)]
            if any(isinstance(node, ast.expr) and last_name(node) == "TypeError" for node in caught):
                return True
    return False
