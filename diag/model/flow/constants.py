"""What a condition is, whatever the program does."""

import ast

_CHECKING = ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def truth(node: ast.expr) -> bool | None:
    """The truth of a condition that constants decide; None where they do not."""
    match node:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Name() | ast.Attribute():
            return False if ast.unparse(node) in _CHECKING else None
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = truth(operand)
            return None if inner is None else not inner
    return None
