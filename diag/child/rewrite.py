"""The user's modules, with a look at every awaited value and every caught error.

    await x              -> await __diag_await__(x, WHERE)
    async with x         -> async with __diag_enter__(x, WHERE)
    async for y in x     -> async for y in __diag_iterate__(x, WHERE)
    f()  (not awaited)   -> __diag_made__(f(), WHERE)
    except E: ...        -> except E:
                                __diag_caught__(WHERE)
                                try: ...
                                except: __diag_left__(WHERE); raise
    def f(x): ...        -> def f(x):
                                try:
                                    if __diag_live__: __diag_given__(x)
                                    ...
                                except __diag_mistakes__: __diag_leaves__(); raise
    lambda x: ...        -> lambda x: __diag_live__ and __diag_given__(x) or ...
    x.exception()        -> __diag_asked__(x.exception())
    with x: ...          -> with x:
                                try: ...
                                except __diag_mistakes__: __diag_within__(WHERE, ...); raise

WHERE is a constant "path:line:column". All positions are those of the source, so tracebacks,
`inspect`, coverage and debuggers show the original lines.
"""

from __future__ import annotations

import ast
import builtins
import copy
import sys
from types import CodeType
from typing import Any, Union

_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_")) - {"anext", "eval", "exec"}
_METHODS = "append decode encode endswith extend format items keys lower split startswith strip upper values"
_QUIET_NAMES = _BUILTINS | {"super"}
_QUIET_METHODS = frozenset(_METHODS.split())

# Methods that answer with an error, or with what holds one.
_ASKING = frozenset(("exception", "exc_info"))
_ERRORS = frozenset(
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and kind is not Exception
) - {"ExceptionGroup"}
# Out of the methods by which the language asks, errors are answers; but for those that do what was asked.
_DOING = frozenset(
    ["__aenter__", "__aexit__", "__call__", "__enter__", "__exit__", "__init__", "__await__", "__post_init__"]
)
_EXITS = frozenset(("__exit__", "__aexit__"))
_PROPERTIES = frozenset(("property", "cached_property", "getter"))

_F_STRINGS_HAVE_POSITIONS = sys.version_info >= (3, 12)

Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]
_With = Union[ast.With, ast.AsyncWith]


class Rewriter(ast.NodeTransformer):
    def __init__(self, path: str) -> None:
        self._path = path

    def _look(self, name: str, value: ast.expr, place: ast.AST) -> ast.Call:
        where = f"{self._path}:{place.lineno}:{place.col_offset + 1}"  # type: ignore[attr-defined]
        call = ast.Call(ast.Name(name, ast.Load()), [value, ast.Constant(where)], [])
        _place(call, value)  # the call stands where the value stood
        return call

    def _look_at(self, name: str, value: ast.expr) -> ast.Call:
        call = ast.Call(ast.Name(name, ast.Load()), [value], [])
        _place(call, value)
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
        if isinstance(node.func, ast.Attribute) and node.func.attr in _ASKING:
            return self._look_at("__diag_asked__", node)
        if _makes_no_coroutine(node.func):
            return node
        return self._look("__diag_made__", node, node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        self.generic_visit(node)
        for item in node.items:
            item.context_expr = self._look("__diag_enter__", item.context_expr, item.context_expr)
        return self._watch_body(node)

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
        kind = "*" if node.type is None else ast.unparse(node.type)
        seen: list[ast.expr] = [ast.Constant(f"{self._path}:{node.lineno}:{node.col_offset + 1}")]
        caught = [*seen, ast.Constant(kind)]
        if node.type is not None and _is_plain(node.type):
            caught.append(copy.deepcopy(node.type))  # its value says what the name stands for
        self.generic_visit(node)

        left = ast.ExceptHandler(None, None, [tell("__diag_left__", *seen), ast.Raise()])
        node.body = [tell("__diag_caught__", *caught), ast.Try(node.body, [left], [], [])]
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
        _watch_ways(node)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self.generic_visit(node)
        values = _parameters(node.args)
        if values:
            told = ast.Call(ast.Name("__diag_given__", ast.Load()), values, [])
            look = ast.BoolOp(ast.And(), [ast.Name("__diag_live__", ast.Load()), told])
            body = node.body
            node.body = ast.BoolOp(ast.Or(), [look, body])
            _place(node.body, body)
        return node

    def visit_With(self, node: ast.With) -> ast.AST:
        self.generic_visit(node)
        return self._watch_body(node)

    def _watch_body(self, node: _With) -> ast.AST:
        """What the body raises goes to an `__exit__` that may take it."""
        names = " ".join(
            name
            for item in node.items
            for part in ast.walk(item.context_expr)
            if (name := getattr(part, "id", None) or getattr(part, "attr", "")) in _ERRORS
        )
        node.body = [self._watch_for_taking(node.body, node.body[0], node, "(its __exit__)", names)]
        return node

    def visit_Try(self, node: ast.Try) -> ast.AST:
        self.generic_visit(node)
        return self._watch_finally(node)

    def visit_TryStar(self, node: Any) -> ast.AST:
        self.generic_visit(node)
        return self._watch_finally(node)

    def _watch_finally(self, node: Any) -> ast.AST:
        """A `finally` that is left by a jump drops the error that was on its way."""
        jump = _jump(node.finalbody)
        if jump is not None:
            inner = node.body
            if node.handlers:
                inner = [type(node)(node.body, node.handlers, node.orelse, [])]
            how = f"({type(jump).__name__.lower()} in its finally)"
            watched = self._watch_for_taking(inner, node.body[0], jump, how, "")
            node = ast.copy_location(ast.Try([watched], [], [], node.finalbody), node)
        return node  # type: ignore[no-any-return]

    def _watch_for_taking(
        self, body: list[ast.stmt], first: ast.stmt, place: ast.stmt, how: str, names: str
    ) -> ast.stmt:
        where = f"{self._path}:{place.lineno}:{place.col_offset + 1}"
        told = tell("__diag_within__", *map(ast.Constant, (where, how, names)))
        handler = ast.ExceptHandler(ast.Name("__diag_mistakes__", ast.Load()), None, [told, ast.Raise()])
        watched = ast.Try(body, [handler], [], [])
        _place(watched, _beginning(first))
        return watched

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


def tell(name: str, *values: ast.expr) -> ast.stmt:
    return ast.Expr(ast.Call(ast.Name(name, ast.Load()), list(values), []))


def _watch_ways(node: Function) -> None:
    """Into a function errors come as values, and out of it as exceptions. Neither costs without one."""
    has_doc = ast.get_docstring(node, clean=False) is not None
    doc, body = node.body[:has_doc], node.body[has_doc:]
    if not body:
        return
    name = node.name
    is_asked = name.startswith("__") and name.endswith("__") and name not in _DOING
    is_asked |= any(_last_name(decorator) in _PROPERTIES for decorator in node.decorator_list)
    leaving = tell("__diag_signals__" if is_asked else "__diag_leaves__")
    handler = ast.ExceptHandler(ast.Name("__diag_mistakes__", ast.Load()), None, [leaving, ast.Raise()])
    _place(handler, _beginning(node))
    values = _parameters(node.args)
    first = _beginning(body[0])
    if values and (name not in _EXITS or _names_errors(body)):
        look = ast.If(ast.Name("__diag_live__", ast.Load()), [tell("__diag_given__", *values)], [])
        _place(look, first)
        body.insert(0, look)
    watched = ast.Try(body, [handler], [], [])
    _place(watched, first)
    node.body = [*doc, watched]


def _parameters(given: ast.arguments) -> list[ast.expr]:
    each = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    each += [more for more in (given.vararg, given.kwarg) if more is not None]
    return [ast.Name(parameter.arg, ast.Load()) for parameter in each]


def _beginning(node: Any) -> ast.AST:
    """The first word of a statement: where inserted code stands, so that lines stay what they were."""
    return ast.Pass(
        lineno=node.lineno,
        col_offset=node.col_offset,
        end_lineno=node.lineno,
        end_col_offset=node.col_offset + 1,
    )


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return str(getattr(node, "attr", None) or getattr(node, "id", ""))


def _names_errors(body: list[ast.stmt]) -> bool:
    return any(_last_name(part) in _ERRORS for statement in body for part in ast.walk(statement))


def _is_plain(kind: ast.expr) -> bool:
    """Whether an expression may be evaluated once more: names alone."""
    if isinstance(kind, ast.Tuple):
        return all(map(_is_plain, kind.elts))
    while isinstance(kind, ast.Attribute):
        kind = kind.value
    return isinstance(kind, ast.Name)


def _jump(body: list[ast.stmt], in_loop: bool = False) -> ast.stmt | None:
    """The first statement that leaves these by a jump."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if isinstance(statement, ast.Return):
            return statement
        if isinstance(statement, (ast.Break, ast.Continue)) and not in_loop:
            return statement
        loops = in_loop or isinstance(statement, (ast.For, ast.AsyncFor, ast.While))
        for name, value in ast.iter_fields(statement):
            if name in ("handlers", "cases"):
                value = [inner for each in value for inner in each.body]
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                found = _jump(value, (loops and name == "body") or in_loop)
                if found is not None:
                    return found
    return None


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
    try:
        tree: Any = compile(source, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        return compile(rewrite(tree, path), path, "exec", dont_inherit=True)
    # Nested too deep for a tree, for a walk in Python, or for the blocks put around: it runs unwatched.
    except (RecursionError, SyntaxError):
        pass  # and an error of the source itself is raised below, with nothing behind it
    return compile(source, path, "exec", dont_inherit=True)
