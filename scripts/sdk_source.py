"""The sources of one release as names: modules, what they bind, classes and how they inherit.

Everything is read with `ast`; nothing is imported or run.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Nested = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(eq=False)
class Function:
    """A `def` of a module or class; the last one where a name is defined several times."""

    module: "Module"
    qual: str
    node: FunctionNode
    owner: "Class | None" = None

    @property
    def key(self) -> str:
        return f"{self.module.name}.{self.qual}"

    @cached_property
    def self_name(self) -> str:
        """The name of the first parameter of a method, else an empty string."""
        arguments = [*self.node.args.posonlyargs, *self.node.args.args]
        return arguments[0].arg if self.owner is not None and arguments else ""


@dataclass(eq=False)
class Value:
    """A name of a module or class bound by an assignment or an annotation."""

    module: "Module"
    value: ast.expr | None
    annotation: ast.expr | None


@dataclass(eq=False)
class Class:
    module: "Module"
    qual: str
    node: ast.ClassDef
    members: "dict[str, Function | Class | Value | str]" = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.module.name}.{self.qual}"


Binding = Function | Class | Value | str  # str: the full dotted name that an import refers to
Entity = "Module | Function | Class | Value | str"  # str: a full dotted name outside the sources


@dataclass(eq=False)
class Module:
    name: str
    is_package: bool
    names: dict[str, Binding] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)

    def absolute(self, level: int, target: str | None) -> str:
        """The module that `from <dots><target> import ...` names here."""
        if level == 0:
            return target or ""
        parts = self.name.split(".")
        parts = parts[: len(parts) - level + (1 if self.is_package else 0)]
        return ".".join([*parts, *([target] if target else [])])


class Sources:
    """All modules of one release, and the way from a dotted name to what it stands for."""

    def __init__(self, files: Iterable[tuple[str, bool, Path]]) -> None:
        self.modules: dict[str, Module] = {}
        for name, is_package, path in files:
            try:
                tree = ast.parse(path.read_bytes(), filename=str(path))
            except (SyntaxError, ValueError):
                continue  # Python 2 leftovers and templates: nothing can be known about them
            module = Module(name, is_package)
            bind_all(tree.body, module, None, module.names, alternative=False)
            self.modules[name] = module
        self._mro: dict[Class, tuple[Class | str, ...]] = {}
        self._attributes: dict[Class, dict[str, list[tuple[Function, ast.stmt]]]] = {}

    def classes(self) -> Iterator[Class]:
        for module in self.modules.values():
            yield from _classes_in(module.names.values(), module)

    def resolve(
        self, dotted: str, seen: frozenset[str] = frozenset()
    ) -> "Module | Function | Class | Value | str":
        """What a full dotted name stands for, through imports; a string when it lies outside."""
        if dotted in seen or len(seen) > 20:
            return dotted
        seen = seen | {dotted}
        parts = dotted.split(".")
        for cut in range(len(parts), 0, -1):
            module = self.modules.get(".".join(parts[:cut]))
            if module is not None:
                if cut == len(parts) > 1 and (found := self._shadow(parts, dotted, seen)) is not None:
                    return found
                return self._inside(module, parts[cut:], dotted, seen)
        return dotted

    def _shadow(self, parts: list[str], dotted: str, seen: frozenset[str]) -> "Function | Class | None":
        """The function or class that a package binds under the name of its own submodule."""
        package = self.modules.get(".".join(parts[:-1]))
        binding = package.names.get(parts[-1]) if package is not None else None
        if isinstance(binding, str) and binding != dotted:
            found = self.resolve(binding, seen)
            return found if isinstance(found, Function | Class) else None
        return binding if isinstance(binding, Function | Class) else None

    def _inside(
        self, module: Module, rest: list[str], dotted: str, seen: frozenset[str]
    ) -> "Module | Function | Class | Value | str":
        if not rest:
            return module
        found = self.lookup(module, rest[0], seen)
        if isinstance(found, str | Module) and len(rest) > 1:
            name = found.name if isinstance(found, Module) else found
            return self.resolve(".".join([name, *rest[1:]]), seen)
        for part in rest[1:]:
            found = found.members.get(part) if isinstance(found, Class) else None
            if isinstance(found, str):
                found = self.resolve(found, seen)
        return dotted if found is None else found

    def lookup(
        self, module: Module, name: str, seen: frozenset[str] = frozenset()
    ) -> "Module | Function | Class | Value | str | None":
        """What a name of a module stands for; None when the module does not bind it."""
        binding = module.names.get(name)
        if binding is None:
            submodule = self.modules.get(f"{module.name}.{name}")
            if submodule is not None:
                return submodule
            for star in module.stars:
                other = self.modules.get(star)
                if other is None or star in seen or (name.startswith("_") and name not in _exported(other)):
                    continue
                found = self.lookup(other, name, seen | {star})
                if found is not None:
                    return found
            return None
        if isinstance(binding, str):
            return self.resolve(binding, seen)
        if isinstance(binding, Value) and binding.annotation is None:
            target = dotted_name(binding.value)
            if target is not None and target.split(".")[0] in module.names and target != name:
                return self.resolve(f"{module.name}.{target}", seen | {f"{module.name}.{name}"})
        return binding

    def public_names(self, module: Module, seen: frozenset[str] = frozenset()) -> list[str]:
        """The names that a module publishes, those of its star imports included."""
        names = dict.fromkeys(module.names)
        for star in module.stars:
            other = self.modules.get(star)
            if other is not None and star not in seen:
                exported = _exported(other)
                for name in exported or self.public_names(other, seen | {module.name}):
                    if exported or not name.startswith("_"):
                        names.setdefault(name)
        return list(names)

    def bases(self, cls: Class) -> list[Class | str]:
        """The direct bases: classes of the sources, else full dotted names; `?` for anything computed."""
        found: list[Class | str] = []
        for base in cls.node.bases:
            target = dotted_name(base.value if isinstance(base, ast.Subscript) else base)
            entity: Module | Function | Class | Value | str | None = None
            if target is not None:
                entity = self.name_in(cls.module, target)
            if isinstance(entity, Class | str):
                found.append(entity)
            else:
                found.append("?")
        return found

    def name_in(self, module: Module, target: str) -> "Module | Function | Class | Value | str | None":
        """What a dotted expression stands for at the top level of a module; builtins by their bare name."""
        first, _, rest = target.partition(".")
        found = self.lookup(module, first)
        if found is None:
            return target if not rest else None
        if not rest:
            return found
        if isinstance(found, Module | str):
            return self.resolve(f"{found.name if isinstance(found, Module) else found}.{rest}")
        if isinstance(found, Class):
            return self.resolve(f"{found.key}.{rest}")
        return None

    def mro(self, cls: Class) -> tuple[Class | str, ...]:
        """The class and all its bases in the order of lookup (depth first, a shared base last)."""
        known = self._mro.get(cls)
        if known is None:
            self._mro[cls] = (cls,)  # a class that inherits from itself is wrong code, not our loop
            order: list[Class | str] = [cls]
            for base in self.bases(cls):
                for entry in self.mro(base) if isinstance(base, Class) else (base,):
                    if entry in order:
                        order.remove(entry)
                    order.append(entry)
            known = self._mro[cls] = tuple(order)
        return known

    def member(
        self, cls: Class, name: str, after: Class | None = None
    ) -> "tuple[Class, Binding] | str | None":
        """Where a class finds a name: (class, binding), or the full name on an outside base.

        `after` starts the search behind that class, as `super()` does.
        """
        order = self.mro(cls)
        if after is not None and after in order:
            order = order[order.index(after) + 1 :]
        outside = None
        for entry in order:
            if isinstance(entry, str):
                outside = outside or (entry if entry not in ("object", "?") else None)
            elif name in entry.members:
                return entry, self._own(entry, name)
        return f"{outside}.{name}" if outside else None

    def _own(self, cls: Class, name: str) -> Binding:
        """A member of the class itself; a function that its body imports becomes a method."""
        binding = cls.members[name]
        found = self.resolve(binding) if isinstance(binding, str) else None
        if isinstance(found, Function):
            binding = cls.members[name] = Function(found.module, found.qual, found.node, cls)
        return binding

    def attributes(self, cls: Class) -> dict[str, list[tuple[Function, ast.stmt]]]:
        """The statements in the methods of the class itself that assign `self.<name>`."""
        known = self._attributes.get(cls)
        if known is None:
            known = self._attributes[cls] = {}
            for member in cls.members.values():
                if not isinstance(member, Function):
                    continue
                for node in ast.walk(member.node):
                    for target in _targets(node):
                        if (
                            isinstance(target, ast.Attribute)
                            and isinstance(target.value, ast.Name)
                            and target.value.id == member.self_name
                            and isinstance(node, ast.stmt)
                        ):
                            known.setdefault(target.attr, []).append((member, node))
        return known


def modules_under(root: Path, exclude: Iterable[str]) -> Iterator[tuple[str, bool, Path]]:
    """(module name, is a package, path) of every importable file under an unpacked wheel, in stable order."""
    for path in sorted(root.rglob("*.py")):
        parts = list(path.relative_to(root).with_suffix("").parts)
        is_package = parts[-1] == "__init__"
        if is_package:
            parts.pop()
        name = ".".join(parts)
        if not parts or not all(part.isidentifier() for part in parts):
            continue
        if any(name == glob or name.startswith(f"{glob}.") or glob in parts for glob in exclude):
            continue
        yield name, is_package, path


def dotted_name(node: ast.expr | None) -> str | None:
    """`a.b.c` for a chain of names and attributes, else None."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def walk_own(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every node of these statements in source order, without the insides of nested functions and classes."""
    for node in body:
        yield node
        if not isinstance(node, Nested):
            yield from walk_own(ast.iter_child_nodes(node))


def _targets(node: ast.AST) -> list[ast.expr]:
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = list(node.targets)
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.For | ast.AsyncFor):
        targets = [node.target]
    elif isinstance(node, ast.With | ast.AsyncWith):
        targets = [item.optional_vars for item in node.items if item.optional_vars is not None]
    flat: list[ast.expr] = []
    while targets:
        target = targets.pop(0)
        if isinstance(target, ast.Tuple | ast.List):
            targets = [*target.elts, *targets]
        else:
            flat.append(target)
    return flat


def _exported(module: Module) -> list[str]:
    """The literal `__all__` of a module, else nothing."""
    binding = module.names.get("__all__")
    if isinstance(binding, Value) and isinstance(binding.value, ast.List | ast.Tuple):
        return [
            e.value for e in binding.value.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)
        ]
    return []


def _classes_in(bindings: Iterable[Binding], module: Module) -> Iterator[Class]:
    for binding in bindings:
        if isinstance(binding, Class) and binding.module is module:
            yield binding
            yield from _classes_in(binding.members.values(), module)


def bind_all(
    body: list[ast.stmt], module: Module, owner: Class | None, into: dict[str, Binding], *, alternative: bool
) -> None:
    """Record what the statements bind. In an `else` or `except` branch an earlier binding stands."""

    def bind(name: str, binding: Binding) -> None:
        if not (alternative and name in into):
            into[name] = binding

    prefix = f"{owner.qual}." if owner is not None else ""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if not _is_setter(node) and not (_is_overload(node) and node.name in into):
                    bind(node.name, Function(module, prefix + node.name, node, owner))
            case ast.ClassDef():
                cls = Class(module, prefix + node.name, node)
                bind(node.name, cls)
                bind_all(node.body, module, cls, cls.members, alternative=False)
            case ast.Import():
                for alias in node.names:
                    bind(
                        alias.asname or alias.name.split(".")[0],
                        alias.name if alias.asname else alias.name.split(".")[0],
                    )
            case ast.ImportFrom():
                source = module.absolute(node.level, node.module)
                for alias in node.names:
                    if alias.name == "*":
                        module.stars.append(source)
                    else:
                        bind(alias.asname or alias.name, f"{source}.{alias.name}")
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Name) and dotted_name(value) != target.id:  # `cast = cast`
                        bind(target.id, Value(module, value, None))
            case ast.AnnAssign(target=ast.Name(id=name), value=optional, annotation=annotation):
                bind(name, Value(module, optional, annotation))
            case ast.If(body=first, orelse=second):
                bind_all(first, module, owner, into, alternative=alternative)
                bind_all(second, module, owner, into, alternative=True)
            case ast.Try():
                bind_all([*node.body, *node.orelse], module, owner, into, alternative=alternative)
                for handler in node.handlers:
                    bind_all(handler.body, module, owner, into, alternative=True)
                bind_all(node.finalbody, module, owner, into, alternative=alternative)
            case ast.With(body=inner):
                bind_all(inner, module, owner, into, alternative=alternative)
            case ast.Expr(value=ast.Call(func=ast.Name(id="lazy_import"), keywords=keywords)):
                _bind_lazily(keywords, module, into)


def _bind_lazily(keywords: list[ast.keyword], module: Module, into: dict[str, Binding]) -> None:
    """`lazy_import(globals(), aliases={"connect": ".asyncio.client"})`, the idiom of websockets."""
    for keyword in keywords:
        if not isinstance(keyword.value, ast.Dict):
            continue
        for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
            match key, value:
                case ast.Constant(value=str() as name), ast.Constant(value=str() as source):
                    level = len(source) - len(source.lstrip("."))
                    target = module.absolute(level, source[level:] or None)
                    into.setdefault(name, f"{target}.{name}")


def _is_setter(node: FunctionNode) -> bool:
    return any(
        isinstance(d, ast.Attribute) and d.attr in ("setter", "deleter", "getter", "register")
        for d in node.decorator_list
    )


def _is_overload(node: FunctionNode) -> bool:
    return any((dotted_name(d) or "").split(".")[-1] == "overload" for d in node.decorator_list)
