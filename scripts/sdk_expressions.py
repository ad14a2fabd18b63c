"""What expressions can be: values flow through names, calls, attributes and `with`."""

import ast
from abc import ABC, abstractmethod

from sdk_annotations import NAMES_OF_BUILTINS, Annotations, Scope, instance_of
from sdk_externals import ATTRIBUTES, AWAITED, BUILTINS, CLASSES, GENERICS, HTTP_CLIENTS, METHODS, RETURNS
from sdk_source import Class, Function, Module, Sources, Value, dotted_name
from sdk_syntax import Bindings, bindings, is_super
from sdk_types import JSON, NONE, Atom, Type, awaited, instance, union

from diag.model.facts.blocking import public_name


class Expressions(Annotations, ABC):
    """The types of expressions; what functions return is for the subclass to say."""

    def __init__(self, sources: Sources) -> None:
        super().__init__(sources)
        self._attributes: dict[tuple[Class, str], Type] = {}
        self._locals: dict[Function, Bindings] = {}
        self._busy: set[object] = set()
        self._depth = 0

    @abstractmethod
    def colour(self, function: Function) -> tuple[str, str, bool]:
        """(binding, colour, whether every decorator is understood) of a function."""

    @abstractmethod
    def returns(self, function: Function, context: Class | None) -> Type:
        """What a call gives: for an `async def` the coroutine, for a property its value."""

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
                if found is not None and found != NONE:
                    found -= {Atom("None")}  # None has no attributes worth following
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
                name = f"builtins.{found}" if found in NAMES_OF_BUILTINS else found
                return frozenset({Atom(name, kind="outside")})
        return None

    def _bound(self, function: Function) -> Bindings:
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
        if isinstance(node.func, ast.Attribute) and is_super(node.func.value):
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


def _is_simple(kind: Type) -> bool:
    return kind is not None and all(a.name in ("int", "float", "str", "bool", "bytes", "None") for a in kind)


def _arithmetic(op: ast.operator, left: Type, right: Type) -> Type:
    text, whole, real = instance("str"), instance("int"), instance("float")
    if left == text and isinstance(op, ast.Mod | ast.Add | ast.Mult):
        return text if isinstance(op, ast.Mod) or right in (text, whole) else None
    if left in (whole, real) and right in (whole, real):
        return real if isinstance(op, ast.Div) or real in (left, right) else whole
    return left if left == right and left in (instance("list"), instance("bytes")) else None
