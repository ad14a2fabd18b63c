"""A coroutine at the call that makes it, and what becomes of it."""

import ast
from dataclasses import dataclass
from typing import Literal

from diag.finding import Step
from diag.lint.context import Context
from diag.lint.site import Site
from diag.model.flow import describe
from diag.model.flow.callee import Callee
from diag.model.flow.uses import Use
from diag.model.infer.values import reached

Fate = Literal["dropped", "as value", "wrong protocol", "returned"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a coroutine that nothing awaits; `origin` as in Made."""

    fate: Fate
    site: Site
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A coroutine at the call that makes it; `origin` is set when it is one only by contradiction."""

    call: ast.expr  # or the property that is read
    callee: Callee | None
    origin: str = ""
    generator: bool = False  # an asynchronous generator
    pure: bool = True  # a coroutine object; not something that is awaitable among other things


def _function(made: Made) -> ast.expr:
    return made.call.func if isinstance(made.call, ast.Call) else made.call


def subject_of(context: Context, made: Made) -> str:
    """The text of what is called, or of the property that is read."""
    return context.source(_function(made))


def steps_of(context: Context, made: Made) -> list[Step]:
    """The step that tells what made the coroutine."""
    callee = made.callee
    if callee is None:
        return []
    if callee.path:
        return [Step(callee.path, callee.line, f"`{callee.name}` is an `{callee.colour}`")]
    value = reached(context.infer.values(_function(made), context.infer.frame_of(context.module.scope), None))
    return [context.step(made.call, f"`{callee.name}` is an `{callee.colour}`{describe.known_from(value)}")]


def in_lambda_result(context: Context, node: ast.expr) -> bool:
    """The coroutine is what a lambda gives: its caller awaits it."""
    parents = context.module.parents
    child: ast.AST = node
    while (parent := parents.get(child)) is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.Lambda):
            return True
        if not isinstance(parent, (ast.IfExp, ast.BoolOp)):
            return False
        child = parent
    return False


def misuse(context: Context, made: Made, node: ast.expr, use: Use, kind: str) -> Outcome | None:
    """A use for which only the result is good."""
    if not made.pure or (made.origin and kind == "call"):
        return None
    over_async = (
        kind == "with"
        or isinstance(use.node, ast.AsyncFor)
        or (isinstance(use.node, ast.comprehension) and use.node.is_async and kind == "iteration")
    )
    if not over_async:
        return outcome("as value", context, made, node, how=kind, detail=_detail(context, use, kind))
    if made.origin:
        return None
    how = "async for"
    if kind == "with":
        how = "async with" if isinstance(context.scope.statement_of(node), ast.AsyncWith) else "with"
    return outcome("wrong protocol", context, made, node, how=how, detail="coroutine")


_OPERATORS: dict[type, str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in", ast.Add: "+", ast.Sub: "-", ast.Mult: "*",
    ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**", ast.USub: "-", ast.UAdd: "+",
    ast.MatMult: "@", ast.BitOr: "|", ast.BitAnd: "&", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.Invert: "~",
}  # fmt: skip


def _detail(context: Context, use: Use, kind: str) -> str:
    match use.node:
        case ast.Attribute(attr=attribute):
            return attribute
        case ast.Compare(ops=[op, *_]):
            return _OPERATORS[type(op)]
        case ast.BinOp(op=op):
            return _OPERATORS[type(op)]
        case ast.AugAssign(op=op):
            return _OPERATORS[type(op)] + "="
        case ast.UnaryOp(op=op) if kind == "arithmetic":
            return _OPERATORS[type(op)]
        case ast.Call(func=func):
            return context.source(func)
    return ""


def outcome(
    fate: Fate, context: Context, made: Made, node: ast.expr, *, how: str = "", detail: str = ""
) -> Outcome:
    """What becomes of a coroutine, at the place that says so."""
    chain = steps_of(context, made)
    if node is not made.call and not made.origin:
        holds = f"`{context.source(node)}` holds the coroutine made here without `await`"
        chain.append(context.step(made.call, holds))
    site = context.site(
        node,
        subject=subject_of(context, made),
        how=how,
        detail=detail,
        callee=made.callee,
        chain=chain,
    )
    return Outcome(fate, site, made.origin)
