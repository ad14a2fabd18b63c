"""Whether a function that is called came in as a value, so that somebody else chose it."""

import ast
from typing import TYPE_CHECKING

from diag.model.infer.attributes import outside_stores
from diag.model.infer.classes import mangled
from diag.model.infer.values import Func, Instance, Value
from diag.model.syntax.scope import Scope

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer


def came_in_as_value(infer: "Infer", function: ast.expr, value: Value | None, scope: Scope) -> bool:
    """The callee is a function that came in as a value: through a parameter, an attribute, a container."""
    if not isinstance(value, Func):
        return False
    if isinstance(function, ast.Attribute):
        return value.scope.name != function.attr and _was_handed_in(infer, function, scope)
    if isinstance(function, ast.Name):
        kinds = {b.kind for b in scope.reaching(function.id, scope.position_of(function))}
        return bool(kinds & {"param", "for", "async for"}) and value.scope.name != function.id
    return isinstance(function, ast.Subscript) and value.bound is None


def _was_handed_in(infer: "Infer", attribute: ast.Attribute, scope: Scope) -> bool:
    """A store of the attribute keeps what a parameter brought, or it stands outside of the class."""
    name = mangled(attribute.attr, scope)
    for holder in infer.values(attribute.value, infer.frame_of(scope), scope.position_of(attribute)):
        if not isinstance(holder, Instance) or holder.cls.module.is_stub:
            continue
        if outside_stores(infer, name):
            return True
        for cls in holder.cls.family(infer, exact=holder.exact):
            if any(b.kind == "assign" and b.value is None for b in cls.members(name)):
                return True  # a field of a dataclass
            for binding in cls.stored(name):
                stored = binding.value.values if isinstance(binding.value, ast.BoolOp) else [binding.value]
                for node in stored:
                    if isinstance(node, ast.Name) and any(
                        b.kind == "param" for b in binding.scope.reaching(node.id, binding.position)
                    ):
                        return True
    return False
