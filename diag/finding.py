"""What lint hands on to fixes and reports: findings, the chain that explains them, and edits.

Lines and columns are 1-based; columns count characters (not bytes) of the decoded line.
Paths are POSIX strings relative to the working directory where that is possible, else absolute.
"""

from dataclasses import dataclass, field
from typing import Literal

Safety = Literal["safe", "unsafe"]


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the chain that explains a finding; it points at a line a person can open."""

    path: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text from (line, column) up to, not including, (end_line, end_column)."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that resolves one finding, in its file. Safe ones are applied by `--fix`."""

    title: str
    edits: tuple[Edit, ...]
    safety: Safety = "safe"


@dataclass(frozen=True, slots=True)
class Finding:
    """A defect at one place, with the chain that proves it.

    `cause` names what several findings have in common (one synchronous client called from forty
    async methods); findings with equal (`code`, `cause`) are one entry in the human formats.
    """

    code: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    chain: tuple[Step, ...] = ()
    cause: str = ""
    help: str = ""
    fix: Fix | None = field(default=None, compare=False)

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        return (self.path, self.line, self.column, self.code, self.message)


@dataclass(frozen=True, slots=True)
class Problem:
    """A file or path that could not be judged: never silently clean, always exit code 2."""

    path: str
    message: str
    line: int = 0
