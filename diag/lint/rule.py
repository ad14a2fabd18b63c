"""The rule: one class, one file, with its explanation, the examples that explain it best, and its fix.

A rule imports nothing of the model at the top of its file: a run that finds all in the cache loads the rules,
and never the model.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

from diag.finding import Finding, Fix, Step
from diag.lint.checked import Fact
from diag.lint.site import Site

if TYPE_CHECKING:
    from diag.lint.context import Context, ModuleContext

ScopeKind = Literal["module", "class", "def", "async def"]
SCOPES: frozenset[ScopeKind] = frozenset(get_args(ScopeKind))


@dataclass(frozen=True, slots=True)
class Example:
    """A piece of code from which tests are generated.

    `code` is one module (or, with `files`, `main.py` of a small tree). In a wrong example every line that
    must be reported ends with the comment `# <- DG101` (the code of the rule); nothing else may be reported.
    `fixed` is the text after `--fix` (without the marks), where the rule has a safe fix.
    `needs` names the distributions that the example imports (`grvt-pysdk`); it is run with them installed,
    where the test environment has them, and without, from the bundled facts.
    """

    code: str
    title: str = ""
    fixed: str | None = None
    files: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


class Rule(ABC):
    """A rule decides what is wrong in a scope, says so, and fixes it.

    Subclasses set the class variables and implement `check`; the other methods are optional. They are found
    through the entry point group `diag.rules` (each entry names a Rule subclass, or a module or package that
    holds some).
    """

    code: ClassVar[str]
    name: ClassVar[str]  # kebab-case, as in `await-of-plain-value`
    summary: ClassVar[str]  # one line, for the list of rules
    explanation: ClassVar[str]  # Markdown: why it is bad, what happens at run time, how to fix it
    scopes: ClassVar[frozenset[ScopeKind]] = frozenset({"module", "def", "async def"})
    in_tests: ClassVar[bool] = True  # False: tests are judged only where the code is selected
    wrong: ClassVar[tuple[Example, ...]]
    right: ClassVar[tuple[Example, ...]]

    @abstractmethod
    def check(self, context: "Context") -> Iterable[Finding | Fact]:
        """What is wrong in one scope of the kinds in `scopes`, and what `join` needs to know of it."""

    def wants(self, module: "ModuleContext") -> bool:
        """Whether the module can hold anything for this rule. Asked before it is parsed: look at its text."""
        return module.is_async or self.scopes != {"async def"}

    def join(self, facts: Sequence[Fact], shown: Callable[[str], str]) -> Iterable[Finding]:
        """What can be said when all modules are read: `facts` are this rule's, in the order of the paths.

        `shown` gives a path as messages name it. Must not depend on anything but `facts`, which may come from
        the cache.
        """
        return ()

    def fix(self, site: Site) -> Fix | None:
        """The fix of a finding at the site, or None. Work on `site.statement` so that formatting survives.

        Called only when fixes are wanted (`--fix`, `--diff`), so that a plain run never loads LibCST.
        """
        return None

    def finding(self, site: Site, message: str, *, help: str = "") -> Finding:
        """A finding of this rule, with the chain and cause of its site, and the fix where one is wanted."""
        return Finding(
            code=self.code,
            path=site.path,
            line=site.line,
            column=site.column,
            end_line=site.end_line,
            end_column=site.end_column,
            message=message,
            chain=site.chain,
            cause=site.cause,
            help=help,
            fix=self.fix(site) if site.fixing else None,
        )

    def fact(self, topic: str, key: str, *steps: Step, finding: Finding | None = None) -> Fact:
        """A fact for the joining step of this rule."""
        return Fact(self.code, topic, key, steps, finding)
