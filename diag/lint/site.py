"""A place in a module that a rule speaks of, and the facts that its message is made of."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from diag.finding import Step
from diag.model.flow.callee import Callee

if TYPE_CHECKING:
    import libcst


@dataclass(slots=False)
class Site:
    """A place in a module, made by `Context.site`.

    (line, column)..(end_line, end_column) span the expression to underline; `stmt_line`..`stmt_end_line` span
    the smallest enclosing statement, whose dedented LibCST node is `statement`. `expr` is the source text of
    the expression, `subject` the text of what the sentence is about (`self.rest_client.fetch_ticker`).
    `how` names the use (`condition`, `attribute`, `f-string`, `for`, ...), `detail` the rest of the
    sentence where a rule needs one. `in_async` tells whether the nearest function is an `async def`.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    stmt_line: int
    stmt_end_line: int
    source: str = field(repr=False)
    expr: str
    subject: str
    function: str
    in_async: bool
    how: str = ""
    detail: str = ""
    callee: Callee | None = None
    chain: tuple[Step, ...] = ()
    cause: str = ""
    fixing: bool = False  # fixes are wanted

    @cached_property
    def statement(self) -> "libcst.BaseStatement | libcst.SimpleStatementLine | libcst.BaseCompoundStatement":
        """The LibCST node of the smallest enclosing statement, dedented. LibCST is imported on first use."""
        from diag.lint.cst import parse_statement

        return parse_statement(self.source, self.stmt_line, self.stmt_end_line)
