"""What the model proposes to the rules: a place in the code with everything known about it."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from diag.finding import Step

if TYPE_CHECKING:
    import libcst


class Kind(StrEnum):
    """Why a site was proposed. Every kind but CALL and AWAIT is a defect that the model has proved."""

    AWAIT_PLAIN = "await-plain"  # await of a value that is never awaitable
    DROPPED = "dropped"  # a coroutine is made and nobody awaits it
    AS_VALUE = "as-value"  # a coroutine is used as if it were its result; see Site.context
    CONTRADICTION = "contradiction"  # awaited elsewhere, not awaited here; type unknown
    SYNC_PROTOCOL = "sync-protocol"  # for/with over async, or async for/with over sync; see Site.context
    SCHEDULED_PLAIN = "scheduled-plain"  # gather, wait_for, create_task, shield of a non-awaitable
    ORPHAN_TASK = "orphan-task"  # a task whose result nobody keeps
    CALLBACK_COLOUR = "callback-colour"  # a callback of the wrong colour
    NESTED_RUN = "nested-run"  # asyncio.run or run_until_complete under a running loop
    RETURNED = "returned"  # an async function returns a coroutine that nobody awaits
    BLOCKS = "blocks"  # a call that blocks the event loop by itself
    BLOCKS_THROUGH = "blocks-through"  # the same through other calls; the chain ends at the primitive
    SYNC_CLIENT = "sync-client"  # a synchronous client used by async code that has an async twin
    CALL = "call"  # any call; proposed only when a rule asks for it
    AWAIT = "await"  # any await; proposed only when a rule asks for it


@dataclass(frozen=True, slots=True)
class Callee:
    """What a call reaches.

    `name` is the short dotted name a person would say (`GrvtCcxt.fetch_ticker`), `qualname` the whole
    one (`pysdk.grvt_ccxt.GrvtCcxt.fetch_ticker`), `returns` what the call gives in words (`dict`, `None`,
    `Decimal`), `colour` one of `def`, `async def`, `async generator`, `generator`, `class`, `builtin`.
    `blocks` is the primitive that it ends at (`requests.Session.post`) or empty; `network` tells whether
    that primitive is network I/O; `twin` the async counterpart, or empty.
    """

    name: str
    qualname: str
    colour: str
    returns: str = ""
    path: str = ""
    line: int = 0
    blocks: str = ""
    network: bool = False
    twin: str = ""


@dataclass(slots=False)
class Site:
    """A place proposed to the rules of its kind.

    (line, column)..(end_line, end_column) span the expression to underline; `stmt_line`..`stmt_end_line` span
    the smallest enclosing statement, whose dedented LibCST node is `statement`. `expr` is the source text of
    the expression, `subject` the text of what the sentence is about (`self.rest_client.fetch_ticker`).
    `context` names the use (`condition`, `attribute`, `f-string`, `for`, ...), `detail` the rest of the
    sentence where a rule needs one. `in_async` tells whether the nearest function is an `async def`.
    """

    kind: Kind
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
    context: str = ""
    detail: str = ""
    callee: Callee | None = None
    chain: tuple[Step, ...] = ()
    cause: str = ""

    @cached_property
    def statement(self) -> "libcst.BaseStatement | libcst.SimpleStatementLine | libcst.BaseCompoundStatement":
        """The LibCST node of the smallest enclosing statement, dedented. LibCST is imported on first use."""
        from diag.lint.cst import parse_statement

        return parse_statement(self.source, self.stmt_line, self.stmt_end_line)
