"""Mends on concrete syntax that several rules use. Imports LibCST: rules import it inside `fix` only."""

import ast
from pathlib import Path
from typing import TypeVar

import libcst as cst

from diag.finding import Edit, Fix, Safety
from diag.lint.cst import Excerpt, enclosing, locate
from diag.lint.imports import import_asyncio
from diag.lint.site import Site
from diag.model.flow.callee import Callee

_Expression = TypeVar("_Expression", bound=cst.BaseExpression)

_NEW_SCOPE = (cst.Lambda, cst.GeneratorExp, cst.CompFor, cst.ClassDef)
_TIGHTER_THAN_AWAIT = (cst.Attribute, cst.Subscript, cst.Call, cst.Await)


def drop_await(site: Site) -> Fix | None:
    """`await x` becomes `x`, and `(await x).y` becomes `x.y` where nothing else needs the parentheses."""
    found = locate(site, cst.Await)
    if found is None:
        return None
    excerpt, node = found
    bare = node.expression
    if node.lpar:
        if isinstance(next(excerpt.parents(node)), _TIGHTER_THAN_AWAIT) and _is_whole(node):
            try:
                return Fix("drop the await", excerpt.replace(node, bare))
            except cst.CSTValidationError:  # `return(await x).y`: the word in front needs them
                pass
        bare = bare.with_changes(lpar=[*node.lpar, *bare.lpar], rpar=[*bare.rpar, *node.rpar])
    return Fix("drop the await", excerpt.replace(node, bare))


def run_in_thread(site: Site) -> Fix | None:
    """`await f(a)` becomes `await asyncio.to_thread(f, a)`; the layout of the arguments stays."""
    found = _awaited_call(site)
    if found is None:
        return None
    excerpt, call, asyncio, imports = found
    arguments = list(call.args)
    if len(arguments) == 1 and isinstance(generator := arguments[0].value, cst.GeneratorExp):
        # `f(x for x in y)`: beside another argument it needs parentheses of its own
        arguments = [arguments[0].with_changes(value=_parenthesised(generator))]
    gap = call.whitespace_before_args
    if arguments:
        empty = isinstance(gap, cst.SimpleWhitespace) and not gap.value
        first = cst.Arg(
            call.func, comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ") if empty else gap)
        )
    else:
        first = cst.Arg(call.func, whitespace_after_arg=gap)
    changed = call.with_changes(
        func=cst.Attribute(cst.Name(asyncio), cst.Name("to_thread")),
        args=[first, *arguments],
        whitespace_before_args=cst.SimpleWhitespace(""),
    )
    return Fix("run it in a thread", (*imports, *excerpt.replace(call, changed)))


def sleep_without_blocking(site: Site) -> Fix | None:
    """`await time.sleep(1)` becomes `await asyncio.sleep(1)`."""
    found = _awaited_call(site)
    if found is None:
        return None
    excerpt, call, asyncio, imports = found
    sleep = cst.Attribute(cst.Name(asyncio), cst.Name("sleep"))
    return Fix("use asyncio.sleep", (*imports, *excerpt.replace(call.func, sleep)))


def add_await(site: Site) -> Fix | None:
    """`f()` becomes `await f()`, in parentheses where something is done with the result at once.

    The fix is unsafe where the callee loops while it awaits: it may run as long as the program does, and a
    task may be meant.
    """
    found = locate(site, cst.Call)
    if found is None or not _may_await(site, *found):
        return None
    excerpt, call = found
    parent = next(excerpt.parents(call))
    changed = cst.Await(call.with_changes(lpar=[], rpar=[]), lpar=call.lpar, rpar=call.rpar)
    if isinstance(parent, _TIGHTER_THAN_AWAIT):
        changed = _parenthesised(changed)
    safety: Safety = "unsafe" if site.callee is not None and _loops(site, site.callee) else "safe"
    return Fix("await it", excerpt.replace(call, changed), safety)


def _awaited_call(site: Site) -> tuple[Excerpt, cst.Call, str, tuple[Edit, ...]] | None:
    """The call that the site awaits, the name of asyncio there, and the edits that import it."""
    found = locate(site, cst.Await)
    reached = import_asyncio(site.source, site.line)
    if found is None or reached is None or not isinstance(found[1].expression, cst.Call):
        return None
    return found[0], found[1].expression, *reached


def _may_await(site: Site, excerpt: Excerpt, call: cst.Call) -> bool:
    """Whether an `await` is valid in the place of the call and runs just where and when the call runs."""
    child: cst.CSTNode = call
    comprehensions = 0
    for parent in excerpt.parents(call):
        if isinstance(parent, _NEW_SCOPE):
            return False
        if isinstance(parent, cst.FunctionDef):
            return parent.asynchronous is not None and child is parent.body
        comprehensions += isinstance(parent, cst.BaseComp)
        if comprehensions > 1:  # one within the other: from Python 3.11 only
            return False
        child = parent
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    around = next((step for step in enclosing(site.source, site.line) if isinstance(step, scopes)), None)
    return isinstance(around, ast.AsyncFunctionDef)


def _loops(site: Site, callee: Callee) -> bool:
    """Whether the callee awaits inside a loop without a foreseeable end: `while`, `async for`."""
    source = site.source
    if callee.path != site.path:
        from diag.model.source.text import SourceError, decode, read

        try:
            source = decode(read(Path(callee.path))) if callee.path else ""
        except SourceError:
            return True  # what cannot be read is not certain
    for function in enclosing(source, callee.line):
        if isinstance(function, ast.AsyncFunctionDef):
            loops = [node for node in ast.walk(function) if isinstance(node, (ast.While, ast.AsyncFor))]
            return any(
                isinstance(node, (ast.Await, ast.AsyncFor)) for loop in loops for node in ast.walk(loop)
            )
    return False


def _parenthesised(node: _Expression) -> _Expression:
    return node if node.lpar else node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _is_whole(node: cst.Await) -> bool:
    """Whether what is awaited stays one expression without the parentheses, no comment is lost with them."""
    code = cst.Module([]).code_for_node
    outside = [*node.lpar, *node.rpar, node.whitespace_after_await]
    if any(mark in code(part) for part in outside for mark in "\r\n#"):
        return False
    try:
        cst.parse_expression(code(node.expression))
    except cst.ParserSyntaxError:  # a line break that only the parentheses allow
        return False
    return True
