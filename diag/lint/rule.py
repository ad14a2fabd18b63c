"""The rule: one class, one file, with its explanation, the examples that explain it best, and its mend."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

from diag.finding import Finding, Fix
from diag.model.site import Kind, Site


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
    """A rule confirms a site that the model proposes, says what is wrong, and mends it.

    Subclasses set the class variables and implement `check`; `fix` is optional. They are found through the
    entry point group `diag.rules` (each entry names a Rule subclass or a module that holds some).
    """

    code: ClassVar[str]
    name: ClassVar[str]  # kebab-case, as in `await-of-plain-value`
    summary: ClassVar[str]  # one line, for the list of rules
    explanation: ClassVar[str]  # Markdown: why it is bad, what happens at run time, how to mend it
    kinds: ClassVar[frozenset[Kind]]
    wrong: ClassVar[tuple[Example, ...]]
    right: ClassVar[tuple[Example, ...]]

    @abstractmethod
    def check(self, site: Site) -> Finding | None:
        """The finding for this site, or None when the rule does not confirm it."""

    def fix(self, site: Site) -> Fix | None:
        """The mend for a confirmed site, or None. Work on `site.statement` so that formatting survives.

        Called only when mends are wanted (`--fix`, `--diff`), so that a plain run never loads LibCST.
        """
        return None

    def finding(self, site: Site, message: str, *, help: str = "") -> Finding:
        """A finding of this rule at the site, with the site's chain and cause."""
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
        )


def findings_of(site: Site, rules: Iterable[Rule], *, fix: bool) -> Iterator[Finding]:
    """What the rules of its kind say of a site, with the mend where mends are wanted."""
    for rule in rules:
        if site.kind in rule.kinds and (finding := rule.check(site)) is not None:
            yield replace(finding, fix=rule.fix(site)) if fix else finding
