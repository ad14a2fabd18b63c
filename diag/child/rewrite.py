"""The user's modules, with a look at every awaited value and every caught error.

    await x              -> await __diag_await__(x, WHERE)
    async with x         -> async with __diag_enter__(x, WHERE)
    async for y in x     -> async for y in __diag_iterate__(x, WHERE)
    f()  (not awaited)   -> __diag_made__(f(), WHERE)
    except E: ...        -> except E:
                                __diag_caught__(WHERE)
                                try: ...
                                except: __diag_left__(WHERE); raise

WHERE is a constant "path:line:column". All positions are those of the source, so tracebacks,
`inspect`, coverage and debuggers show the original lines.
"""

from __future__ import annotations

import ast
import builtins
import sys
from types import CodeType
from typing import Any, Union

_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_")) - {"anext", "eval", "exec"}
_METHODS = "append decode encode endswith extend format items keys lower split startswith strip upper values"
_QUIET_NAMES = _BUILTINS | {"super"}
_QUIET_METHODS = frozenset(_METHODS.split())

_F_STRINGS_HAVE_POSITIONS = sys.version_info >= (3, 12)

Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


class Rewriter(ast.NodeTransformer):
    def __init__(self, path: str) -> None:
        self._path = path

    def _look(self, name: str, value: ast.expr, place: ast.AST) -> ast.Call:
        where = f"{self._path}:{place.lineno}:{place.col_offset + 1}"  # type: ignore[attr-defined]
        call = ast.Call(ast.Name(name, ast.Load()), [value, ast.Constant(where)], [])
        _place(call, value)  # the call stands where the value stood
        return call

    def visit_Await(self, node: ast.Await) -> ast.AST:
        value = node.value
        if isinstance(value, ast.Call):
            self.generic_visit(value)  # the awaited call itself is not one that is left un-awaited
        else:
            value = self.visit(value)
        node.value = self._look("__diag_await__", value, node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if _makes_no_coroutine(node.func):
            return node
        return self._look("__diag_made__", node, node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        self.generic_visit(node)
        for item in node.items:
            item.context_expr = self._look("__diag_enter__", item.context_expr, item.context_expr)
        return node

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        self.generic_visit(node)
        node.iter = self._look("__diag_iterate__", node.iter, node.iter)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        if node.is_async:
            node.iter = self._look("__diag_iterate__", node.iter, node.iter)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        self.generic_visit(node)
        where = ast.Constant(f"{self._path}:{node.lineno}:{node.col_offset + 1}")
        kind = ast.Constant("*" if node.type is None else ast.unparse(node.type))

        def tell(name: str, *values: ast.expr) -> ast.stmt:
            return ast.Expr(ast.Call(ast.Name(name, ast.Load()), list(values), []))

        left = ast.ExceptHandler(None, None, [tell("__diag_left__", where), ast.Raise()])
        node.body = [tell("__diag_caught__", where, kind), ast.Try(node.body, [left], [], [])]
        first = ast.Pass(
            lineno=node.lineno,
            col_offset=node.col_offset,
            end_lineno=node.lineno,
            end_col_offset=node.col_offset + len("except"),
        )
        for statement in node.body:
            _place(statement, first)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: Function) -> ast.AST:
        # Annotations and decorators stay as they are: frameworks read them.
        node.body = [self.visit(statement) for statement in node.body]
        for defaults in (node.args.defaults, node.args.kw_defaults):
            defaults[:] = [None if d is None else self.visit(d) for d in defaults]  # type: ignore[misc]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        # Positions inside f-strings are unreliable before 3.12: only awaits are looked at there.
        if not _F_STRINGS_HAVE_POSITIONS:
            return _AwaitsOnly(self).visit(node)  # type: ignore[no-any-return]
        return self.generic_visit(node)

    def visit_Match(self, node: Any) -> ast.AST:
        node.subject = self.visit(node.subject)
        for case in node.cases:  # patterns look like calls but are none
            if case.guard is not None:
                case.guard = self.visit(case.guard)
            case.body = [self.visit(statement) for statement in case.body]
        return node  # type: ignore[no-any-return]


def _makes_no_coroutine(called: ast.expr) -> bool:
    """By its name: each look costs 35 ns. What is wrongly taken for quiet is told without its place."""
    if isinstance(called, ast.Name):
        return called.id in _QUIET_NAMES or called.id[:1].isupper()
    return isinstance(called, ast.Attribute) and (called.attr in _QUIET_METHODS or called.attr[:1].isupper())


class _AwaitsOnly(ast.NodeTransformer):
    def __init__(self, rewriter: Rewriter) -> None:
        self._rewriter = rewriter

    def visit_Await(self, node: ast.Await) -> ast.AST:
        return self._rewriter.visit_Await(node)


def _place(node: ast.AST, where: ast.AST) -> None:
    for part in ast.walk(node):
        if "lineno" in part._attributes and not hasattr(part, "lineno"):
            ast.copy_location(part, where)


def rewrite(tree: ast.Module, path: str) -> ast.Module:
    Rewriter(path).visit(tree)
    return tree


def compiled(source: bytes | str, path: str) -> CodeType:
    """The rewritten code of a module; raises SyntaxError as `compile` does."""
    code: CodeType
    try:
        tree: Any = compile(source, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        code = compile(rewrite(tree, path), path, "exec", dont_inherit=True)
    except RecursionError:  # nested too deep for a tree, or for a walk in Python: it runs unwatched
        code = compile(source, path, "exec", dont_inherit=True)
    return code
