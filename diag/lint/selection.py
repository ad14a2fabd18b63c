"""Which findings the user asked for: by selected and ignored codes, by path, by comments in the code."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from diag.config import Settings
from diag.finding import Finding
from diag.lint.rule import Rule
from diag.model.source.test_code import is_test


class Selection:
    """What `--select`, `--ignore` and `per-path-ignores` say of these rules, and where they count unasked."""

    def __init__(self, settings: Settings, rules: Mapping[str, Rule]) -> None:
        self.settings = settings
        self.codes = [code for code in rules if self._selected(code)]
        self.not_in_tests = {
            code for code, rule in rules.items() if not rule.in_tests and not code.startswith(settings.select)
        }

    def at(self, path: str) -> list[str]:
        """The codes that count in a file."""
        ignored = self._ignored(path)
        if self.not_in_tests and is_test(Path(path), Path(os.path.abspath(self.settings.root))):
            ignored |= self.not_in_tests
        return [code for code in self.codes if code not in ignored]

    def _selected(self, code: str) -> bool:
        """The longer prefix decides; of equal ones, the selecting one."""
        select, ignore = self.settings.select, self.settings.ignore
        chosen = max((len(p) for p in select if code.startswith(p)), default=-1) if select else 0
        dropped = max((len(p) for p in ignore if code.startswith(p)), default=-1)
        return chosen >= 0 and chosen >= dropped if select else dropped < 0

    def _ignored(self, path: str) -> set[str]:
        out: set[str] = set()
        for glob, codes in self.settings.per_path_ignores:
            from diag.model.source.globs import Globs

            if Globs((glob,), os.path.realpath(self.settings.root)).matches(path):
                out.update(c for c in self.codes if c.startswith(codes))
        return out


def one_a_place(findings: Iterable[Finding]) -> list[Finding]:
    """The first finding of each rule at each place."""
    seen: dict[tuple[str, int, int], Finding] = {}
    for finding in findings:
        seen.setdefault((finding.code, finding.line, finding.column), finding)
    return list(seen.values())
