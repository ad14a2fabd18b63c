"""What becomes of a callback: does its taker call it and never await the result, or does it await it?

A parameter is followed to everything that is done with it: calls, attributes it is stored in, lists and
dicts it is put into, loops over those, functions it is handed on to. One use that can't be followed, a result
that somebody keeps, or a question about the callback's colour, and nothing is said.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from diag.model import attributes, reads
from diag.model.check import _GUARDS
from diag.model.classes import Class
from diag.model.parameters import match_arguments
from diag.model.scope import Binding, Scope, last_name
from diag.model.uses import MISUSES, Use, argument_use, nested, use_of
from diag.model.values import ClassValue, Func, Instance, Nothing, Unknown, Value, Values

if TYPE_CHECKING:
    from diag.model.infer import Infer

Verdict = Literal["called", "awaited"]
Place = tuple[Scope, ast.Call]

# How deep in containers a callback is, outermost first: the index in a tuple, or any element.
_Depth = tuple[int, ...]
_ANY = -1

MAX_STEPS = 300  # uses looked at for one callback

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

_INDIFFERENT = {"callable", "len", "print", "repr", "id", "hash", "bool", "str", "any", "all"}
_NAMING = {"__name__", "__qualname__", "__doc__", "__module__"}
_CONTAINERS = {
    "list", "set", "dict", "deque", "defaultdict", "OrderedDict", "WeakSet", "MutableMapping",
    "MutableSequence",
}  # fmt: skip
_LOGS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
_COPIES = {"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "dict"}
_PUTS = {"append", "add", "appendleft", "insert", "setdefault"}
_TAKES_OUT = {"get", "pop", "popleft", "setdefault"}
_KEEPS = {
    *_PUTS, "remove", "discard", "clear", "extend", "update", "index", "count", "keys", "reverse", "sort",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fate:
    """What certainly happens to a callback, and the calls of it that say so."""

    verdict: Verdict
    places: tuple[Place, ...]


def fate(infer: "Infer", taker: Value, call: ast.Call, argument: ast.expr) -> Fate | None:
    """What `taker` does with an argument of `call`; None when that is not certain."""
    found = _receives(infer, taker, call, argument)
    if found is None:
        return None
    home, name = found
    cache = (home.scope if isinstance(home, Class) else home).cache
    known = cache.get(("fate", name))
    if known is None:
        outer, infer.deps = infer.deps, 0
        trail = _Trail(infer)
        known = cache["fate", name] = (trail.fate(home, name), infer.deps)
        infer.deps = outer
    infer.deps |= known[1]
    return known[0]


def argument_at(call: ast.Call, index: int, name: str) -> ast.expr | None:
    if index < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args[: index + 1]):
        return call.args[index]
    return next((k.value for k in call.keywords if k.arg == name and name), None)


def name_of(value: Value) -> str:
    if isinstance(value, Func):
        return value.scope.full_name
    return value.cls.full_name if isinstance(value, ClassValue) else ""


def _receives(
    infer: "Infer", taker: Value, call: ast.Call, argument: ast.expr
) -> tuple[Scope | Class, str] | None:
    """The parameter (of a record: the field) that receives an argument."""
    if isinstance(taker, ClassValue):
        if taker.cls.module.is_stub:
            return None
        for base in taker.cls.mro(infer):
            if base.members("__init__"):
                inits = attributes.read(infer, Instance(taker.cls), "__init__")
                return _receives(infer, next(iter(inits)), call, argument) if len(inits) == 1 else None
        if "dataclass" in attributes.decorators(taker.cls.node):
            name = next((k.arg for k in call.keywords if k.value is argument), None)
            return (taker.cls, name) if name and taker.cls.members(name) else None
    if not isinstance(taker, Func) or taker.scope.module.is_stub:
        return None
    node = taker.scope.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    skip = 1 if taker.bound is not None and taker.scope.owner is not None else 0
    given = match_arguments(node.args, call, skip)
    return next(((taker.scope, name) for name, each in given.items() if each is argument), None)


class _LostError(Exception):
    """A use that can't be followed."""


class _Trail:
    """The search for what happens to one callback."""

    def __init__(self, infer: "Infer") -> None:
        self.infer = infer
        self.certain: dict[Verdict, list[Place]] = {}
        self.possible: set[Verdict] = set()  # by what may be another object with an attribute of that name
        self.sure = True
        self.promised = False  # an annotation says that the callback gives an awaitable
        self.steps = 0
        self.seen: set[tuple[object, ...]] = set()

    def fate(self, home: Scope | Class, name: str) -> Fate | None:
        try:
            if isinstance(home, Class):
                self.attribute(home, name, ())
            else:
                self.parameter(home, name, ())
        except _LostError:
            return None
        if len(self.certain) != 1 or not self.possible <= self.certain.keys():
            return None
        ((verdict, places),) = self.certain.items()
        return None if self.promised and verdict == "called" else Fate(verdict, tuple(places))

    def first_time(self, *key: object) -> bool:
        if (*key, self.sure) in self.seen:
            return False
        self.seen.add((*key, self.sure))
        return True

    def values(self, node: ast.expr, scope: Scope) -> Values:
        return self.infer.values(node, self.infer.frame_of(scope), scope.position_of(node))

    # --- names

    def parameter(self, scope: Scope, name: str, depth: _Depth) -> None:
        self.infer.deps |= scope.module.bit
        binding = next((b for b in scope.bindings.get(name, ()) if b.kind == "param"), None)
        if binding is None or scope.module.is_stub or _guarded(scope):
            raise _LostError
        self.note_annotation(binding.annotation, scope)
        self.name(binding, depth)

    def note_annotation(self, annotation: ast.expr | None, scope: Scope) -> None:
        if annotation is not None:
            text = scope.module.source_of(annotation)
            self.promised |= "Awaitable" in text or "Coroutine" in text

    def name(self, binding: Binding, depth: _Depth) -> None:
        """Every use of a name that this binding reaches, in nested functions too."""
        if not self.first_time(binding, depth):
            return
        for load, scope in self.loads(binding):
            self.use(load, scope, depth)

    def loads(self, binding: Binding) -> Iterator[tuple[ast.Name, Scope]]:
        scope, name = binding.scope, binding.name
        if scope.kind == "class" or (scope.kind == "module" and binding.kind != "for"):
            raise _LostError  # other modules can read it
        if name in scope.global_names or name in scope.nonlocal_names:
            raise _LostError
        for load in scope.loads.get(name, ()):
            if not _shadowed(load, scope) and binding in scope.reaching(name, scope.position_of(load)):
                yield load, scope
        for inner in nested(scope):
            if name in inner.loads and _sees(inner, scope, name):
                yield from ((load, inner) for load in inner.loads[name] if not _shadowed(load, inner))

    def bound(self, stmt: ast.AST, scope: Scope) -> list[Binding]:
        return [b for bindings in scope.bindings.values() for b in bindings if b.node is stmt]

    # --- uses of the callback, or of a container that holds it

    def use(self, node: ast.expr, scope: Scope, depth: _Depth) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise _LostError
        use = use_of(node, scope)
        match use.kind, use.node:
            case "comparison", ast.Match():
                raise _LostError
            case (("condition" | "comparison" | "f-string" | "statement"), _):
                pass
            case "call", ast.Call() as call if not depth:
                self.called(call, scope)
            case (("assign" | "unpack"), (ast.NamedExpr() | ast.Assign() | ast.AnnAssign()) as stmt):
                self.assigned(stmt, scope, depth)
            case "store", (ast.Assign(targets=[target]) | ast.AnnAssign(target=target)):
                self.store(target, scope, depth)
            case "kept", ast.Assign(targets=[ast.Subscript(value=container)]):
                self.put(container, scope, (_ANY, *depth))
            case "kept", ast.Attribute(attr=name) if name in _NAMING and not depth:
                pass
            case "element", parent:
                self.element(parent, use.child, scope, depth)
            case "unpack", ((ast.List() | ast.Tuple() | ast.Set()) as parent) if depth:  # [*callbacks]
                self.use(parent, scope, depth)
            case "arithmetic", ast.AugAssign(target=ast.Attribute() as target) if depth:
                self.store(target, scope, depth)
            case "arithmetic", ast.BinOp(op=ast.Add() | ast.BitOr()) as parent if depth:
                self.use(parent, scope, depth)
            case "argument", ast.Call() as call:
                self.handed_on(use, call, scope, depth)
            case "attribute", ast.Attribute() as parent if depth:
                self.method(parent, scope, depth)
            case "subscript", ast.Subscript(value=value) as parent if depth and value is use.child:
                self.subscript(parent, scope, depth)
            case "iteration", ast.For() as stmt if depth:
                for binding in self.bound(stmt, scope):
                    self.taken_out(binding, binding.unpack, depth[1:])
            case "iteration", ast.comprehension(is_async=0, target=target) as generator if depth:
                self.comprehension(generator, target, scope, depth[1:])
            case _:
                raise _LostError

    def taken_out(self, binding: Binding, unpack: tuple[int, ...], depth: _Depth) -> None:
        inner = _inside(depth, unpack)
        if inner is not None:
            self.name(binding, inner)

    def assigned(self, stmt: ast.NamedExpr | ast.Assign | ast.AnnAssign, scope: Scope, depth: _Depth) -> None:
        found = self.bound(stmt, scope)
        if not found:
            raise _LostError
        for binding in found:
            self.taken_out(binding, binding.unpack, depth)
        if isinstance(stmt, ast.NamedExpr):
            self.use(stmt, scope, depth)

    def element(self, parent: ast.AST, child: ast.AST, scope: Scope, depth: _Depth) -> None:
        match parent:
            case ast.List() | ast.Set():
                self.use(parent, scope, (_ANY, *depth))
            case ast.Tuple(elts=elements):
                starred = any(isinstance(e, ast.Starred) for e in elements)
                self.use(parent, scope, (_ANY if starred else elements.index(child), *depth))  # type: ignore[arg-type]
            case ast.Dict(keys=keys, values=values) if child in values:
                merged = keys[values.index(child)] is None
                self.use(parent, scope, depth if merged else (_ANY, *depth))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                self.use(parent, scope, (_ANY, *depth))
            case ast.DictComp(value=value) if value is child:
                self.use(parent, scope, (_ANY, *depth))
            case _:
                raise _LostError

    def comprehension(
        self, generator: ast.comprehension, target: ast.expr, scope: Scope, depth: _Depth
    ) -> None:
        if isinstance(target, ast.Tuple):
            for number, part in enumerate(target.elts):
                inner = _inside(depth, (number,))
                if inner is not None:
                    self.comprehension(generator, part, scope, inner)
            return
        if not isinstance(target, ast.Name):
            raise _LostError
        whole = scope.module.parents[generator]
        for load in scope.loads.get(target.id, ()):
            if _within(load, whole, scope):
                self.use(load, scope, depth)

    def method(self, node: ast.Attribute, scope: Scope, depth: _Depth) -> None:
        """A method of a container that holds the callback."""
        call = scope.module.parents.get(node)
        if not isinstance(call, ast.Call) or call.func is not node:
            raise _LostError
        if node.attr in ("values", "copy"):
            self.use(call, scope, depth)
        elif node.attr == "items":
            self.use(call, scope, (_ANY, 1, *depth[1:]))
        elif node.attr in _TAKES_OUT:
            self.use(call, scope, depth[1:])
        elif node.attr not in _KEEPS:
            raise _LostError

    def subscript(self, node: ast.Subscript, scope: Scope, depth: _Depth) -> None:
        if not isinstance(node.ctx, ast.Load):
            return  # another callback is put in, or one is deleted
        if isinstance(node.slice, ast.Slice):
            self.use(node, scope, depth)
            return
        index = node.slice.value if isinstance(node.slice, ast.Constant) else _ANY
        if depth[0] == _ANY or not isinstance(index, int) or index < 0 or index == depth[0]:
            self.use(node, scope, depth[1:])

    # --- calls of the callback

    def called(self, call: ast.Call, scope: Scope) -> None:
        use = use_of(call, scope)
        if use.kind == "await":
            if _expects_type_error(scope, call):
                raise _LostError
            self.note("awaited", scope, call)
            return
        if use.kind == "assign":
            loads = [load for binding in self.bound(use.node, scope) for load in self.loads(binding)]
            uses = [(use_of(load, place), place) for load, place in loads]
            if isinstance(use.node, ast.NamedExpr):
                uses.append((use_of(use.node, scope), scope))
            if not all(self.as_value(each, place) for each, place in uses):
                raise _LostError
        elif not self.as_value(use, scope):
            raise _LostError
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

    # --- handed on to other functions

    def handed_on(self, use: Use, call: ast.Call, scope: Scope, depth: _Depth) -> None:
        given = use.child.value if isinstance(use.child, ast.keyword) else use.child
        assert isinstance(given, ast.expr)
        values = self.values(call.func, scope)
        if isinstance(given, ast.Starred) or not values:
            raise _LostError
        for value in values:
            self.passed(value, call, given, scope, depth)

    def passed(self, value: Value, call: ast.Call, given: ast.expr, scope: Scope, depth: _Depth) -> None:
        name = name_of(value)
        home, _, last = name.rpartition(".")
        if home == "builtins" and (last in _INDIFFERENT or (last == "getattr" and _asks_name(call, given))):
            return
        if home.startswith("logging") and last in _LOGS:
            return
        if home == "builtins" and last in _COPIES and depth and call.args[:1] == [given]:
            self.use(call, scope, depth)
        elif home == "builtins" and last == "enumerate" and depth:
            self.use(call, scope, (_ANY, 1, *depth[1:]))
        elif name in PLAIN_CALLERS and not depth:
            if argument_at(call, *PLAIN_CALLERS[name]) is not given or name.endswith(HAND_BACK):
                raise _LostError
            self.note("called", scope, call)
        elif isinstance(call.func, ast.Attribute) and (isinstance(value, Unknown) or _of_container(value)):
            self.container_method(call.func, call, given, scope, depth)
        else:
            found = _receives(self.infer, value, call, given)
            if found is None:
                raise _LostError
            if isinstance(found[0], Class):
                self.attribute(*found, depth)  # type: ignore[arg-type]
            else:
                self.parameter(*found, depth)  # type: ignore[arg-type]

    def container_method(
        self, func: ast.Attribute, call: ast.Call, given: ast.expr, scope: Scope, depth: _Depth
    ) -> None:
        if func.attr in _PUTS and call.args[-1:] == [given]:
            self.put(func.value, scope, (_ANY, *depth))
            if func.attr == "setdefault":
                self.use(call, scope, depth)
        elif func.attr in ("extend", "update") and depth and call.args == [given]:
            self.put(func.value, scope, depth)
        elif func.attr not in ("remove", "discard", "index", "count") or depth:
            raise _LostError

    # --- attributes

    def put(self, container: ast.expr, scope: Scope, depth: _Depth) -> None:
        """The callback goes into a container; `depth` is where it is in there."""
        match container:
            case ast.Attribute():
                values = self.values(container, scope)
                if not values or not all(isinstance(v, Nothing) or _is_container(v) for v in values):
                    raise _LostError
                self.store(container, scope, depth)
            case ast.Subscript(value=outer):
                self.put(outer, scope, (_ANY, *depth))
            case ast.Call(func=ast.Attribute(value=outer, attr="setdefault" | "get")):
                self.put(outer, scope, (_ANY, *depth))
            case ast.Name(id=name):
                match scope.reaching(name, scope.position_of(container)):
                    case [Binding(kind="assign", unpack=(), value=ast.expr() as value)]:
                        self.put(value, scope, depth)
                    case _:
                        raise _LostError
            case _:
                raise _LostError

    def store(self, target: ast.expr, scope: Scope, depth: _Depth) -> None:
        if not isinstance(target, ast.Attribute):
            raise _LostError
        owner = reads.receiver_class(target.value, scope)
        if owner is not None:
            self.attribute(self.infer.class_of(owner), target.attr, depth)
            return
        values = self.values(target.value, scope)
        if not values:
            raise _LostError
        for value in values:
            if not isinstance(value, Instance) or value.cls.module.is_stub:
                raise _LostError
            self.attribute(value.cls, target.attr, depth)

    def attribute(self, cls: Class, name: str, depth: _Depth) -> None:
        """Every use of an attribute of the objects of a class."""
        if not self.first_time(cls, name, depth):
            return
        for each in cls.family(self.infer, exact=False):
            if each.module.is_stub:
                continue
            if _guarded(each.scope):
                raise _LostError
            for binding in (*each.members(name), *each.stores().get(name, ())):
                self.note_annotation(binding.annotation, binding.scope)
        found = reads.of_attribute(self.infer, cls, name)
        if found is None:
            raise _LostError
        for node, scope, certain in found:
            if _guarded(scope):
                raise _LostError
            sure, self.sure = self.sure, self.sure and certain
            self.use(node, scope, depth)
            self.sure = sure


# --- places


def _guarded(scope: Scope) -> bool:
    """The outermost function or class around it asks for the colour of something."""
    while scope.parent is not None and scope.parent.kind != "module":
        scope = scope.parent
    found = scope.cache.get("guarded")
    if found is None:
        segment = scope.module.segment(scope.first_line, scope.last_line)
        found = scope.cache["guarded"] = scope.kind != "module" and _GUARDS.search(segment) is not None
    return bool(found)


def _sees(inner: Scope, outer: Scope, name: str) -> bool:
    """A name in a nested scope is the one of the outer function."""
    here: Scope | None = inner
    while here is not None and here is not outer:
        if name in here.bindings and (here.kind == "function" or here is inner):
            if name in here.nonlocal_names:
                raise _LostError
            return False
        here = here.parent
    return True


def _within(node: ast.AST, whole: ast.AST, scope: Scope) -> bool:
    parents = scope.module.parents
    while node is not whole:
        above = parents.get(node)
        if above is None or isinstance(above, ast.stmt):
            return False
        node = above
    return True


def _shadowed(load: ast.Name, scope: Scope) -> bool:
    """The name is one that a comprehension or a lambda around it binds."""
    parents = scope.module.parents
    node: ast.AST | None = load
    while (node := parents.get(node)) is not None and not isinstance(node, ast.stmt):  # type: ignore[arg-type]
        if isinstance(node, ast.Lambda):
            arguments = node.args
            if load.id in (a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)):
                return True
        for generator in getattr(node, "generators", ()):
            if any(isinstance(n, ast.Name) and n.id == load.id for n in ast.walk(generator.target)):
                return True
    return False


def _inside(depth: _Depth, unpack: tuple[int, ...]) -> _Depth | None:
    """Where the callback is after unpacking; None when another element was taken."""
    for index in unpack:
        if not depth:
            raise _LostError
        if depth[0] not in (_ANY, index) and index != _ANY:
            return None
        depth = depth[1:]
    return depth


def _expects_type_error(scope: Scope, node: ast.expr) -> bool:
    """The code around an await catches what a plain function's result raises there: it tries both colours."""
    position = scope.position_of(node)
    for stmt, arm in position.path if position is not None else ():
        if isinstance(stmt, (ast.Try, ast.TryStar)) and arm == "body":
            caught = [node for handler in stmt.handlers if handler.type for node in ast.walk(handler.type)]
            if any(isinstance(node, ast.expr) and last_name(node) == "TypeError" for node in caught):
                return True
    return False


def _asks_name(call: ast.Call, given: ast.expr) -> bool:
    match call.args:
        case [subject, ast.Constant(value=str() as name), *_]:
            return subject is given and name in _NAMING
    return False


def _is_container(value: Value) -> bool:
    return isinstance(value, Instance) and value.cls.module.is_stub and value.cls.name in _CONTAINERS


def _of_container(value: Value) -> bool:
    """A method of a container of the standard library."""
    return isinstance(value, Func) and value.scope.module.is_stub and _is_container(value.bound)  # type: ignore[arg-type]
