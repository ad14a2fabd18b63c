"""What is put into containers after they are made: `self.queue.put_nowait(x)`, `self.clients[name] = x`."""

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from diag.model.infer.values import EMPTY, UNKNOWN, Frame, Instance, TupleOf, Unknown, Value, Values, nesting
from diag.model.syntax.scope import Binding, Position, Scope

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

_ONE = ("append", "add", "appendleft", "put", "put_nowait", "insert", "setdefault")
_MANY = ("extend", "update", "extendleft")
_CLASSES = {
    "builtins.list", "builtins.set", "builtins.dict", "collections.deque", "collections.defaultdict",
    "collections.OrderedDict", "asyncio.queues.Queue", "asyncio.queues.LifoQueue",
    "asyncio.queues.PriorityQueue", "queue.Queue", "queue.LifoQueue", "asyncio.Queue", "asyncio.LifoQueue",
}  # fmt: skip
MAX_PLACES = 12  # that fill one container; past that nothing is concluded
MAX_MODULES = 4


def with_items(infer: "Infer", values: Values, put: Callable[[], Values]) -> Values:
    """The values, containers among them with what is `put` into them later."""
    if not any(_is_container(infer, v) for v in values):
        return values
    items = put()
    if not items:
        return values
    return frozenset(_filled(v, items) if _is_container(infer, v) else v for v in values)


def _is_container(infer: "Infer", value: Value) -> bool:
    if not isinstance(value, Instance):
        return False
    return not _CLASSES.isdisjoint(value.cls.lineage(infer).names)


def _filled(value: Value, items: Values) -> Value:
    assert isinstance(value, Instance)
    # nothing is known of one that was made empty
    if value.args and not all(isinstance(v, Unknown) and not v.origin for v in value.args[-1]):
        items |= value.args[-1]
    if value.cls.name in ("dict", "defaultdict", "OrderedDict"):
        return Instance(value.cls, (UNKNOWN, items), value.exact)
    return Instance(value.cls, (items,), value.exact)


def items_of(infer: "Infer", values: Values) -> Values:
    """What the values of mappings can be, also of such as are given as pairs."""
    out: Values = EMPTY
    for value in values:
        match value:
            case Instance(cls=cls, args=(_, items)) if cls.module is infer.builtins and cls.name == "dict":
                out |= items
            case Instance() | TupleOf():
                pairs = frozenset({value})
                out |= infer.unpacked(infer.elements(pairs, is_async=False), (1,)) or UNKNOWN
            case _:
                out |= UNKNOWN
    return out


def put_into_attribute(infer: "Infer", name: str) -> Values:
    """What judged modules put into any `.name` container; EMPTY when nothing is seen."""
    key = ("items", name)
    return infer.memoised(infer.builtins.scope, key, _put_into_attribute, infer, name)


def _put_into_attribute(infer: "Infer", name: str) -> Values:
    infer.deps |= infer.project.query_bit("read", name)
    out: Values = EMPTY
    word = f".{name}".encode()
    places = 0
    modules = infer.project.mentions(word)
    if len(modules) > MAX_MODULES:
        return EMPTY
    for module in modules:
        seen: set[Scope] = set()
        at = module.raw.find(word)
        while at >= 0:
            after = module.raw[at + len(word) : at + len(word) + 1]
            if after in (b".", b"["):
                scope = module.scope_at(module.line_at(at))
                if scope not in seen:
                    seen.add(scope)
                    infer.deps |= module.bit
                    put = _put_in_scope(
                        infer, scope, lambda node: isinstance(node, ast.Attribute) and node.attr == name, name
                    )
                    places += bool(put)
                    if places > MAX_PLACES:
                        return UNKNOWN
                    out |= put
            at = module.raw.find(word, at + 1)
    return out


def put_into_name(infer: "Infer", scope: Scope, name: str) -> Values:
    """What a function puts into a local container."""
    key = ("put into", name)
    return infer.memoised(scope, key, _put_into_name, infer, scope, name)


def _put_into_name(infer: "Infer", scope: Scope, name: str) -> Values:
    return _put_in_scope(infer, scope, lambda node: isinstance(node, ast.Name) and node.id == name, name)


def _put_in_scope(infer: "Infer", scope: Scope, is_target: Callable[[ast.expr], bool], name: str) -> Values:
    out: Values = EMPTY
    frame = infer.frame_of(scope)
    for call in scope.calls:
        function = call.func
        if not isinstance(function, ast.Attribute) or not is_target(function.value):
            continue
        if function.attr in _ONE and call.args:
            out |= _value(infer, call.args[-1], frame, scope.position_of(call))
        elif function.attr in _MANY:
            out |= UNKNOWN
    for binding in _item_stores(scope, name):
        assert binding.value is not None
        if isinstance(binding.node, ast.Subscript) and is_target(binding.node.value):
            if isinstance(binding.node.slice, ast.Slice):
                out |= UNKNOWN
                continue
            out |= infer.unpacked(_value(infer, binding.value, frame, binding.position), binding.unpack)
    return out


def _item_stores(scope: Scope, name: str) -> list[Binding]:
    scope.bindings  # noqa: B018
    return [b for b in scope.items.get(name, ()) if b.value is not None]


def _value(infer: "Infer", node: ast.expr, frame: Frame, position: Position | None) -> Values:
    found = UNKNOWN if isinstance(node, ast.Starred) else infer.values(node, frame, position)
    return UNKNOWN if any(nesting(v) > 2 for v in found) else found
