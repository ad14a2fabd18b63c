"""Sites made by hand, so that rules and fixes are tested by themselves."""

import ast
import re
from collections.abc import Callable

import pytest

from diag.lint.site import Site
from diag.model.flow.callee import Callee

MakeSite = Callable[..., Site]


@pytest.fixture(scope="session")
def site_of() -> MakeSite:
    """Makes the site of the nth place where an expression stands in a source."""

    def make(
        source: str,
        expr: str,
        *,
        nth: int = 0,
        subject: str = "",
        callee: Callee | None = None,
        how: str = "",
        detail: str = "",
    ) -> Site:
        start = [match.start() for match in re.finditer(re.escape(expr), source)][nth]
        line, column = position(source, start)
        end_line, end_column = position(source, start + len(expr))
        statements = []
        function: ast.AST | None = None
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.stmt) and node.lineno <= line and end_line <= (node.end_lineno or 0):
                begins = (node.lineno, node.col_offset) <= (line, column - 1)
                if begins and (end_line, end_column - 1) <= (node.end_lineno or 0, node.end_col_offset or 0):
                    statements.append(node)
                    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                        function = node
        statement = statements[-1]
        return Site(
            path="main.py",
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
            stmt_line=statement.lineno,
            stmt_end_line=statement.end_lineno or statement.lineno,
            source=source,
            expr=expr,
            subject=subject or expr.removeprefix("await").strip().partition("(")[0],
            function=getattr(function, "name", ""),
            in_async=isinstance(function, ast.AsyncFunctionDef),
            how=how,
            detail=detail,
            callee=callee,
        )

    return make


def position(source: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset; a carriage return with its line feed is one line end."""
    before = source[:offset]
    ends = [match.end() for match in re.finditer(r"\r\n|\n|\r", before)]
    return len(ends) + 1, offset - (ends[-1] if ends else 0) + 1
