"""A coroutine taken for its result: what made it, how it is used, and the site that says so."""

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diag.finding import Step
from diag.model.check import reached
from diag.model.flow.uses import Use
from diag.model.judge_awaits import known_from
from diag.model.site import Callee, Kind
from diag.model.syntax.scope import Scope

if TYPE_CHECKING:
    from diag.model.check import Checker


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


def subject_of(checker: "Checker", made: Made) -> str:
    """The text of what is called, or of the property that is read."""
    return checker.module.source_of(_function(made))


def steps_of(checker: "Checker", made: Made) -> tuple[list[Step], str]:
    """The step that tells what made the coroutine, and the cause that findings share."""
    callee = made.callee
    if callee is None:
        return [], ""
    if callee.path:
        return [Step(callee.path, callee.line, f"`{callee.name}` is an `{callee.colour}`")], ""
    value = reached(checker.infer.values(_function(made), checker.infer.frame_of(checker.module.scope), None))
    return [
        Step(
            str(checker.module.path),
            made.call.lineno,
            f"`{callee.name}` is an `{callee.colour}`{known_from(value)}",
        )
    ], ""


def in_lambda_result(checker: "Checker", node: ast.expr, scope: Scope) -> bool:
    """The coroutine is what a lambda gives: its caller awaits it."""
    parents = checker.module.parents
    child: ast.AST = node
    while (parent := parents.get(child)) is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.Lambda):
            return True
        if not isinstance(parent, (ast.IfExp, ast.BoolOp)):
            return False
        child = parent
    return False


def report_misuse(checker: "Checker", made: Made, scope: Scope, node: ast.expr, use: Use, kind: str) -> None:
    """A use for which only the result is good."""
    if not made.pure or (made.origin and kind == "call"):
        return
    over_async = (
        kind == "with"
        or isinstance(use.node, ast.AsyncFor)
        or (isinstance(use.node, ast.comprehension) and use.node.is_async and kind == "iteration")
    )
    if over_async:
        context = "async for"
        if kind == "with":
            stmt = scope.statement_of(node)
            context = "async with" if isinstance(stmt, ast.AsyncWith) else "with"
        if made.origin:
            return
        emit(checker, Kind.SYNC_PROTOCOL, made, scope, node, context=context, detail="coroutine")
        return
    emit(checker, Kind.AS_VALUE, made, scope, node, context=kind, detail=_detail(checker, use, kind))


_OPERATORS: dict[type, str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in", ast.Add: "+", ast.Sub: "-", ast.Mult: "*",
    ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**", ast.USub: "-", ast.UAdd: "+",
    ast.MatMult: "@", ast.BitOr: "|", ast.BitAnd: "&", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.Invert: "~",
}  # fmt: skip


def _detail(checker: "Checker", use: Use, kind: str) -> str:
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
            return checker.module.source_of(func)
    return ""


def emit(
    checker: "Checker",
    kind: Kind,
    made: Made,
    scope: Scope,
    node: ast.expr,
    *,
    context: str = "",
    detail: str = "",
) -> None:
    """Report a site, or keep it for the end of the run when it rests on a contradiction."""
    chain, cause = steps_of(checker, made)
    if node is not made.call and not made.origin:
        chain.append(
            Step(
                str(checker.module.path),
                made.call.lineno,
                f"`{checker.module.source_of(node)}` holds the coroutine made here without `await`",
            )
        )
    subject = subject_of(checker, made)
    if made.origin:
        site = checker.site(Kind.CONTRADICTION, node, scope, subject=subject, context=context, cause=cause)
        checker.report.bare.append((made.origin, site))
        return
    checker.report.sites.append(
        checker.site(
            kind,
            node,
            scope,
            subject=subject,
            context=context,
            detail=detail,
            callee=made.callee,
            chain=chain,
            cause=cause,
        )
    )
