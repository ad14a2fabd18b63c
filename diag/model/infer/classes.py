"""Classes: bases, method resolution order, members and attribute stores."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from diag.model.infer.values import ClassValue, Frame, Unknown, ordered
from diag.model.syntax.scope import Binding, Scope

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

# Bases that add nothing which matters here.
_EMPTY_BASES = {
    "Generic",
    "Protocol",
    "object",
    "ABC",
    "TypedDict",
    "NamedTuple",
    "Enum",
    "IntEnum",
    "StrEnum",
    "Flag",
}
_ABSTRACT_MODULES = ("collections.abc", "typing", "typing_extensions", "_collections_abc", "abc")


@dataclass(frozen=True, slots=True)
class Lineage:
    """A class and its bases, most derived first, and the name of the first that could not be resolved."""

    classes: tuple["Class", ...]
    open_origin: str | None
    members: frozenset["Class"] = field(init=False, compare=False)
    names: frozenset[str] = field(init=False, compare=False)  # full names of them all

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", frozenset(self.classes))
        object.__setattr__(self, "names", frozenset(cls.full_name for cls in self.classes))


class Class:
    """A class of the project, a library or a stub; made once for each class scope."""

    def __init__(self, scope: Scope, frame: Frame | None) -> None:
        self.scope = scope
        self.module = scope.module
        self.name = scope.name
        self.frame = frame
        self._final: tuple[Lineage, int, bool] | None = None
        self._stores: dict[str, list[Binding]] | None = None
        self._heirs_of_name: dict[str | None, tuple[list[Class], Iterator[Scope]]] = {}

    def __repr__(self) -> str:
        return f"<class {self.full_name}>"

    @cached_property
    def full_name(self) -> str:
        return self.scope.full_name

    @property
    def node(self) -> ast.ClassDef:
        node = self.scope.node
        assert isinstance(node, ast.ClassDef)
        return node

    @property
    def is_protocol(self) -> bool:
        """Protocols and abstract collections say little about what the object is besides."""
        if self.module.name in _ABSTRACT_MODULES:
            return True
        return any(_last(base) == "Protocol" and not self._of_asyncio(base) for base in self.node.bases)

    def _of_asyncio(self, base: ast.expr) -> bool:
        """`asyncio.Protocol` is a class like others, unlike `typing.Protocol`."""
        if isinstance(base, ast.Attribute):
            return _last(base.value) in ("asyncio", "protocols")
        bindings = [] if self.module.is_stub else self.scope.top.bindings.get("Protocol", [])
        return any(b.kind == "from" and getattr(b.node, "module", "") == "asyncio" for b in bindings)

    @property
    def is_generic(self) -> bool:
        """A base is subscripted, so that type arguments of an instance can matter."""
        return any(isinstance(base, ast.Subscript) for base in self.node.bases) or bool(
            getattr(self.node, "type_params", ())
        )

    def mro(self, infer: "Infer") -> tuple["Class", ...]:
        """The class and its bases, most derived first."""
        return self.lineage(infer).classes

    def open_origin(self, infer: "Infer") -> str | None:
        """The first base that could not be resolved ("?": it has no name); None when all of it is seen."""
        return self.lineage(infer).open_origin

    def is_open(self, infer: "Infer") -> bool:
        """Part of the class can't be seen."""
        return self.lineage(infer).open_origin is not None

    def is_a(self, infer: "Infer", other: "Class") -> bool:
        """`other` is the class itself or one of its bases."""
        return other in self.lineage(infer).members

    @cached_property
    def has_metaclass(self) -> bool:
        """One of its own: a call of the class may give anything."""
        return any(
            k.arg == "metaclass" and _last(k.value) not in ("ABCMeta", "EnumMeta") for k in self.node.keywords
        )

    def lineage(self, infer: "Infer") -> Lineage:
        """The class and its bases."""
        final = self._final
        if final is not None:
            infer.deps |= final[1]
            if final[2]:
                infer.touched = True
            return final[0]
        found = infer.memoised(self.scope, "lineage", Class._find_lineage, self, infer)
        # none yet while it is being found; several where it goes in circles
        lineage = max(found, key=lambda each: len(each.classes), default=Lineage((self,), None))
        if type(memo := self.scope.memo["lineage"]) is tuple:
            self._final = (lineage, *memo[1:])
        return lineage

    def _find_lineage(self, infer: "Infer") -> frozenset["Lineage"]:
        tail: list[Class] = []
        origin: str | None = None
        for base in self.node.bases:
            head = base.value if isinstance(base, ast.Subscript) else base
            if _last(head) in _EMPTY_BASES and not (_last(head) == "Protocol" and self._of_asyncio(head)):
                continue
            values = infer.values(head, infer.frame_of(self.scope.parent), None)
            if not values:
                origin = origin or "?"
            for value in ordered(values):
                if isinstance(value, ClassValue):
                    if value.cls is self:
                        continue
                    tail += value.cls.mro(infer)
                    if origin is None:
                        origin = value.cls.open_origin(infer)
                elif isinstance(value, Unknown):
                    origin = origin or value.origin or "?"
                else:
                    origin = origin or "?"
        if self.has_metaclass:
            origin = origin or "?"
        # a base that several branches share counts where it comes last
        unique = dict.fromkeys(cls for cls in reversed(tail) if cls is not self)
        return frozenset({Lineage((self, *reversed(unique)), origin)})

    def members(self, name: str) -> list[Binding]:
        """What the class body binds `name` to."""
        return self.scope.bindings.get(self._own(name), [])

    def stored(self, name: str) -> list[Binding]:
        """Every `self.name = ...` in the methods of this class body."""
        return self.stores().get(self._own(name), [])

    def _own(self, name: str) -> str:
        """The name as it is written in this class: `_Client__session` is `__session` in `Client`."""
        if "__" not in name:
            return name
        prefix = f"_{self.name.lstrip('_')}"
        return name[len(prefix) :] if name.startswith(f"{prefix}__") else name

    def stores(self) -> dict[str, list[Binding]]:
        """Attribute -> every `self.attribute = ...` in the methods of this class body."""
        if self._stores is None:
            self._stores = {}
            self.scope.bindings  # noqa: B018
            for child in self.scope.children.values():
                if child.kind == "function":
                    self._collect(child, first_parameter(child))
        return self._stores

    def _collect(self, scope: Scope, receiver: str | None) -> None:
        assert self._stores is not None
        scope.bindings  # noqa: B018
        if receiver:
            for (name, attribute), bindings in scope.stores.items():
                if name == receiver:
                    self._stores.setdefault(attribute, []).extend(bindings)
        for child in scope.children.values():
            if child.kind == "function" and receiver not in child.bindings:
                self._collect(child, receiver)

    def descendants(self, infer: "Infer") -> Iterator["Class"]:
        """Subclasses in the judged modules, near and far."""
        return self._heirs(infer, None)

    def heirs_with(self, infer: "Infer", name: str) -> Iterator["Class"]:
        """The subclasses in the judged modules, without those that certainly do not bind the attribute."""
        infer.deps |= infer.project.query_bit("bound", name)
        return self._heirs(infer, name)

    def names_of_heirs(self, infer: "Infer") -> list[str]:
        """Names that subclasses in the judged modules have; classes that are none may be among them."""
        infer.deps |= infer.project.query_bit("word", self.name)
        return infer.project.names_of_heirs(self.name) if self.module.kind in ("project", "library") else []

    def _heirs(self, infer: "Infer", name: str | None) -> Iterator["Class"]:
        infer.deps |= infer.project.query_bit("word", self.name)
        if self.module.kind not in ("project", "library"):
            return
        if name not in self._heirs_of_name:
            within = None if name is None else infer.project.binders({name, unmangled(name)})
            self._heirs_of_name[name] = ([], infer.project.heirs(self.name, within))
        # both shared by all who ask, each at a place of their own
        candidates, rest = self._heirs_of_name[name]
        at = 0
        while True:
            if at == len(candidates):
                scope = next(rest, None)
                if scope is None:
                    return
                cls = infer.class_of(scope)
                if cls is self or cls in candidates:
                    continue
                candidates.append(cls)
            cls = candidates[at]
            at += 1
            if cls.is_a(infer, self):
                yield cls

    def family(self, infer: "Infer", *, exact: bool) -> Iterator["Class"]:
        yield from self.mro(infer)
        if not exact:
            yield from self.descendants(infer)


def mangled(name: str, scope: Scope | None) -> str:
    """What Python makes of an attribute name in this scope: `__x` belongs to the class that is around it."""
    if name.startswith("__") and not name.endswith("__"):
        while scope is not None:
            if scope.kind == "class":
                return f"_{scope.name.lstrip('_')}{name}"
            scope = scope.parent
    return name


def unmangled(name: str) -> str:
    """The name as it is written."""
    home, _, rest = name.partition("__")
    return f"__{rest}" if rest and home.startswith("_") else name


def first_parameter(scope: Scope) -> str | None:
    """The receiver of a method: `self`, `cls`; None for static methods."""
    node = scope.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    if any(_last(d) == "staticmethod" for d in node.decorator_list):
        return None
    arguments = (*node.args.posonlyargs, *node.args.args)
    return arguments[0].arg if arguments else None


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
