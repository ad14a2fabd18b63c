"""What a condition is, as far as constants decide it."""

import ast
import operator
from collections.abc import Callable
from typing import Any

_CHECKING = ("TYPE_CHECKING", "typing.TYPE_CHECKING")
_OPERATORS: dict[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Is: operator.is_, ast.IsNot: operator.is_not, ast.Eq: operator.eq, ast.NotEq: operator.ne,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip
Constants = frozenset[tuple[str, ast.Constant]]  # names of which the value is known


def truth(node: ast.expr, known: Constants = frozenset()) -> bool | None:
    """The truth of a condition that constants decide; None where they do not."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = truth(operand, known)
            return None if inner is None else not inner
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            first, second = constant(left, known), constant(right, known)
            if first is None or second is None:
                return None
            if isinstance(op, ast.Is | ast.IsNot) and {type(first.value), type(second.value)} - _SINGLETONS:
                return None
            try:
                return bool(_OPERATORS[type(op)](first.value, second.value))
            except TypeError:
                return None
        case ast.Name() | ast.Attribute() if ast.unparse(node) in _CHECKING:
            return False
    found = constant(node, known)
    return None if found is None else bool(found.value)


_SINGLETONS = {type(None), bool}


def constant(node: ast.expr, known: Constants) -> ast.Constant | None:
    """The constant that an expression is."""
    if isinstance(node, ast.Name):
        return next((value for name, value in known if name == node.id), None)
    return node if isinstance(node, ast.Constant) else None


def bound(known: Constants, name: str, value: ast.expr | None) -> Constants:
    """What is known after a name is bound."""
    found = constant(value, known) if value is not None else None
    rest = frozenset(pair for pair in known if pair[0] != name)
    return rest if found is None else rest | {(name, found)}
