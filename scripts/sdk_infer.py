"""What the functions of one release return and where they block, read from their bodies.

A method is judged in the context of a concrete class, so that `self.request()` of a shared base reaches
the synchronous method in one subclass and the coroutine function in the other.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sdk_annotations import Scope
from sdk_expressions import Expressions
from sdk_externals import TRANSPARENT
from sdk_source import Class, Function, Sources, dotted_name, walk_own
from sdk_syntax import ends, last_name, returned_function, says_nothing
from sdk_types import JSON, NONE, Atom, Type, coroutine, instance, is_awaitable, union

from diag.model.facts.blocking import primitive, public_name

_MAX_HOPS = 4


class Facts(NamedTuple):
    """What is known of one function in one context. `binding` is "", "staticmethod" or "classmethod"."""

    binding: str
    colour: str
    returns: Type
    blocks: tuple[str, ...]  # the calls on the way, then the primitive; empty when it does not block


class Override(NamedTuple):
    """What a function returns (an `async def`: once awaited) and blocks on, where we have to be told."""

    returns: Type
    blocks: str = ""


class Inference(Expressions):
    def __init__(self, sources: Sources, overrides: Mapping[str, Override]) -> None:
        super().__init__(sources)
        self.overrides = overrides
        self._returns: dict[tuple[Function, Class | None], Type] = {}
        self._colours: dict[Function, tuple[str, str, bool]] = {}
        self._blocks: dict[tuple[Function, Class | None], tuple[str, ...]] = {}

    def facts(self, function: Function, context: Class | None) -> Facts:
        binding, colour, known = self.colour(function)
        returns = self.returns(function, context) if known else None
        blocks = () if colour == "generator" or not known else self.blocks(function, context)
        if colour == "property" and is_awaitable(returns):
            colour = "async property"
        return Facts(binding, colour, returns, blocks)

    def colour(self, function: Function) -> tuple[str, str, bool]:
        """(binding, colour, whether every decorator is understood) of a function."""
        if function not in self._colours:
            self._colours[function] = ("", "unknown", False)  # while a decorator decorates itself
            self._colours[function] = self._colour(function)
        return self._colours[function]

    def _colour(self, function: Function) -> tuple[str, str, bool]:
        yields = any(isinstance(n, ast.Yield | ast.YieldFrom) for n in walk_own(function.node.body))
        is_async = isinstance(function.node, ast.AsyncFunctionDef)
        colour = ("async " if is_async else "") + ("generator" if yields else "def")
        binding = ""
        if function.owner is not None and function.node.name in (
            "__new__",
            "__init_subclass__",
            "__class_getitem__",
        ):
            binding = "staticmethod"
        for decorator in reversed(function.node.decorator_list):
            target = dotted_name(decorator.func if isinstance(decorator, ast.Call) else decorator)
            last = (target or "").split(".")[-1]
            if last in ("staticmethod", "classmethod"):
                binding = last
            elif last == "property" or last.endswith("_property"):
                colour = "async property" if is_async else "property"
            elif last == "contextmanager":
                colour = "context manager"
            elif last == "asynccontextmanager":
                colour = "async context manager"
            else:
                colour = self._decorated(function, decorator, target, colour)
                if colour == "unknown":
                    return binding, colour, False
        return binding, colour, True

    def _decorated(self, function: Function, decorator: ast.expr, target: str | None, colour: str) -> str:
        """The colour that a decorator leaves, or "unknown"."""
        found = self.sources.name_in(function.module, target) if target else None
        if isinstance(found, str | None):
            return colour if (target or "").split(".")[-1] in TRANSPARENT else "unknown"
        if not isinstance(found, Function):
            return "unknown"
        if any(
            isinstance(n, ast.Attribute | ast.Name) and last_name(n) == "iscoroutinefunction"
            for n in ast.walk(found.node)
        ):
            return colour  # it takes care of both colours
        wrapped = returned_function(found.node)
        if isinstance(decorator, ast.Call) and wrapped is not None and not isinstance(wrapped, str):
            wrapped = returned_function(wrapped)
        if wrapped is None:
            return "unknown"
        if isinstance(wrapped, str):  # the decorator gives back what it got
            return colour
        if isinstance(wrapped, ast.AsyncFunctionDef):
            plain = not any(isinstance(n, ast.Yield | ast.YieldFrom) for n in walk_own(wrapped.body))
            return "async def" if plain and colour == "async def" else "unknown"
        calls = {
            dotted_name(n.value.func)
            for n in walk_own(wrapped.body)
            if isinstance(n, ast.Return) and isinstance(n.value, ast.Call)
        }
        names = {a.arg for f in ast.walk(found.node) if isinstance(f, ast.FunctionDef) for a in f.args.args}
        returns = [n for n in walk_own(wrapped.body) if isinstance(n, ast.Return)]
        return colour if len(calls) == 1 == len(returns) and calls <= names else "unknown"

    def returns(self, function: Function, context: Class | None) -> Type:
        """What a call gives: for an `async def` the coroutine, for a property its value."""
        key = (function, context)
        if key in self._returns:
            return self._returns[key]
        if key in self._busy or self._depth > 40:
            return None
        self._busy.add(key)
        self._depth += 1
        try:
            result = self._returns[key] = self._call_result(function, context)
        finally:
            self._busy.discard(key)
            self._depth -= 1
        return result

    def _call_result(self, function: Function, context: Class | None) -> Type:
        if function.key in self.overrides:
            stated = self.overrides[function.key].returns
            return coroutine(stated) if isinstance(function.node, ast.AsyncFunctionDef) else stated
        _, colour, known = self.colour(function)
        if not known:
            return None
        scope = Scope(function.module, function, context)
        stated = self.annotation(function.node.returns, scope) if function.node.returns is not None else None
        if colour in ("generator", "async generator"):
            return stated or instance("typing.AsyncIterator" if "async" in colour else "typing.Iterator")
        if colour in ("context manager", "async context manager"):
            inner = next(iter(stated)).args[:1] if stated and len(stated) == 1 else ()
            name = "AbstractAsyncContextManager" if "async" in colour else "AbstractContextManager"
            return instance(f"contextlib.{name}", *inner)
        result = _best(self._body_result(function, scope), stated)
        return coroutine(result) if isinstance(function.node, ast.AsyncFunctionDef) else result

    def _body_result(self, function: Function, scope: Scope) -> "Type | _Empty":
        body = function.node.body
        returned = [n.value for n in walk_own(body) if isinstance(n, ast.Return)]
        if not any(value is not None for value in returned):
            if says_nothing(body) or (not returned and ends(body)):
                return EMPTY
            return NONE
        parts = [self.infer(value, scope) if value is not None else NONE for value in returned]
        if not ends(body):
            parts.append(NONE)
        if None in parts and any(is_awaitable(part) for part in parts):
            return UNSURE
        return union(parts)

    def blocks(self, function: Function, context: Class | None) -> tuple[str, ...]:
        """The shortest way from a function to a blocking primitive; network before anything else."""
        known = primitive(function.key)
        if known is not None:
            return (public_name(function.key),)
        override = self.overrides.get(function.key)
        if override is not None and override.blocks:
            return (override.blocks,)
        key = (function, context)
        if key not in self._blocks:
            self._blocks[key] = ()  # a recursion blocks only through another branch
            ways = list(self._ways(function, context))
            ways.sort(key=lambda way: (not _on_network(way), len(way), not way[-1].endswith(".get"), way))
            self._blocks[key] = ways[0] if ways else ()
        return self._blocks[key]

    def _ways(self, function: Function, context: Class | None) -> Iterator[tuple[str, ...]]:
        scope = Scope(function.module, function, context)
        awaits: set[int] = set()
        for node in walk_own(function.node.body):
            if isinstance(node, ast.Await):
                awaits.add(id(node.value))
            if not isinstance(node, ast.Call):
                continue
            for target in self.infer(node.func, scope) or ():
                for name, callee, inner in self._callees(target):
                    if callee is None:
                        if primitive(name) is not None and id(node) not in awaits:
                            yield (public_name(name),)
                    elif callee.node is not function.node:
                        is_async = self.colour(callee)[1] != "def"
                        if is_async and id(node) not in awaits:
                            continue
                        way = self.blocks(callee, inner)
                        if way:
                            # A function that is a primitive itself ends the way.
                            yield way if len(way) == 1 and primitive(callee.key) else _hop(callee.qual, way)

    def _callees(self, target: Atom) -> Iterator[tuple[str, Function | None, Class | None]]:
        """What calling this value runs: (full name, function of the sources or None, its context)."""
        if target.kind == "outside":
            yield target.name, None, None
        elif target.kind == "function":
            entity = self.sources.resolve(target.name)
            if isinstance(entity, Function):
                context = self.sources.resolve(target.bound) if target.bound else None
                yield entity.key, entity, context if isinstance(context, Class) else None
        elif target.kind == "class":
            entity = self.sources.resolve(target.name)
            if isinstance(entity, Class):
                found = self.sources.member(entity, "__init__")
                if isinstance(found, tuple) and isinstance(found[1], Function):
                    yield found[1].key, found[1], entity


class _Empty:
    """A body that says nothing of what it returns (EMPTY), or may return an awaitable (UNSURE)."""


EMPTY, UNSURE = _Empty(), _Empty()


def _best(body: "Type | _Empty", stated: Type) -> Type:
    """The body is believed first; an annotation adds what the body leaves open and never contradicts it."""
    if isinstance(body, _Empty):
        return stated if body is EMPTY else None
    if body is None:
        return stated
    if stated is None:
        return body
    if is_awaitable(body) != is_awaitable(stated):
        return body
    plain = {a.name for a in stated if a.kind == "instance"}
    if body == JSON and stated == instance("dict"):
        return instance("dict", instance("str"), JSON)
    if Atom("json") in body or all(a.name in plain for a in body):
        return stated
    return body


def _hop(name: str, way: tuple[str, ...]) -> tuple[str, ...]:
    way = (name, *way)
    return way if len(way) <= _MAX_HOPS else (*way[: _MAX_HOPS - 1], way[-1])


def _on_network(way: tuple[str, ...]) -> bool:
    found = primitive(way[-1])
    return found is not None and found.network
