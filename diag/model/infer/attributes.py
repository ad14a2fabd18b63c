"""Attributes: what `value.name` is, through instances, classes, modules and `super()`."""

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from diag.model.infer import annotations, awaiting, calls, ccxt, containers, replaced
from diag.model.infer.classes import Class, first_parameter, mangled, unmangled
from diag.model.infer.values import (
    EMPTY,
    MAX_VALUES,
    UNKNOWN,
    CallableOf,
    ClassValue,
    Coroutine,
    Frame,
    Func,
    GeneratorOf,
    Instance,
    ModuleValue,
    Nothing,
    SuperOf,
    TupleOf,
    Unknown,
    Value,
    Values,
    as_declared,
    known,
    ordered,
    unknown,
)
from diag.model.syntax.scope import Binding, Position, Scope, last_name

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

# What enters and leaves a context manager, where that is called by hand.
_BY_HAND = {"with": ("__enter__", "__exit__"), "async with": ("__aenter__", "__aexit__")}
PROPERTIES = {"property", "cached_property", "abstractproperty", "async_property", "hybrid_property", "reify"}


def read_all(infer: "Infer", values: Values, name: str) -> Values:
    """What an attribute can be, read from any of these values."""
    if len(values) == 1:
        (value,) = values
        return read(infer, value, name)
    out: Values = EMPTY
    for value in ordered(values):
        out |= read(infer, value, name)
    return out


def read(infer: "Infer", value: Value, name: str) -> Values:
    """What an attribute of one value can be: EMPTY if reading raises, UNKNOWN if nothing is known."""
    match value:
        case Instance(cls=cls) if name == "__class__":
            return frozenset({ClassValue(cls)})
        case Instance(declared=True):
            return _of_declared(infer, value, name)
        case Instance():
            return instance(infer, value, name)
        case ModuleValue(module=module):
            return infer.module_member(module, name)
        case ClassValue(cls=cls):
            return of_class(infer, cls, name, value)
        case SuperOf(cls=cls, receiver=receiver):
            return _super(infer, cls, receiver, name)
        case TupleOf():
            return read_all(infer, infer.plain("tuple"), name)
        case Unknown(origin=origin):
            return unknown(f"{origin}.{name}") if origin else UNKNOWN
        case Nothing():
            return EMPTY
        case Coroutine():
            # going on as if the missing await stood there; the read itself is reported
            if name in ("send", "throw", "close"):
                return EMPTY
            return read_all(infer, awaiting.settled(infer, frozenset({value})), name)
        case Func() if name == "__call__":
            return frozenset({value})
        case GeneratorOf(func=func, manager=manager) if manager and name in _BY_HAND[manager]:
            given = awaiting.yielded(infer, func) if name.endswith("enter__") else infer.plain("bool")
            if manager == "async with":
                given = awaiting.coroutine_of(infer, given)
            return frozenset({CallableOf(given)})
        case GeneratorOf(is_async=True) if name in ("__anext__", "asend", "athrow", "aclose"):
            return UNKNOWN
    return UNKNOWN


def _of_declared(infer: "Infer", value: Instance, name: str) -> Values:
    """The same for an object of which only the declaration is known."""
    plain = replace(value, declared=False)
    out: Values = EMPTY
    for found in instance(infer, plain, name):
        if isinstance(found, Func):
            out |= {Func(found.scope, found.closure, value if found.bound == plain else found.bound)}
        else:
            out |= as_declared(frozenset({found}))
    return out


def _bound(infer: "Infer", binding: Binding, cls: Class, receiver: Value) -> Values:
    """A member of a class as read through `receiver` (an instance or the class itself)."""
    frame = infer.frame_of(cls.scope)
    found = infer.binding_values(binding, frame)
    if isinstance(receiver, Instance) and any(
        isinstance(v, Instance) and any(b.members("__get__") for b in v.cls.mro(infer)) for v in found
    ):
        given = [ccxt.endpoint(infer, v, receiver) for v in found]
        return EMPTY.union(*given) if all(given) else UNKNOWN  # a descriptor gives what it likes
    if binding.kind != "def":
        if binding.kind == "assign" and isinstance(receiver, Instance):
            return frozenset(
                Func(v.scope, v.closure, receiver)
                if isinstance(v, Func)
                and v.bound is None
                and v.scope.kind != "lambda"
                and v.scope.owner is not None
                else v
                for v in found
            )
        return found
    marks = cls.scope.children[binding.node].marks
    if marks & PROPERTIES:
        if not isinstance(receiver, Instance):
            return UNKNOWN
        out: Values = EMPTY
        for value in ordered(found):
            bound = Func(value.scope, value.closure, receiver) if isinstance(value, Func) else value
            out |= calls.call(infer, bound, None, None, None)
        return out
    if "staticmethod" in marks:
        return found
    holder: Value = receiver
    if "classmethod" in marks or binding.name in ("__new__", "__init_subclass__", "__class_getitem__"):
        holder = ClassValue(receiver.cls) if isinstance(receiver, Instance) else receiver
    elif not isinstance(receiver, Instance):
        return found  # a plain function read off the class: its first argument comes with the call
    return frozenset(Func(v.scope, v.closure, holder) if isinstance(v, Func) else v for v in found)


def of_class(infer: "Infer", cls: Class, name: str, receiver: Value) -> Values:
    """`Class.name`."""
    for base in cls.mro(infer):
        bindings = base.members(name)
        if bindings:
            out = _kept_by_class(infer, cls, name) if isinstance(receiver, ClassValue) else EMPTY
            for binding in _counting(bindings):
                out |= _bound(infer, binding, base, receiver)
            if replaced.anywhere(infer, receiver, name, tests=cls.module.is_test):
                out |= UNKNOWN
            if out:
                return out
    return _missing(infer, cls, name)


def _kept_by_class(infer: "Infer", cls: Class, name: str) -> Values:
    """What class methods store in their class (`cls._default = Client()`), and others from outside."""
    if cls.module.is_stub:
        return EMPTY
    out: Values = EMPTY
    for base in cls.mro(infer):
        for binding in base.stored(name) if not base.module.is_stub else ():
            if "classmethod" in binding.scope.marks:
                out |= infer.binding_values(binding, infer.frame_of(binding.scope))
    outside = outside_stores(infer, name)
    for scope, binding in [*outside, *stores_in_tests(infer, name)] if cls.module.is_test else outside:
        receiver = receiver_of(binding)
        if receiver is not None and any(
            isinstance(v, ClassValue) and cls.is_a(infer, v.cls)
            for v in infer.values(receiver, infer.frame_of(scope), binding.position)
        ):
            out |= infer.binding_values(binding, infer.frame_of(scope))
    return out


def _counting(bindings: list[Binding]) -> list[Binding]:
    from diag.model.infer.infer import only_last_definitions

    kept = only_last_definitions(bindings)
    if len(kept) > 1 and all(not b.position.path for b in kept) and not kept[0].scope.module.is_stub:
        return kept[-1:]  # a later definition in the class body replaces the earlier one
    return kept


def _missing(infer: "Infer", cls: Class, name: str) -> Values:
    origin = cls.open_origin(infer)
    if origin and origin != "?":
        return unknown(f"{origin}().{name}")
    return unknown(f"{cls.full_name}().{name}")


def instance(infer: "Infer", value: Instance, name: str) -> Values:
    key = ("attribute", name, value)
    return infer.memoised(value.cls.scope, key, _instance, infer, value, name)


def _instance(infer: "Infer", value: Instance, name: str) -> Values:
    found = _of_instance(infer, value, name)
    if not value.cls.module.is_stub and replaced.anywhere(infer, value, name, tests=value.cls.module.is_test):
        return found | UNKNOWN
    return found


def _of_instance(infer: "Infer", value: Instance, name: str) -> Values:
    cls = value.cls
    mro = cls.mro(infer)
    if any(
        not base.module.is_stub and (base.members("__getattribute__") or _is_rebuilt(infer, base))
        for base in mro
    ):
        return unknown(f"{cls.full_name}().{name}")
    out: Values = EMPTY
    stored = False
    for base in mro:
        if not base.module.is_stub:
            for binding in base.stored(name):
                stored = True
                out |= _stored(infer, binding, value)
    if not cls.module.is_stub:
        outside = outside_stores(infer, name)
        if cls.module.is_test:
            outside = [*outside, *stores_in_tests(infer, name)]
        for scope, binding in outside:
            if may_be(infer, scope, binding, cls):
                stored = True
                out |= infer.binding_values(binding, infer.frame_of(scope))
    declared: Values = EMPTY
    found = False
    for base in mro:
        bindings = base.members(name)
        if not bindings:
            continue
        found = True
        for binding in _counting(bindings):
            if binding.kind == "assign" and binding.value is None and binding.annotation is not None:
                typevars = annotations.receiver_typevars(infer, base, value) if value.args else None
                says = annotations.evaluate(infer, binding.annotation, infer.frame_of(base.scope), typevars)
                declared |= as_declared(says) if base.module.kind == "project" else says
            else:
                out |= _bound(infer, binding, base, value)
        break
    for child in () if value.exact else cls.heirs_with(infer, name):
        for binding in child.stored(name):
            stored = True
            out |= _stored(infer, binding, Instance(child, exact=False))
        for binding in _counting(child.members(name)):
            if binding.value is None and binding.annotation is not None:
                continue
            found = True
            out |= _bound(infer, binding, child, Instance(child, exact=False))
        if len(out) > MAX_VALUES and not declared:
            return UNKNOWN
    real = frozenset(v for v in out if not isinstance(v, Nothing))
    if declared and not known(real):
        return declared if known(declared) or not out else out | declared
    if not found and not stored:
        if made := ccxt.made_at_run_time(infer, value, name):
            return made
        for base in mro:
            for binding in base.members("__getattr__"):
                return _delegated(infer, base, binding, value, name) or unknown(f"{cls.full_name}().{name}")
        if (
            not cls.is_open(infer)
            and any(base.members("__await__") for base in mro)
            and not name.startswith("__")
        ):
            # as with coroutines, see read()
            return read_all(infer, awaiting.awaited(infer, frozenset({value})), name)
        return _missing(infer, cls, name)
    out = containers.with_items(infer, out, lambda: containers.put_into_attribute(infer, unmangled(name)))
    if stored and any(
        cls.scope.module.segment_has(word, cls.scope.first_line, cls.scope.last_line)
        for word in (b"setattr(self", b"self.__dict__.update(")
    ):
        return out | UNKNOWN
    # a value that nothing names gets the attribute's own name, so that equal attributes stay comparable
    if any(isinstance(v, Unknown) and not v.origin for v in out):
        out = frozenset(v for v in out if v != Unknown()) | unknown(f"{cls.full_name}().{name}")
    return out


_KEEPS_METHODS = {
    "dataclass", "dataclasses", "define", "frozen", "mutable", "attrs", "s", "attributes", "total_ordering",
    "final", "runtime_checkable", "unique", "dataclass_json", "deprecated", "verify", "dataclass_transform",
    "add_metaclass",
}  # fmt: skip


def _is_rebuilt(infer: "Infer", cls: Class) -> bool:
    """A class decorator may have put other methods in place."""
    if cls.scope.marks - _KEEPS_METHODS:
        for decorator in cls.node.decorator_list:
            head = decorator.func if isinstance(decorator, ast.Call) else decorator
            if last_name(head) not in _KEEPS_METHODS and not _keeps_methods(infer, decorator, cls):
                return True
    return False


def _keeps_methods(infer: "Infer", decorator: ast.expr, cls: Class) -> bool:
    """A decorator that hands back the class itself, at most with another `__init__` or the like."""
    frame = infer.frame_of(cls.scope.parent)
    values = infer.values(decorator, frame, frame.scope.positions.get(cls.node))
    for value in values:
        if not isinstance(value, Func) or not isinstance(value.scope.node, ast.FunctionDef):
            return False
        scope = value.scope
        if scope.module.is_stub or not scope.arguments.args:
            return False
        name = scope.arguments.args[0].arg
        scope.bindings  # noqa: B018
        if scope.module.segment_has(b"setattr(", scope.first_line, scope.last_line) or not scope.returns:
            return False
        if any(receiver == name and not attribute.startswith("__") for receiver, attribute in scope.stores):
            return False
        if not all(isinstance(r.value, ast.Name) and r.value.id == name for r in scope.returns):
            return False
    return bool(values)


def _delegated(infer: "Infer", cls: Class, binding: Binding, value: Instance, name: str) -> Values:
    """`def __getattr__(self, name): return getattr(self.target, name)`: what the target has by that name."""
    scope = cls.scope.children.get(binding.node)
    if scope is None or scope.kind != "function":
        return EMPTY
    parameters = [a.arg for a in scope.arguments.args]
    scope.bindings  # noqa: B018
    out: Values = EMPTY
    for stmt in scope.returns:
        match stmt.value:
            case ast.Call(func=ast.Name(id="getattr"), args=[target, ast.Name(id=key), *_]) if (
                key == parameters[-1]
            ):
                frame = calls.receiver_frame(infer, scope, value)
                out |= read_all(infer, infer.values(target, frame, scope.positions[stmt]), name)
            case _:
                return EMPTY
    return out


def _stored(infer: "Infer", binding: Binding, receiver: Instance) -> Values:
    scope = binding.scope
    frame = infer.frame_of(scope)
    found = infer.binding_values(binding, frame)
    if not known(found) and scope.owner is not None and scope.owner is not receiver.cls.scope:
        specific = calls.receiver_frame(infer, scope, receiver)
        return infer.binding_values(binding, specific)
    return found


def outside_stores(infer: "Infer", name: str) -> list[tuple[Scope, Binding]]:
    """Stores `other.name = ...` in the judged modules where the receiver is not the method's own.

    What tests assign is true in tests only: see `stores_in_tests`.
    """
    return [store for store in _outside_stores(infer, name) if not store[0].module.is_test]


def stores_in_tests(infer: "Infer", name: str) -> list[tuple[Scope, Binding]]:
    """The same stores, those that stand in tests."""
    return [store for store in _outside_stores(infer, name) if store[0].module.is_test]


def _outside_stores(infer: "Infer", name: str) -> list[tuple[Scope, Binding]]:
    found = infer.outside_stores.get(name)
    if found is None:
        written = unmangled(name)
        deps = infer.project.query_bit("bound", written)
        out: list[tuple[Scope, Binding]] = []
        seen: set[Scope] = set()
        for module, offset in infer.project.attribute_stores(written):
            scope = module.scope_at(module.line_at(offset))
            if scope in seen:
                continue
            seen.add(scope)
            deps |= module.bit
            scope.bindings  # noqa: B018
            own = first_parameter(scope) if scope.owner is not None else None
            for (receiver, attribute), bindings in scope.stores.items():
                if (
                    attribute == written
                    and receiver != own
                    and receiver != "self"
                    and mangled(written, scope) == name
                ):
                    out += [(scope, b) for b in bindings]
        found = infer.outside_stores[name] = (out, deps)
    infer.deps |= found[1]
    return found[0]


def may_be(infer: "Infer", scope: Scope, binding: Binding, cls: Class) -> bool:
    """Whether the receiver of an outside store can be an object of `cls`.

    An unknown one can where nothing else stores the attribute.
    """
    receiver = receiver_of(binding)
    if receiver is None:
        return False
    for value in infer.values(receiver, infer.frame_of(scope), binding.position):
        if isinstance(value, Unknown):
            if not any(binding.name in base.stores() for base in cls.mro(infer) if not base.module.is_stub):
                return True
        elif (isinstance(value, ClassValue) and cls.is_a(infer, value.cls)) or (
            isinstance(value, Instance) and (value.cls.is_a(infer, cls) or cls.is_a(infer, value.cls))
        ):
            return True
    return False


def receiver_of(binding: Binding) -> ast.expr | None:
    """`other` in `other.name = value`."""
    targets = getattr(binding.node, "targets", None) or [getattr(binding.node, "target", None)]
    for target in targets:
        for node in ast.walk(target) if target is not None else ():
            if (
                isinstance(node, ast.Attribute)
                and node.attr == binding.name
                and isinstance(node.ctx, ast.Store)
            ):
                return node.value
    return None


def _super(infer: "Infer", cls: Class, receiver: Value, name: str) -> Values:
    owner = receiver.cls if isinstance(receiver, (Instance, ClassValue)) else cls
    chain = owner.mro(infer)
    if cls not in chain:
        chain = cls.mro(infer)
    for base in chain[chain.index(cls) + 1 :]:
        bindings = base.members(name)
        if bindings:
            out: Values = EMPTY
            for binding in _counting(bindings):
                out |= _bound(infer, binding, base, receiver)
            return out
    return _missing(infer, cls, name) if cls.is_open(infer) else UNKNOWN


# --- narrowing


def narrow(infer: "Infer", node: ast.expr, found: Values, frame: Frame, position: Position | None) -> Values:
    """Apply the `isinstance` and `is None` tests of the enclosing arms."""
    if position is None or (len(found) < 2 and known(found)) or not frame.scope.asks_for_classes:
        return found
    for test, held, at in frame.scope.guards:
        if at.order < position.order and at.path == position.path[: len(at.path)]:
            found = _narrow_by(infer, test, held, node, found, frame)
    for stmt, arm in position.path:
        if isinstance(stmt, ast.If) and arm in ("body", "orelse"):
            found = _narrow_by(infer, stmt.test, arm == "body", node, found, frame)
    return found


def _narrow_by(
    infer: "Infer", test: ast.expr, positive: bool, node: ast.expr, found: Values, frame: Frame
) -> Values:
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _narrow_by(infer, operand, not positive, node, found, frame)
        case ast.BoolOp(op=ast.And(), values=parts) if positive:
            for part in parts:
                found = _narrow_by(infer, part, True, node, found, frame)
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, classes]) if same(subject, node):
            wanted = classes.elts if isinstance(classes, ast.Tuple) else [classes]
            values = frozenset().union(*(infer.values(c, frame, None) for c in wanted))
            if not all(isinstance(v, ClassValue) for v in values):
                return found
            targets = [v.cls for v in values if isinstance(v, ClassValue)]
            if not positive:
                return frozenset(
                    v
                    for v in found
                    if not (isinstance(v, Instance) and any(v.cls.is_a(infer, t) for t in targets))
                )
            kept = frozenset(
                replace(v, declared=False)
                for v in found
                if isinstance(v, Instance) and any(v.cls.is_a(infer, t) for t in targets)
            )
            return kept or frozenset(Instance(t, exact=False) for t in targets)
    return found


def same(left: ast.AST, right: ast.AST) -> bool:
    """The same name or dotted name."""
    if isinstance(left, ast.Name) and isinstance(right, ast.Name):
        return left.id == right.id
    if isinstance(left, ast.Attribute) and isinstance(right, ast.Attribute):
        return left.attr == right.attr and same(left.value, right.value)
    return False
