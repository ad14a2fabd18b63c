"""What annotations state, with names resolved; and where an expression stands."""

import ast
import builtins
from dataclasses import dataclass, replace

from sdk_externals import GENERICS
from sdk_source import Class, Function, Module, Sources, Value, dotted_name
from sdk_types import NONE, Type, instance, union

NAMES_OF_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: its module, the function around it, and the class it is judged for."""

    module: Module
    function: Function | None = None
    context: Class | None = None


class Annotations:
    """The types that annotations state."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self._tops = {name.split(".")[0] for name in sources.modules}

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
                return union(
                    [
                        instance(type(a.value).__name__) if isinstance(a, ast.Constant) else None
                        for a in arguments
                    ]
                )
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
        if "." not in found and found not in NAMES_OF_BUILTINS:
            return None
        if found.split(".")[0] in self._tops:
            return None  # defined in a module that is left out, or not at all
        return instance(found)


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
