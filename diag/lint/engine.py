"""One lint run: which files, what is found in them, and what of it the user asked for."""

import gc
import os
import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

from diag.config import Settings
from diag.finding import Finding
from diag.lint import suppress
from diag.lint.checked import Checked, Counts, Fact
from diag.lint.display import Display
from diag.lint.result import Result, Statistics
from diag.lint.rule import Rule
from diag.lint.selection import Selection, one_a_place
from diag.lint.session import Progress, Session
from diag.lint.unknown import worst_first
from diag.model.source.discovery import discover
from diag.model.source.environment import find_environment
from diag.model.source.source import DISK, Source
from diag.model.source.text import SourceError, decode


def lint(
    settings: Settings,
    *,
    rules: Mapping[str, Rule] | None = None,
    progress: Progress | None = None,
    source: Source = DISK,
) -> Result:
    """Judge the files of `settings.paths` as `source` has them.

    `progress` is called with (modules done, modules to do). Raises ConfigError for rules that can't be loaded
    and for a `python` that is none.
    """
    limit, collecting = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(limit, 40_000))
    gc.disable()  # syntax trees are cyclic and live to the end of the run: collecting them only costs
    try:
        return _Run(settings, suppress.all_rules() if rules is None else rules, progress, source).result()
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()


class _Run:
    def __init__(
        self, settings: Settings, rules: Mapping[str, Rule], progress: Progress | None, source: Source
    ) -> None:
        self.settings = settings
        self.rules = rules
        paths, self.problems = discover(
            settings.paths, root=settings.root, exclude=settings.exclude, source=source
        )
        self.display = Display({os.path.abspath(path): str(path) for path in paths})
        near = settings.paths[0] if settings.paths else settings.root
        environment = find_environment(settings.python, Path(os.path.abspath(near)))
        self.session = Session(settings, rules, environment, self.display, source, progress)

    def result(self) -> Result:
        checked = self.session.results()
        findings, unknown, counts = self._joined(checked)
        kept, suppressed = self._selected(findings)
        counters = {f.name: getattr(counts, f.name) for f in fields(Counts)}
        return Result(
            findings=tuple(sorted(kept, key=_order)),
            suppressed=tuple(sorted(suppressed, key=_order)),
            problems=(*self.problems, *self.session.problems),
            statistics=Statistics(files=len(checked), **counters),
            unknown=tuple(worst_first(replace(f, path=self.display.path(f.path)) for f in unknown)),
            notices=tuple(self.session.notices),
        )

    # --- joining what the modules say of each other

    def _joined(self, checked: Mapping[str, Checked]) -> tuple[list[Finding], list[Finding], Counts]:
        findings: list[Finding] = []
        unknown: list[Finding] = []
        counts = Counts()
        facts: dict[str, list[Fact]] = {}
        for path in sorted(checked):
            found = checked[path]
            findings += found.findings
            unknown += found.unresolved
            for name in (f.name for f in fields(Counts)):
                setattr(counts, name, getattr(counts, name) + getattr(found.counts, name))
            for fact in found.facts:
                facts.setdefault(fact.code, []).append(fact)
        for code, own in facts.items():
            findings += self.rules[code].join(own, self.display.path)
        return findings, unknown, counts

    # --- what the user asked for

    def _selected(self, findings: list[Finding]) -> tuple[list[Finding], list[Finding]]:
        """The findings that count, and those that comments suppress."""
        selection = Selection(self.settings, self.rules)
        by_path: dict[str, list[Finding]] = {path: [] for path in self.display.given}
        for finding in findings:
            if finding.path in by_path:
                by_path[finding.path].append(finding)
        kept: list[Finding] = []
        suppressed: list[Finding] = []
        for path, own in by_path.items():
            codes = selection.at(path)
            own = [self.display.finding(f) for f in one_a_place(own) if f.code in codes]
            if self._mentions_us(path):
                text = decode(self.session.text(path))
                more, silenced = suppress.apply(text, self.display.path(path), own, codes)
                kept += [f for f in more if f.code in codes]
                suppressed += silenced
            else:
                kept += own
        return kept, suppressed

    def _mentions_us(self, path: str) -> bool:
        try:
            return self.session.mentions_us(path)
        except SourceError:  # among the problems, or gone since it was judged
            return False


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.sort_key
