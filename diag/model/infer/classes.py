"""Classes: bases, method resolution order, members and attribute stores."""

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from diag.model.infer.values import ClassValue, Frame, Unknown
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


class Class:
    """A class of the project, a library or a stub; made once for each class scope."""

    def __init__(self, scope: Scope, frame: Frame | None) -> None:
        self.scope = scope
        self.module = scope.module
        self.name = scope.name
        self.frame = frame
        self._mro: list[Class] | None = None
        self.open_origin: str | None = None  # the first base that could not be resolved
        self.has_metaclass = False  # one of its own: a call of the class may give anything
        self._stores: dict[str, list[Binding]] | None = None
        self._descendants: dict[str | None, tuple[list[Class], Iterator[Scope]]] = {}

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
        return any(_last(base) == "Protocol" for base in self.node.bases)

    @property
    def is_generic(self) -> bool:
        """A base is subscripted, so that type arguments of an instance can matter."""
        return any(isinstance(base, ast.Subscript) for base in self.node.bases) or bool(
            getattr(self.node, "type_params", ())
        )

    def mro(self, infer: "Infer") -> list["Class"]:
        """The class and its bases, most derived first; bases that can't be resolved set `open_origin`."""
        if self._mro is None:
            self._mro = [self]
            tail: list[Class] = []
            for base in self.node.bases:
                head = base.value if isinstance(base, ast.Subscript) else base
                if _last(head) in _EMPTY_BASES:
                    continue
                values = infer.values(head, infer.frame_of(self.scope.parent), None)
                if not values:
                    self.open_origin = self.open_origin or "?"
                for value in values:
                    if isinstance(value, ClassValue):
                        if value.cls is self:
                            continue
                        tail += value.cls.mro(infer)
                        if self.open_origin is None:
                            self.open_origin = value.cls.open_origin
                    elif isinstance(value, Unknown):
                        self.open_origin = self.open_origin or value.origin or "?"
                    else:
                        self.open_origin = self.open_origin or "?"
            for keyword in self.node.keywords:
                if keyword.arg == "metaclass" and _last(keyword.value) not in ("ABCMeta", "EnumMeta"):
                    self.open_origin = self.open_origin or "?"
                    self.has_metaclass = True
            # a base that several branches share counts where it comes last
            seen: set[Class] = set()
            unique: list[Class] = []
            for cls in reversed(tail):
                if cls not in seen:
                    seen.add(cls)
                    unique.append(cls)
            self._mro = [self, *reversed(unique)]
        return self._mro

    def is_open(self, infer: "Infer") -> bool:
        """Part of the class can't be seen."""
        self.mro(infer)
        return self.open_origin is not None

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
        if name not in self._descendants:
            within = None if name is None else infer.project.binders({name, unmangled(name)})
            self._descendants[name] = ([], infer.project.heirs(self.name, within))
        found, rest = self._descendants[name]  # both shared by all who ask, each at a place of their own
        at = 0
        while True:
            if at < len(found):
                yield found[at]
                at += 1
            elif (scope := next(rest, None)) is None:
                return
            else:
                cls = infer.class_of(scope)
                if cls is not self and cls not in found and self in cls.mro(infer):
                    found.append(cls)

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
