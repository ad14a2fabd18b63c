"""One lint run: which files, what is found in them, and what of it the user asked for."""

import gc
import os
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from diag.config import Settings
from diag.finding import Finding, Step
from diag.lint import suppress
from diag.lint.cache import Checked
from diag.lint.display import Display
from diag.lint.result import Result, Statistics
from diag.lint.rule import Rule, findings_of
from diag.lint.selection import Selection, one_a_place
from diag.lint.session import Progress, Session
from diag.model.report import Counts
from diag.model.site import Site
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
            unknown=tuple(sorted(map(self.display.finding, unknown), key=_order)),
            notices=tuple(self.session.notices),
        )

    # --- joining what the modules say of each other

    def _joined(self, checked: Mapping[str, Checked]) -> tuple[list[Finding], list[Finding], Counts]:
        findings: list[Finding] = []
        unknown: list[Finding] = []
        counts = Counts()
        awaited: dict[str, list[Step]] = {}
        used: dict[str, list[Step]] = {}
        bare: Counter[str] = Counter()
        for found in checked.values():
            findings += found.findings
            report = found.report
            for name in (f.name for f in fields(Counts)):
                setattr(counts, name, getattr(counts, name) + getattr(report.counts, name))
            for origin, steps in report.awaited.items():
                awaited.setdefault(origin, []).extend(steps)
            for name, steps in report.used.items():
                used.setdefault(name, []).extend(steps)
            bare.update(origin for origin, _ in report.bare)
            unknown += [_as_unknown(site) for site in report.unknown]
        for path in sorted(checked):
            report = checked[path].report
            for origin, site in report.bare:
                places = sorted(awaited.get(origin, ()), key=lambda s: (s.path, s.line))
                if places and len(places) >= bare[origin]:
                    where = f"{self.display.path(places[0].path)}:{places[0].line}"
                    findings += self._judged(site, detail=where, chain=places[:3])
            for name, site in report.built:
                steps = [
                    step
                    for where in (
                        f"{site.path}:{site.line}",
                        f"{site.path}:{site.stmt_line}",
                        *_folders(site.path),
                    )
                    for step in used.get(f"{name} {where}", ())
                ]
                if steps:
                    findings += self._judged(
                        site, chain=sorted(set(steps), key=lambda s: (s.path, s.line))[:5]
                    )
        return findings, unknown, counts

    def _judged(self, site: Site, *, chain: list[Step], detail: str = "") -> list[Finding]:
        """A site of a join, put before the rules of its kind."""
        joined = Site(
            **{
                **{f.name: getattr(site, f.name) for f in fields(Site)},
                "chain": (*site.chain, *chain),
                "detail": detail or site.detail,
            }
        )
        if not joined.source:
            joined.source = decode(self.session.text(site.path))
        return list(findings_of(joined, self.rules.values(), fix=self.settings.fix))

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


def _folders(path: str) -> list[str]:
    """The folder of a file and those above it: callers there may well use what the file builds."""
    return [str(folder) for folder in Path(path).parents]


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.sort_key


def _as_unknown(site: Site) -> Finding:
    reason = f": nothing is known of `{site.detail}`" if site.detail else ""
    return Finding(
        "", site.path, site.line, site.column, site.end_line, site.end_column, f"`{site.expr}`{reason}"
    )
