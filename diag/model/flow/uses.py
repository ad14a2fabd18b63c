"""How the value of an expression is used: awaited, dropped, handed on, or taken for its result."""

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from diag.model.infer.values import (
    Coroutine,
    Instance,
    Value,
    Values,
)
from diag.model.syntax.scope import Scope

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

UseKind = Literal[
    "await", "statement", "return", "assign", "store", "argument", "element", "flows", "kept",
    # taken for the result: the words of Site.context
    "condition", "comparison", "attribute", "subscript", "unpack", "arithmetic", "f-string", "log",
    "iteration", "call", "with",
]  # fmt: skip

MISUSES = {
    "condition", "comparison", "attribute", "subscript", "unpack", "arithmetic", "f-string", "log",
    "iteration", "call", "with",
}  # fmt: skip
# These raise at run time whatever happens to the coroutine elsewhere.
HARD_MISUSES = {"attribute", "subscript", "unpack", "arithmetic", "iteration", "call", "with"}


def surely_wrong(use: "Use") -> bool:
    """A use that no coroutine is meant for, whatever happens elsewhere: it raises, or meets a constant."""
    if isinstance(use.node, ast.Compare):
        sides = (use.node.left, *use.node.comparators)
        return any(isinstance(s, ast.Constant) and s.value is not None for s in sides)
    return use.kind in HARD_MISUSES


_COROUTINE_ATTRIBUTES = {"send", "throw", "close", "__await__", "__name__", "__qualname__", "__class__"}


@dataclass(frozen=True, slots=True)
class Use:
    """One use: its kind, the node that uses it, and for arguments the call."""

    kind: UseKind
    node: ast.AST
    child: ast.AST


def use_of(node: ast.expr, scope: Scope) -> Use:
    """What the parent of an (indexed) expression does with its value."""
    parents = scope.module.parents
    child: ast.AST = node
    while True:
        parent = parents.get(child)
        match parent:
            case None:
                return Use("kept", child, child)
            case ast.Await():
                return Use("await", parent, child)
            case ast.Expr():
                return Use("statement", parent, child)
            case ast.Return():
                return Use("return", parent, child)
            case ast.IfExp():
                if parent.test is child:
                    return Use("condition", parent, child)
            case ast.BoolOp():
                if parent.values[-1] is not child and isinstance(parent.op, ast.And):
                    return Use("condition", parent, child)
            case ast.NamedExpr():
                return Use("assign", parent, child)
            case ast.Assign():
                if any(isinstance(t, (ast.Tuple, ast.List)) for t in parent.targets):
                    return Use("unpack", parent, child)
                if all(isinstance(t, ast.Name) for t in parent.targets):
                    return Use("assign", parent, child)
                if len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Attribute):
                    return Use("store", parent, child)
                return Use("kept", parent, child)
            case ast.AnnAssign():
                if isinstance(parent.target, ast.Name):
                    return Use("assign", parent, child)
                return Use("store" if isinstance(parent.target, ast.Attribute) else "kept", parent, child)
            case ast.AugAssign():
                return Use("arithmetic", parent, child)
            case ast.Call():
                return Use("call" if parent.func is child else "argument", parent, child)
            case ast.keyword():
                above = parents.get(parent)
                return (
                    Use("argument", above, parent)
                    if isinstance(above, ast.Call)
                    else Use("kept", parent, child)
                )
            case ast.Attribute():
                if parent.attr in _COROUTINE_ATTRIBUTES or parent.attr.startswith(("cr_", "__")):
                    call = parents.get(parent)
                    if isinstance(call, ast.Call) and isinstance(parents.get(call), ast.Await):
                        return Use("attribute", parent, child)  # what coroutine.send() gives is not awaitable
                    return Use("kept", parent, child)
                return Use("attribute", parent, child)
            case ast.Subscript():
                if parent.value is child or isinstance(parent.ctx, ast.Load):
                    return Use("subscript", parent, child)
                return Use("kept", parent, child)
            case ast.Compare():
                return Use("comparison", parent, child)
            case ast.BinOp():
                return Use("arithmetic", parent, child)
            case ast.UnaryOp():
                return Use("condition" if isinstance(parent.op, ast.Not) else "arithmetic", parent, child)
            case ast.If() | ast.While() | ast.Assert():
                return Use("condition", parent, child)
            case ast.For():
                return Use("iteration", parent, child)
            case ast.AsyncFor():
                return Use("iteration", parent, child)
            case ast.comprehension():
                if parent.iter is child:
                    return Use("iteration", parent, child)
                return Use("condition", parent, child)
            case ast.withitem():
                return Use("with", parent, child)
            case ast.FormattedValue():
                return Use("f-string", parent, child)
            case ast.Starred():
                above = parents.get(parent)
                return Use("unpack", above or parent, parent)
            case (
                ast.List()
                | ast.Tuple()
                | ast.Set()
                | ast.Dict()
                | ast.ListComp()
                | ast.SetComp()
                | ast.DictComp()
            ):
                return Use("element", parent, child)
            case ast.GeneratorExp():
                return Use("element", parent, child)
            case ast.Match():
                return Use("comparison", parent, child)
            case _:
                return Use("kept", parent, child)
        child = parent


def is_coroutine(infer: "Infer", value: Value) -> bool:
    """A value that does nothing until it is awaited."""
    if isinstance(value, Coroutine):
        return True
    if isinstance(value, Instance):
        return any(
            base.name in ("Coroutine", "CoroutineType")
            and base.module.name in ("typing", "types", "collections.abc")
            for base in value.cls.mro(infer)
        )
    return False


def bare_coroutine(value: Value) -> bool:
    """A coroutine object and nothing besides: not a class that is awaitable among other things."""
    return isinstance(value, Coroutine) or (
        isinstance(value, Instance) and value.cls.full_name in ("typing.Coroutine", "types.CoroutineType")
    )


def all_coroutines(infer: "Infer", values: Values) -> bool:
    return bool(values) and all(is_coroutine(infer, v) for v in values)


def nested(scope: Scope) -> list[Scope]:
    """The function and class scopes inside a scope, near and far."""
    out: list[Scope] = []
    scope.bindings  # noqa: B018  makes the children known
    todo = list(scope.children.values())
    while todo:
        inner = todo.pop()
        out.append(inner)
        inner.bindings  # noqa: B018
        todo.extend(inner.children.values())
    return out
