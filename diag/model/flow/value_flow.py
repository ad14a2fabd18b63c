"""Follows a value through a program: every name, attribute, container and function that it is handed to.

What is done with the value itself is for a subclass to judge. One use that can't be followed, and the value
is lost: then nothing is known of it.
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.model.flow import reads
from diag.model.flow.guards import GUARDS
from diag.model.flow.uses import Use, nested, use_of
from diag.model.infer import annotations, attributes
from diag.model.infer.classes import Class
from diag.model.infer.parameters import match_arguments
from diag.model.infer.values import (
    EMPTY,
    UNKNOWN,
    ClassValue,
    Func,
    Instance,
    Nothing,
    Unknown,
    Value,
    Values,
    known,
    ordered,
)
from diag.model.syntax.scope import Binding, Scope

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

# How deep in containers the value is, outermost first: index in a tuple, key in a dict, or any element.
Depth = tuple[int | str, ...]
_ANY = -1

MAX_STEPS = 300  # uses looked at for one value

_INDIFFERENT = {"callable", "len", "print", "repr", "id", "hash", "bool", "str", "any", "all"}
_NAMING = {"__name__", "__qualname__", "__doc__", "__module__"}
_CONTAINERS = {
    "list", "set", "dict", "deque", "defaultdict", "OrderedDict", "WeakSet", "MutableMapping",
    "MutableSequence",
}  # fmt: skip
_DICTS = {"builtins.dict", "collections.defaultdict", "collections.OrderedDict"}
_LOGS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
_COPIES = {"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "dict"}
_PUTS = {"append", "add", "appendleft", "insert", "setdefault"}
_TAKES_OUT = {"get", "pop", "popleft", "setdefault"}
_KEEPS = {
    *_PUTS, "remove", "discard", "clear", "extend", "update", "index", "count", "keys", "reverse", "sort",
}  # fmt: skip


class LostError(Exception):
    """A use that can't be followed."""


class ValueFlow:
    """The search for what becomes of one value."""

    def __init__(self, infer: "Infer") -> None:
        self.infer = infer
        self.sure = True  # False while what is followed may be another object with an attribute of that name
        self.steps = 0
        self.seen: set[tuple[object, ...]] = set()

    def itself(self, use: Use, scope: Scope) -> bool:
        """Judge a use of the value itself, not of a container that holds it; False to follow it on."""
        raise NotImplementedError

    def given(self, name: str, call: ast.Call, given: ast.expr, scope: Scope) -> bool:
        """Judge the value as an argument of the function of that name; False to follow it on."""
        return False

    def note_annotation(self, annotation: ast.expr | None, scope: Scope) -> None:
        """A name or attribute that holds the value is declared as this."""

    def first_time(self, *key: object) -> bool:
        if (*key, self.sure) in self.seen:
            return False
        self.seen.add((*key, self.sure))
        return True

    def values(self, node: ast.expr, scope: Scope) -> Values:
        return self.infer.values(node, self.infer.frame_of(scope), scope.position_of(node))

    # --- names

    def parameter(self, scope: Scope, name: str, depth: Depth) -> None:
        self.infer.deps |= scope.module.bit
        binding = next((b for b in scope.bindings.get(name, ()) if b.kind == "param"), None)
        if binding is None or scope.module.is_stub or guarded(scope):
            raise LostError
        self.note_annotation(binding.annotation, scope)
        self.name(binding, depth)

    def name(self, binding: Binding, depth: Depth) -> None:
        """Every use of a name that this binding reaches, in nested functions too."""
        if not self.first_time(binding, depth):
            return
        for load, scope in self.loads(binding):
            self.use(load, scope, depth)

    def loads(self, binding: Binding) -> Iterator[tuple[ast.Name, Scope]]:
        scope, name = binding.scope, binding.name
        if scope.kind == "class" or (scope.kind == "module" and binding.kind != "for"):
            raise LostError  # other modules can read it
        if name in scope.global_names or name in scope.nonlocal_names:
            raise LostError
        for load in scope.loads.get(name, ()):
            if not _shadowed(load, scope) and binding in scope.reaching(name, scope.position_of(load)):
                yield load, scope
        for inner in nested(scope):
            if name in inner.loads and _sees(inner, scope, name):
                yield from ((load, inner) for load in inner.loads[name] if not _shadowed(load, inner))

    def bound(self, stmt: ast.AST, scope: Scope) -> list[Binding]:
        return [b for bindings in scope.bindings.values() for b in bindings if b.node is stmt]

    # --- uses of the value, or of a container that holds it

    def use(self, node: ast.expr, scope: Scope, depth: Depth) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise LostError
        use = use_of(node, scope)
        if not depth and self.itself(use, scope):
            return
        match use.kind, use.node:
            case "comparison", ast.Match():
                raise LostError
            case (("condition" | "comparison" | "f-string" | "statement"), _):
                pass
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
            case "unpack", ((ast.List() | ast.Tuple() | ast.Set()) as parent) if depth:  # [*values]
                self.use(parent, scope, depth)
            case "arithmetic", ast.AugAssign(target=ast.Attribute() as target) if depth:
                self.store(target, scope, depth)
            case "arithmetic", ast.BinOp(op=ast.BitOr()) as parent if depth:
                self.use(parent, scope, depth)
            case "arithmetic", ast.BinOp(op=ast.Add()) as parent if depth:  # what comes behind moves on
                self.use(parent, scope, (_ANY, *depth[1:]))
            case "argument", ast.Call() as call:
                self.handed_on(use, call, scope, depth)
            case "return", ast.Return():
                self.returned(scope, depth)
            case "attribute", ast.Attribute() as parent if depth:
                self.method(parent, scope, depth)
            case "subscript", ast.Subscript(value=value) as parent if depth and value is use.child:
                self.subscript(parent, scope, depth)
            case "iteration", (ast.For() | ast.comprehension()) if depth and self.keys_only(node, scope):
                pass
            case "iteration", ast.For() as stmt if depth:
                for binding in self.bound(stmt, scope):
                    self.taken_out(binding, binding.unpack, depth[1:])
            case "iteration", ast.comprehension(is_async=0, target=target) as generator if depth:
                self.comprehension(generator, target, scope, depth[1:])
            case _:
                raise LostError

    def keys_only(self, container: ast.expr, scope: Scope) -> bool:
        """Iterating over it gives the keys of a dict; the value is among those that they stand for."""
        values = self.values(container, scope)
        base, levels = container, 0
        while not known(values) and isinstance(base, ast.Subscript):
            base, levels = base.value, levels + 1
        if levels and isinstance(base, ast.Attribute):
            values = self.declared_items(base, scope, levels)
        return bool(values) and all(isinstance(v, Instance) and v.cls.full_name in _DICTS for v in values)

    def declared_items(self, attribute: ast.Attribute, scope: Scope, levels: int) -> Values:
        """What `self.x[...][...]` is by the annotation of the attribute."""
        owner = reads.receiver_class(attribute.value, scope)
        out: Values = EMPTY
        for cls in self.infer.class_of(owner).mro(self.infer) if owner is not None else ():
            for binding in (*cls.members(attribute.attr), *cls.stored(attribute.attr)):
                if binding.annotation is not None:
                    frame = self.infer.frame_of(binding.scope)
                    out |= annotations.evaluate(self.infer, binding.annotation, frame)
        for _ in range(levels):
            inside = [v.args[-1] if isinstance(v, Instance) and v.args else UNKNOWN for v in out]
            out = EMPTY.union(*inside)
        return out

    def taken_out(self, binding: Binding, unpack: tuple[int, ...], depth: Depth) -> None:
        inner = self.inside(depth, unpack)
        if inner is not None:
            self.name(binding, inner)

    def inside(self, depth: Depth, unpack: tuple[int, ...]) -> Depth | None:
        """Where the value is after unpacking; None when another element was taken."""
        for index in unpack:
            if not depth:
                self.opened()
                return None
            if depth[0] not in (_ANY, index) and index != _ANY:
                return None
            depth = depth[1:]
        return depth

    def opened(self) -> None:
        """The value itself is unpacked."""
        raise LostError

    def assigned(self, stmt: ast.NamedExpr | ast.Assign | ast.AnnAssign, scope: Scope, depth: Depth) -> None:
        found = self.bound(stmt, scope)
        if not found:
            raise LostError
        for binding in found:
            self.taken_out(binding, binding.unpack, depth)
        if isinstance(stmt, ast.NamedExpr):
            self.use(stmt, scope, depth)

    def element(self, parent: ast.AST, child: ast.AST, scope: Scope, depth: Depth) -> None:
        match parent:
            case ast.List() | ast.Set():
                self.use(parent, scope, (_ANY, *depth))
            case ast.Tuple(elts=elements):
                starred = any(isinstance(e, ast.Starred) for e in elements)
                self.use(parent, scope, (_ANY if starred else elements.index(child), *depth))  # type: ignore[arg-type]
            case ast.Dict(keys=keys, values=values) if child in values:
                key = keys[values.index(child)]
                known = key.value if isinstance(key, ast.Constant) else None
                place = known if isinstance(known, str) or (isinstance(known, int) and known >= 0) else _ANY
                self.use(parent, scope, depth if key is None else (place, *depth))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                self.use(parent, scope, (_ANY, *depth))
            case ast.DictComp(value=value) if value is child:
                self.use(parent, scope, (_ANY, *depth))
            case _:
                raise LostError

    def comprehension(
        self, generator: ast.comprehension, target: ast.expr, scope: Scope, depth: Depth
    ) -> None:
        if isinstance(target, ast.Tuple):
            for number, part in enumerate(target.elts):
                inner = self.inside(depth, (number,))
                if inner is not None:
                    self.comprehension(generator, part, scope, inner)
            return
        if not isinstance(target, ast.Name):
            raise LostError
        whole = scope.module.parents[generator]
        for load in scope.loads.get(target.id, ()):
            if _within(load, whole, scope):
                self.use(load, scope, depth)

    def method(self, node: ast.Attribute, scope: Scope, depth: Depth) -> None:
        """A method of a container that holds the value."""
        call = scope.module.parents.get(node)
        if not isinstance(call, ast.Call) or call.func is not node:
            raise LostError
        if node.attr in ("values", "copy"):
            self.use(call, scope, depth)
        elif node.attr == "items":
            self.use(call, scope, (_ANY, 1, *depth[1:]))
        elif node.attr in _TAKES_OUT:
            self.use(call, scope, depth[1:])
        elif node.attr not in _KEEPS:
            raise LostError

    def subscript(self, node: ast.Subscript, scope: Scope, depth: Depth) -> None:
        if not isinstance(node.ctx, ast.Load):
            return  # another value is put in, or one is deleted
        if isinstance(node.slice, ast.Slice):
            self.use(node, scope, depth)
            return
        index = node.slice.value if isinstance(node.slice, ast.Constant) else _ANY
        known = isinstance(index, str) or (isinstance(index, int) and index >= 0)
        if depth[0] == _ANY or not known or index == depth[0]:
            self.use(node, scope, depth[1:])

    def returned(self, scope: Scope, depth: Depth) -> None:
        """A method gives the value to its callers."""
        owner = scope.owner
        if owner is None or scope.marks or scope.is_generator or not self.first_time(scope, depth):
            raise LostError
        found = reads.of_attribute(self.infer, self.infer.class_of(owner), scope.name, methods=True)
        if not found:
            raise LostError
        for node, place, certain in found:
            call = place.module.parents.get(node)
            if not isinstance(call, ast.Call) or call.func is not node:
                raise LostError
            given: ast.AST | None = place.module.parents.get(call) if scope.is_async else call
            if not isinstance(given, (ast.Call, ast.Await)) or (
                scope.is_async and isinstance(given, ast.Call)
            ):
                raise LostError
            sure, self.sure = self.sure, self.sure and certain
            self.use(given, place, depth)
            self.sure = sure

    # --- handed on to other functions

    def handed_on(self, use: Use, call: ast.Call, scope: Scope, depth: Depth) -> None:
        given = use.child.value if isinstance(use.child, ast.keyword) else use.child
        assert isinstance(given, ast.expr)
        values = self.values(call.func, scope)
        if isinstance(given, ast.Starred) or not values:
            raise LostError
        for value in ordered(values):
            self.passed(value, call, given, scope, depth)

    def passed(self, value: Value, call: ast.Call, given: ast.expr, scope: Scope, depth: Depth) -> None:
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
        elif not depth and self.given(name, call, given, scope):
            return
        elif isinstance(call.func, ast.Attribute) and (isinstance(value, Unknown) or _of_container(value)):
            self.container_method(call.func, call, given, scope, depth)
        else:
            found = receives(self.infer, value, call, given)
            if found is None:
                raise LostError
            if isinstance(found[0], Class):
                self.attribute(*found, depth)  # type: ignore[arg-type]
            else:
                self.parameter(*found, depth)  # type: ignore[arg-type]

    def container_method(
        self, func: ast.Attribute, call: ast.Call, given: ast.expr, scope: Scope, depth: Depth
    ) -> None:
        if func.attr in _PUTS and call.args[-1:] == [given]:
            self.put(func.value, scope, (_ANY, *depth))
            if func.attr == "setdefault":
                self.use(call, scope, depth)
        elif func.attr in ("extend", "update") and depth and call.args == [given]:
            self.put(func.value, scope, depth)
        elif func.attr not in ("remove", "discard", "index", "count") or depth:
            raise LostError

    # --- attributes

    def put(self, container: ast.expr, scope: Scope, depth: Depth) -> None:
        """The value goes into a container; `depth` is where it is in there."""
        match container:
            case ast.Attribute():
                values = self.values(container, scope)
                if not values or not all(isinstance(v, Nothing) or _is_container(v) for v in values):
                    raise LostError
                self.store(container, scope, depth)
            case ast.Subscript(value=outer):
                self.put(outer, scope, (_ANY, *depth))
            case ast.Call(func=ast.Attribute(value=outer, attr="setdefault" | "get")):
                self.put(outer, scope, (_ANY, *depth))
            case ast.Name(id=name):
                match scope.reaching(name, scope.position_of(container)):
                    case [Binding(kind="assign", unpack=(), value=ast.expr() as value) as binding]:
                        if all(_is_container(v) for v in self.values(value, scope)) and _is_new(value):
                            self.name(binding, depth)
                        else:
                            self.put(value, scope, depth)
                    case _:
                        raise LostError
            case _:
                raise LostError

    def store(self, target: ast.expr, scope: Scope, depth: Depth) -> None:
        if not isinstance(target, ast.Attribute):
            raise LostError
        owner = reads.receiver_class(target.value, scope)
        if owner is not None:
            self.attribute(self.infer.class_of(owner), target.attr, depth)
            return
        values = self.values(target.value, scope)
        if not values:
            raise LostError
        for value in ordered(values):
            if not isinstance(value, Instance) or value.cls.module.is_stub:
                raise LostError
            self.attribute(value.cls, target.attr, depth)

    def attribute(self, cls: Class, name: str, depth: Depth) -> None:
        """Every use of an attribute of the objects of a class."""
        if not self.first_time(cls, name, depth):
            return
        for each in cls.family(self.infer, exact=False):
            if each.module.is_stub:
                continue
            if guarded(each.scope):
                raise LostError
            for binding in (*each.members(name), *each.stores().get(name, ())):
                self.note_annotation(binding.annotation, binding.scope)
        found = reads.of_attribute(self.infer, cls, name)
        if found is None:
            raise LostError
        for node, scope, certain in found:
            if guarded(scope):
                raise LostError
            sure, self.sure = self.sure, self.sure and certain
            self.use(node, scope, depth)
            self.sure = sure


# --- places


def receives(
    infer: "Infer", callee: Value, call: ast.Call, argument: ast.expr
) -> tuple[Scope | Class, str] | None:
    """The parameter (of a record: the field) that receives an argument."""
    if isinstance(callee, ClassValue):
        if callee.cls.module.is_stub:
            return None
        for base in callee.cls.mro(infer):
            if base.members("__init__"):
                inits = attributes.read(infer, Instance(callee.cls), "__init__")
                return receives(infer, next(iter(inits)), call, argument) if len(inits) == 1 else None
        if "dataclass" in callee.cls.scope.marks:
            name = next((k.arg for k in call.keywords if k.value is argument), None)
            return (callee.cls, name) if name and callee.cls.members(name) else None
    if not isinstance(callee, Func) or callee.scope.module.is_stub:
        return None
    node = callee.scope.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    skip = 1 if callee.bound is not None and callee.scope.owner is not None else 0
    given = match_arguments(node.args, call, skip)
    return next(((callee.scope, name) for name, each in given.items() if each is argument), None)


def name_of(value: Value) -> str:
    if isinstance(value, Func):
        return value.scope.full_name
    return value.cls.full_name if isinstance(value, ClassValue) else ""


def guarded(scope: Scope) -> bool:
    """The outermost function or class around it asks for the colour of something."""
    while scope.parent is not None and scope.parent.kind != "module":
        scope = scope.parent
    found = scope.cache.get("guarded")
    if found is None:
        segment = scope.module.segment(scope.first_line, scope.last_line)
        found = scope.cache["guarded"] = scope.kind != "module" and GUARDS.search(segment) is not None
    return bool(found)


def _sees(inner: Scope, outer: Scope, name: str) -> bool:
    """A name in a nested scope is the one of the outer function."""
    here: Scope | None = inner
    while here is not None and here is not outer:
        if name in here.bindings and (here.kind == "function" or here is inner):
            if name in here.nonlocal_names:
                raise LostError
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


def _asks_name(call: ast.Call, given: ast.expr) -> bool:
    match call.args:
        case [subject, ast.Constant(value=str() as name), *_]:
            return subject is given and name in _NAMING
    return False


def _is_container(value: Value) -> bool:
    return isinstance(value, Instance) and value.cls.module.is_stub and value.cls.name in _CONTAINERS


def _is_new(node: ast.expr) -> bool:
    """A container that is made here, so that no other name has it yet."""
    match node:
        case ast.List() | ast.Dict() | ast.Set() | ast.ListComp() | ast.DictComp() | ast.SetComp():
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _CONTAINERS
    return False


def _of_container(value: Value) -> bool:
    """A method of a container of the standard library."""
    return isinstance(value, Func) and value.scope.module.is_stub and _is_container(value.bound)  # type: ignore[arg-type]
