"""What the functions of one release return and where they block, read from their bodies.

A method is judged in the context of a concrete class, so that `self.request()` of a shared base reaches
the synchronous method in one subclass and the coroutine function in the other.
"""

import ast
import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from sdk_externals import (
    ATTRIBUTES,
    AWAITED,
    BUILTINS,
    CLASSES,
    GENERICS,
    HTTP_CLIENTS,
    METHODS,
    RETURNS,
    TRANSPARENT,
)
from sdk_source import Class, Function, Module, Sources, Value, dotted_name, walk_own
from sdk_types import (
    JSON,
    NONE,
    Atom,
    Type,
    awaited,
    coroutine,
    instance,
    is_awaitable,
    union,
)

from diag.model.blocking import primitive, public_name

_MAX_HOPS = 4
_NAMES_OF_BUILTINS = frozenset(dir(builtins))


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


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: its module, the function around it, and the class it is judged for."""

    module: Module
    function: Function | None = None
    context: Class | None = None


class Inference:
    def __init__(self, sources: Sources, overrides: Mapping[str, Override]) -> None:
        self.sources = sources
        self.overrides = overrides
        self._tops = {name.split(".")[0] for name in sources.modules}
        self._returns: dict[tuple[Function, Class | None], Type] = {}
        self._colours: dict[Function, tuple[str, str, bool]] = {}
        self._blocks: dict[tuple[Function, Class | None], tuple[str, ...]] = {}
        self._attributes: dict[tuple[Class, str], Type] = {}
        self._locals: dict[Function, dict[str, list[tuple[str, ast.AST | None]]]] = {}
        self._busy: set[object] = set()
        self._depth = 0

    # -- functions ---------------------------------------------------------------------------------

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
            isinstance(n, ast.Attribute | ast.Name) and _last(n) == "iscoroutinefunction"
            for n in ast.walk(found.node)
        ):
            return colour  # it takes care of both colours
        wrapped = _returned_function(found.node)
        if isinstance(decorator, ast.Call) and wrapped is not None and not isinstance(wrapped, str):
            wrapped = _returned_function(wrapped)
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
            if says_nothing(body) or (not returned and _ends(body)):
                return EMPTY
            return NONE
        parts = [self.infer(value, scope) if value is not None else NONE for value in returned]
        if not _ends(body):
            parts.append(NONE)
        if None in parts and any(is_awaitable(part) for part in parts):
            return UNSURE
        return union(parts)

    # -- blocking ----------------------------------------------------------------------------------

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

    # -- attributes --------------------------------------------------------------------------------

    def attribute(self, cls: Class, name: str) -> Type:
        """The type of an instance attribute of a class, its bases included; None when unknown."""
        key = (cls, name)
        if key not in self._attributes:
            if key in self._busy:
                return None
            self._busy.add(key)
            try:
                self._attributes[key] = self._attribute(cls, name)
            finally:
                self._busy.discard(key)
        return self._attributes[key]

    def _attribute(self, cls: Class, name: str) -> Type:
        parts: list[Type] = []
        for entry in self.sources.mro(cls):
            if isinstance(entry, str):
                continue
            member = entry.members.get(name)
            if isinstance(member, Value):
                scope = Scope(entry.module, None, cls)
                if member.annotation is not None:
                    return self.annotation(member.annotation, scope)
                if member.value is not None:
                    parts.append(self.infer(member.value, scope))
            for function, node in self.sources.attributes(entry).get(name, ()):
                scope = Scope(function.module, function, cls)
                if isinstance(node, ast.AnnAssign):
                    return self.annotation(node.annotation, scope)
                if (
                    isinstance(node, ast.Assign)
                    and len(node.targets) == 1
                    and isinstance(node.targets[0], ast.Attribute)
                ):
                    parts.append(self.infer(node.value, scope))
                elif not isinstance(node, ast.AugAssign):
                    parts.append(None)
        return union(parts) if parts else None

    def value(self, binding: Value) -> Type:
        """The type of a name of a module."""
        scope = Scope(binding.module)
        if binding.annotation is not None and not (dotted_name(binding.annotation) or "").endswith(
            ("Final", "TypeAlias")
        ):
            return self.annotation(binding.annotation, scope)
        found = self.infer(binding.value, scope) if binding.value is not None else None
        return None if any(atom.name.startswith("typing.") for atom in found or ()) else found

    # -- expressions -------------------------------------------------------------------------------

    def infer(self, node: ast.expr, scope: Scope) -> Type:
        """What an expression can be."""
        if self._depth > 60:
            return None
        self._depth += 1
        try:
            return self._infer(node, scope)
        finally:
            self._depth -= 1

    def _infer(self, node: ast.expr, scope: Scope) -> Type:
        match node:
            case ast.Constant(value=value):
                return NONE if value is None else instance(type(value).__name__) if value is not ... else None
            case ast.JoinedStr():
                return instance("str")
            case ast.Dict() | ast.DictComp():
                return instance("dict")
            case ast.List() | ast.ListComp():
                return instance("list")
            case ast.Set() | ast.SetComp():
                return instance("set")
            case ast.Tuple(elts=elements):
                parts = tuple(self.infer(e, scope) for e in elements if not isinstance(e, ast.Starred))
                return (
                    instance("tuple", *parts) if parts and len(parts) == len(elements) else instance("tuple")
                )
            case ast.GeneratorExp():
                return instance("typing.Iterator")
            case ast.UnaryOp(op=ast.Not()):
                return instance("bool")
            case ast.UnaryOp(operand=operand):
                found = self.infer(operand, scope)
                return found if found in (instance("int"), instance("float")) else None
            case ast.Compare(ops=[ast.Is() | ast.IsNot() | ast.In() | ast.NotIn()]):
                return instance("bool")
            case ast.Compare(left=left, comparators=[right]):
                simple = all(_is_simple(self.infer(side, scope)) for side in (left, right))
                return instance("bool") if simple else None
            case ast.BoolOp(values=values):
                return union([self.infer(value, scope) for value in values])
            case ast.IfExp(body=first, orelse=second):
                return union([self.infer(first, scope), self.infer(second, scope)])
            case ast.BinOp(left=left, op=op, right=right):
                return _arithmetic(op, self.infer(left, scope), self.infer(right, scope))
            case ast.NamedExpr(value=value):
                return self.infer(value, scope)
            case ast.Await(value=value):
                return self.awaited(self.infer(value, scope))
            case ast.Name(id=name):
                return self._name(name, scope)
            case ast.Attribute(value=value, attr=name):
                found = self.infer(value, scope)
                return None if found is None else union([self._member(atom, name) for atom in found])
            case ast.Subscript(value=ast.Dict(values=values)):
                return union([self.infer(value, scope) for value in values])
            case ast.Subscript(value=value):
                return self._item(self.infer(value, scope))
            case ast.Call():
                return self._call(node, scope)
        return None

    def awaited(self, kind: Type) -> Type:
        """What `await` gives, classes with `__await__` included."""
        if kind is None:
            return None
        parts: list[Type] = []
        for atom in kind:
            if atom.name in AWAITED:
                parts.append(instance(AWAITED[atom.name]))
                continue
            entity = self.sources.resolve(atom.name) if atom.kind == "instance" else None
            if isinstance(entity, Class):
                found = self.sources.member(entity, "__await__")
                result = None
                if isinstance(found, tuple) and isinstance(found[1], Function):
                    stated = self.returns(found[1], entity)
                    args = next(iter(stated)).args if stated else ()
                    result = args[-1] if len(args) == 3 else None
                parts.append(result)
            else:
                parts.append(awaited(frozenset({atom})))
        return union(parts)

    def _name(self, name: str, scope: Scope) -> Type:
        function = scope.function
        if function is not None:
            if scope.context is not None and name == function.self_name and name:
                binding = self.colour(function)[0]
                if binding == "":
                    return instance(scope.context.key)
                if binding == "classmethod":
                    return frozenset({Atom(scope.context.key, kind="class")})
            bound = self._bound(function).get(name)
            if bound is not None:
                return self._local(function, name, bound, scope)
        return self._entity(self.sources.name_in(scope.module, name))

    def _entity(self, found: "Module | Function | Class | Value | str | None") -> Type:
        match found:
            case Class():
                return frozenset({Atom(found.key, kind="class")})
            case Function():
                return frozenset({Atom(found.key, kind="function")})
            case Module():
                return frozenset({Atom(found.name, kind="module")})
            case Value():
                if found in self._busy:
                    return None
                self._busy.add(found)
                try:
                    return self.value(found)
                finally:
                    self._busy.discard(found)
            case str():
                name = f"builtins.{found}" if found in _NAMES_OF_BUILTINS else found
                return frozenset({Atom(name, kind="outside")})
        return None

    def _bound(self, function: Function) -> dict[str, list[tuple[str, ast.AST | None]]]:
        """The names a function binds, each with how and from which node."""
        known = self._locals.get(function)
        if known is None:
            known = self._locals[function] = bindings(function)
        return known

    def _local(
        self, function: Function, name: str, bound: list[tuple[str, ast.AST | None]], scope: Scope
    ) -> Type:
        key = (function, name, scope.context)
        if key in self._busy:
            return None
        self._busy.add(key)
        try:
            stated = [node for how, node in bound if how == "annotation" and isinstance(node, ast.expr)]
            if stated:
                return self.annotation(stated[0], scope)
            parts: list[Type] = []
            for how, node in bound:
                if how == "value" and isinstance(node, ast.expr):
                    parts.append(self.infer(node, scope))
                elif how == "item" and isinstance(node, ast.expr):
                    parts.append(self._item(self.infer(node, scope), iterates=True))
                elif how in ("enter", "async enter") and isinstance(node, ast.expr):
                    parts.append(self._entered(self.infer(node, scope), is_async=how == "async enter"))
                elif how == "import" and isinstance(node, ast.Import | ast.ImportFrom):
                    parts.append(self._imported(node, name, scope.module))
                else:
                    parts.append(None)
            return union(parts)
        finally:
            self._busy.discard(key)

    def _imported(self, node: ast.Import | ast.ImportFrom, name: str, module: Module) -> Type:
        for alias in node.names:
            if isinstance(node, ast.ImportFrom) and (alias.asname or alias.name) == name:
                source = module.absolute(node.level, node.module)
                return self._entity(self.sources.resolve(f"{source}.{alias.name}"))
            if isinstance(node, ast.Import) and (alias.asname or alias.name.split(".")[0]) == name:
                return self._entity(self.sources.resolve(alias.name if alias.asname else name))
        return None

    def _member(self, atom: Atom, name: str) -> Type:
        """What `.name` of a value is."""
        if atom.kind == "module":
            return self._entity(self.sources.resolve(f"{atom.name}.{name}"))
        if atom.kind == "outside":
            return frozenset({Atom(f"{atom.name}.{name}", kind="outside")})
        if atom.kind == "function":
            return None
        if atom.name in METHODS or atom.name == "json":
            return frozenset({Atom(f"builtins.{atom.name}.{name}", atom.args, kind="outside")})
        entity = self.sources.resolve(atom.name)
        if not isinstance(entity, Class):
            return (
                instance_of(ATTRIBUTES[full])
                if (full := f"{atom.name}.{name}") in ATTRIBUTES
                else frozenset({Atom(full, kind="outside")})
            )
        found = self.sources.member(entity, name)
        if isinstance(found, tuple) and isinstance(found[1], Function):
            function = found[1]
            if self.colour(function)[1] in ("property", "async property"):
                return self.returns(function, entity)
            return frozenset({Atom(function.key, kind="function", bound=entity.key)})
        if isinstance(found, tuple) and isinstance(found[1], Class):
            return frozenset({Atom(found[1].key, kind="class")})
        kind = self.attribute(entity, name)
        if kind is None and isinstance(found, str):
            return frozenset({Atom(found, kind="outside")})
        return kind

    def _item(self, kind: Type, *, iterates: bool = False) -> Type:
        """What indexing or iterating a value gives."""
        parts: list[Type] = []
        for atom in kind or ():
            if atom.name == "json":
                parts.append(JSON)
            elif atom.name in ("str", "bytes") and atom.kind == "instance":
                parts.append(instance("str" if atom.name == "str" else "int"))
            elif atom.name in ("list", "set", "typing.Iterator", "typing.Iterable") and len(atom.args) == 1:
                parts.append(atom.args[0])
            elif atom.name == "dict" and len(atom.args) == 2 and not iterates:
                parts.append(atom.args[1])
            else:
                parts.append(None)
        return union(parts) if parts else None

    def _entered(self, kind: Type, *, is_async: bool) -> Type:
        parts: list[Type] = []
        for atom in kind or ():
            entity = self.sources.resolve(atom.name) if atom.kind == "instance" else None
            if atom.name in AWAITED:
                parts.append(instance(AWAITED[atom.name]))
            elif atom.name.startswith("contextlib.Abstract"):
                parts.append(atom.args[0] if atom.args else None)
            elif isinstance(entity, Class):
                found = self.sources.member(entity, "__aenter__" if is_async else "__enter__")
                result = None
                if isinstance(found, tuple) and isinstance(found[1], Function):
                    result = self.returns(found[1], entity)
                    result = self.awaited(result) if is_async else result
                parts.append(result)
            elif atom.kind == "instance" and atom.name.split(".")[0] in ("requests", "httpx", "aiohttp"):
                parts.append(frozenset({atom}))
            else:
                parts.append(None)
        return union(parts) if parts else None

    def _call(self, node: ast.Call, scope: Scope) -> Type:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            return None
        if dotted_name(node.func) in ("cast", "typing.cast") and len(node.args) == 2:
            return self.annotation(node.args[0], scope)
        if dotted_name(node.func) == "getattr" and len(node.args) == 2:
            return self._verb(self.infer(node.args[0], scope))
        if isinstance(node.func, ast.Attribute) and _is_super(node.func.value):
            return self._super_call(node.func.attr, scope)
        match node.func:
            case ast.Attribute(value=ast.Dict(values=values), attr="get"):
                return union(
                    [self.infer(value, scope) for value in values]
                )  # {"GET": session.get, ...}.get(method)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop", "setdefault"):
            receiver = self.infer(node.func.value, scope)
            if receiver is not None and {atom.name for atom in receiver} == {"json"}:
                return union([JSON, *(self.infer(a, scope) for a in node.args[1:])])
        targets = self.infer(node.func, scope)
        if not targets:
            return None
        return union([self._called(atom) for atom in targets])

    def _verb(self, kind: Type) -> Type:
        """`getattr(session, method.lower())` of an HTTP client: some verb or other."""
        owners = {atom.name for atom in kind or () if atom.name != "None"}
        if len(owners) == 1 and (owner := public_name(owners.pop())) in HTTP_CLIENTS:
            return frozenset({Atom(f"{owner}.request", kind="outside")})
        return None

    def _super_call(self, name: str, scope: Scope) -> Type:
        owner, context = scope.function.owner if scope.function else None, scope.context
        if owner is None:
            return None
        found = self.sources.member(context or owner, name, after=owner)
        if isinstance(found, str):
            return instance_of(RETURNS.get(public_name(found), ""))
        if found is not None and isinstance(found[1], Function):
            return self.returns(found[1], context or owner)
        return None

    def _called(self, atom: Atom) -> Type:
        if atom.kind == "function":
            entity = self.sources.resolve(atom.name)
            context = self.sources.resolve(atom.bound) if atom.bound else None
            if isinstance(entity, Function):
                return self.returns(entity, context if isinstance(context, Class) else None)
        elif atom.kind == "class":
            return instance(atom.name)
        elif atom.kind == "outside":
            if atom.name.startswith("builtins."):
                _, first, *rest = atom.name.split(".")
                return instance_of(
                    METHODS.get(first, {}).get(rest[0], "") if rest else BUILTINS.get(first, "")
                )
            name = public_name(atom.name)
            if name in RETURNS:
                return instance_of(RETURNS[name])
            last = name.split(".")[-1]
            is_class = last[:1].isupper() and not last.isupper() and "." in name
            if is_class or name in CLASSES:
                return instance(GENERICS.get(name, name))
        elif atom.kind == "instance":
            entity = self.sources.resolve(atom.name)
            if isinstance(entity, Class):
                found = self.sources.member(entity, "__call__")
                if isinstance(found, tuple) and isinstance(found[1], Function):
                    return self.returns(found[1], entity)
        return None

    # -- annotations -------------------------------------------------------------------------------

    def annotation(self, node: ast.expr | None, scope: Scope, depth: int = 0) -> Type:
        """The type that an annotation states; None for `Any`, type variables and the like."""
        if depth > 8 or node is None:
            return None
        match node:
            case ast.Constant(value=None):
                return NONE
            case ast.Constant(value=str() as text):
                try:
                    return self.annotation(ast.parse(text, mode="eval").body, scope, depth + 1)
                except SyntaxError:
                    return None
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return union(
                    [self.annotation(left, scope, depth + 1), self.annotation(right, scope, depth + 1)]
                )
            case ast.Name() | ast.Attribute():
                return self._stated(dotted_name(node), scope, depth)
            case ast.Subscript(value=value, slice=inner):
                arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                return self._generic(value, arguments, scope, depth)
        return None

    def _generic(self, value: ast.expr, arguments: list[ast.expr], scope: Scope, depth: int) -> Type:
        name = dotted_name(value) or ""
        last = name.split(".")[-1]
        match last:
            case "Optional":
                return union([self.annotation(arguments[0], scope, depth + 1), NONE])
            case "Union":
                return union([self.annotation(a, scope, depth + 1) for a in arguments])
            case "Annotated" | "ClassVar" | "Final" | "Required" | "NotRequired" | "ReadOnly":
                return self.annotation(arguments[0], scope, depth + 1)
            case "Literal":
                return union([self.infer(a, scope) for a in arguments])
            case "Callable":
                return instance("typing.Callable")
        base = self._stated(name, scope, depth)
        if base is None or len(base) != 1:
            return base
        atom = next(iter(base))
        if isinstance(self.sources.resolve(atom.name), Class):
            return base
        kept = [a for a in arguments if not (isinstance(a, ast.Constant) and a.value is ...)]
        return frozenset({replace(atom, args=tuple(self.annotation(a, scope, depth + 1) for a in kept))})

    def _stated(self, name: str | None, scope: Scope, depth: int) -> Type:
        if name is None:
            return None
        if name.split(".")[-1] == "Self" and scope.context is not None:
            return instance(scope.context.key)
        found = self.sources.name_in(scope.module, name)
        if scope.context is not None and "." not in name:
            nested = self.sources.member(scope.context, name)
            if isinstance(nested, tuple) and isinstance(nested[1], Class):
                found = nested[1]
        if isinstance(found, Class):
            return instance(found.key)
        if isinstance(found, Value):
            if isinstance(found.value, ast.Call) and (dotted_name(found.value.func) or "").endswith(
                "NewType"
            ):
                return self.annotation(found.value.args[1], Scope(found.module), depth + 1)
            if isinstance(found.value, ast.Call) and (dotted_name(found.value.func) or "").endswith(
                "TypeVar"
            ):
                return None
            is_alias = found.annotation is None or (dotted_name(found.annotation) or "").endswith("TypeAlias")
            return self.annotation(found.value, Scope(found.module), depth + 1) if is_alias else None
        if not isinstance(found, str):
            return None
        found = GENERICS.get(found, found)
        if found.startswith(("collections.abc.", "typing_extensions.")):
            found = "typing." + found.split(".")[-1]
        if found in (
            "typing.Any",
            "typing.NoReturn",
            "typing.Never",
            "object",
            "typing.AnyStr",
            "typing.LiteralString",
        ):
            return None
        if "." not in found and found not in _NAMES_OF_BUILTINS:
            return None
        if found.split(".")[0] in self._tops:
            return None  # defined in a module that is left out, or not at all
        return instance(found)


class _Empty:
    """A body that says nothing of what it returns (EMPTY), or may return an awaitable (UNSURE)."""


EMPTY, UNSURE = _Empty(), _Empty()


def bindings(function: Function) -> dict[str, list[tuple[str, ast.AST | None]]]:
    """The names bound in a function, each with how (`value`, `item`, `enter`, ...) and from which node."""
    found: dict[str, list[tuple[str, ast.AST | None]]] = {}

    def bind(target: ast.expr, how: str, node: ast.AST | None) -> None:
        if isinstance(target, ast.Name):
            found.setdefault(target.id, []).append((how, node))
        elif isinstance(target, ast.Tuple | ast.List):
            for position, element in enumerate(target.elts):
                if how == "value" and isinstance(node, ast.Tuple) and len(node.elts) == len(target.elts):
                    bind(element, "value", node.elts[position])
                else:
                    bind(element, "part", None)
        elif isinstance(target, ast.Starred):
            bind(target.value, "part", None)

    arguments = function.node.args
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        how = "annotation" if argument.annotation is not None else "argument"
        found.setdefault(argument.arg, []).append((how, argument.annotation))
    for star, kind in ((arguments.vararg, "tuple"), (arguments.kwarg, "dict")):
        if star is not None:
            found.setdefault(star.arg, []).append(
                ("value", ast.Dict([], []) if kind == "dict" else ast.Tuple([]))
            )
    for node in walk_own(function.node.body):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    bind(target, "value", value)
            case ast.AnnAssign(target=target, annotation=annotation):
                bind(target, "annotation", annotation)
            case ast.NamedExpr(target=target, value=value):
                bind(target, "value", value)
            case ast.For(target=target, iter=iterable):
                bind(target, "item", iterable)
            case ast.AsyncFor(target=target):
                bind(target, "part", None)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    if item.optional_vars is not None:
                        how = "async enter" if isinstance(node, ast.AsyncWith) else "enter"
                        bind(item.optional_vars, how, item.context_expr)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                for alias in names:
                    found.setdefault(alias.asname or alias.name.split(".")[0], []).append(("import", node))
            case ast.ExceptHandler(name=str() as name):
                found.setdefault(name, []).append(("part", None))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.setdefault(name, []).append(("part", None))
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                for name in names:
                    found.setdefault(name, []).append(("part", None))
    return found


def instance_of(text: str) -> Type:
    """The type written in the tables of what lies outside; an empty text is unknown."""
    return _parse(ast.parse(text, mode="eval").body) if text else None


def _parse(node: ast.expr) -> Type:
    match node:
        case ast.Constant(value=None):
            return NONE
        case ast.BinOp(left=left, right=right):
            return union([_parse(left), _parse(right)])
        case ast.Subscript(value=value, slice=inner):
            arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return instance(dotted_name(value) or "", *(_parse(a) for a in arguments))
    name = dotted_name(node) or ""
    return None if name == "typing.Any" else instance(name)


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


def _last(node: ast.Attribute | ast.Name) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _is_simple(kind: Type) -> bool:
    return kind is not None and all(a.name in ("int", "float", "str", "bool", "bytes", "None") for a in kind)


def _arithmetic(op: ast.operator, left: Type, right: Type) -> Type:
    text, whole, real = instance("str"), instance("int"), instance("float")
    if left == text and isinstance(op, ast.Mod | ast.Add | ast.Mult):
        return text if isinstance(op, ast.Mod) or right in (text, whole) else None
    if left in (whole, real) and right in (whole, real):
        return real if isinstance(op, ast.Div) or real in (left, right) else whole
    return left if left == right and left in (instance("list"), instance("bytes")) else None


def says_nothing(body: list[ast.stmt]) -> bool:
    """Whether a body is only a docstring, `pass`, `...` or a raise: abstract, or a protocol."""
    return all(
        isinstance(s, ast.Pass | ast.Raise) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        for s in body
    )


def _ends(body: list[ast.stmt]) -> bool:
    """Whether control never falls off the end of these statements."""
    if not body:
        return False
    match body[-1]:
        case ast.Return() | ast.Raise():
            return True
        case ast.If(body=first, orelse=second):
            return _ends(first) and _ends(second)
        case ast.With(body=inner) | ast.AsyncWith(body=inner):
            return _ends(inner)
        case ast.While(test=ast.Constant(value=value), body=inner):
            return bool(value) and not any(isinstance(n, ast.Break) for n in walk_own(inner))
        case ast.Try(body=inner, handlers=handlers, orelse=second, finalbody=last):
            return _ends(last) or (_ends(second or inner) and all(_ends(h.body) for h in handlers))
        case ast.Match(cases=cases):
            wild = any(
                isinstance(c.pattern, ast.MatchAs) and c.pattern.pattern is None and c.guard is None
                for c in cases
            )
            return wild and all(_ends(c.body) for c in cases)
    return False


def _returned_function(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
) -> ast.FunctionDef | ast.AsyncFunctionDef | str | None:
    """The inner function that a decorator returns, the name of its own argument, or None."""
    inner = {n.name: n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    names = {dotted_name(n.value) for n in walk_own(node.body) if isinstance(n, ast.Return)}
    name = names.pop() if len(names) == 1 else None
    if name is None:
        return None
    return inner.get(name) or (name if name in {a.arg for a in node.args.args} else None)
