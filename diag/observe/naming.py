"""Whether a library that takes an error of its caller's names it: then the error is a signal it asks for."""

import ast
import builtins
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

_BROAD = frozenset(("Exception", "BaseException"))


def is_named(error: str, through: Iterable[str]) -> bool:
    """Whether of the handlers around these lines (`path:line function`), innermost first, the first that
    takes the built-in error of this name names it, or a class that it is derived from.
    """
    kind = getattr(builtins, error, None)
    if not isinstance(kind, type):
        return False
    kinds = {each.__name__ for each in kind.__mro__} - {"object"}
    for line in through:
        path, _, number = line.rpartition(" ")[0].rpartition(":")
        for names in _handlers(path, int(number) if number.isdecimal() else 0):
            taking = kinds & names
            if taking:
                return taking.isdisjoint(_BROAD)
    return False


def _handlers(path: str, line: int) -> Iterator[set[str]]:
    """The names in each handler around a line of a function, in the order in which they are asked."""
    around: list[ast.AST] = []
    for function in _functions(path):
        if function.lineno <= line <= (function.end_lineno or 0):
            around = [node for node in _within(function) if _is_around(node, line)]
    for node in reversed(around):  # the innermost first
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                names = _names(item.context_expr)
                if names & {"suppress"}:
                    yield names
        elif isinstance(node, (ast.Try, ast.TryStar)):
            for handler in node.handlers:
                if not isinstance(handler.body[-1], ast.Raise):  # else it goes on
                    yield {"BaseException"} if handler.type is None else _names(handler.type)


def _is_around(node: ast.AST, line: int) -> bool:
    body: list[ast.stmt] = getattr(node, "body", [])
    return isinstance(node, (ast.With, ast.AsyncWith, ast.Try, ast.TryStar)) and body[0].lineno <= line <= (
        body[-1].end_lineno or 0
    )


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """Everything in a function but what is in functions inside it, outer before inner."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield child
            yield from _within(child)


def _names(kind: ast.AST) -> set[str]:
    return {
        part.id if isinstance(part, ast.Name) else part.attr
        for part in ast.walk(kind)
        if isinstance(part, (ast.Name, ast.Attribute))
    }


@lru_cache(maxsize=64)
def _functions(path: str) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]:
    """The functions of a file, outer before inner; none of what cannot be read."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return ()
    return tuple(node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
