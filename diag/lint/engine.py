"""One lint run: files, model, rules, suppressions; everything cached that did not change.

The model is imported where something is to be judged: a run that finds all in the cache does without.
"""

import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diag.config import Settings
from diag.finding import Finding, Step
from diag.lint import cache as caching
from diag.lint import suppress
from diag.lint.cache import Checked
from diag.lint.result import Result, Statistics
from diag.lint.rule import Rule, findings_of
from diag.model.report import Counts
from diag.model.site import Site
from diag.model.source.environment import find_environment
from diag.model.source.sources import SourceError, decode, discover, read

if TYPE_CHECKING:
    from diag.lint.check_all import Judged

Progress = Callable[[int, int], None]


def lint(
    settings: Settings, *, rules: Mapping[str, Rule] | None = None, progress: Progress | None = None
) -> Result:
    """Judge the files of `settings.paths`. Raises ConfigError for rules that can't be loaded.

    `progress` is called with (modules done, modules to do).
    """
    limit, collecting = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(limit, 40_000))
    gc.disable()  # syntax trees are cyclic and live to the end of the run: collecting them only costs
    try:
        return _Run(settings, suppress.all_rules() if rules is None else rules, progress).result()
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()


class _Run:
    def __init__(self, settings: Settings, rules: Mapping[str, Rule], progress: Progress | None) -> None:
        self.settings = settings
        self.rules = rules
        self.progress = progress
        paths, problems = discover(settings.paths, root=settings.root, exclude=settings.exclude)
        self.problems = list(problems)
        self.paths = [str(p) for p in paths]
        self.absolute = {os.path.abspath(p): p for p in self.paths}
        near = settings.paths[0] if settings.paths else settings.root
        self.environment = find_environment(settings.python, Path(os.path.abspath(near)))
        self.raw: dict[str, bytes] = {}
        self.notices: list[str] = []

    def result(self) -> Result:
        checked = self._check()
        findings, unknown, counts = self._joined(checked)
        kept, suppressed = self._filtered(findings)
        counters = {f.name: getattr(counts, f.name) for f in fields(Counts)}
        return Result(
            findings=tuple(sorted(kept, key=_order)),
            suppressed=tuple(sorted(suppressed, key=_order)),
            problems=tuple(self.problems),
            statistics=Statistics(files=len(checked), **counters),
            unknown=tuple(sorted(map(self._shown, unknown), key=_order)),
            notices=tuple(self.notices),
        )

    # --- checking, with the cache

    def _check(self) -> dict[str, Checked]:
        settings = self.settings
        if not settings.cache or settings.fix:
            from diag.lint.check_all import Judged

            judged = Judged()
            self._read_all(self.absolute)
            self._fresh(set(self.raw), judged)
            return judged.checked
        version = caching.fingerprint(
            [
                *sorted(f"{code} {type(rule).__module__}" for code, rule in self.rules.items()),
                str(sys.version_info[:2]),
            ]
        )
        key = caching.digest(
            "\0".join([*map(str, map(os.path.abspath, settings.paths)), *settings.exclude]).encode()
        )
        store = caching.Cache(settings.root / ".diag_cache", key, version)
        store.load()
        layout = self._layout()
        changed, whole = self._changed(store, layout)
        # A file that could not be judged is looked at again: it is never silently clean.
        complete = store.modules.keys() >= self.absolute.keys()
        if not changed and not whole and not self.problems and complete:
            return {path: Checked(*caching.unpack(packed)) for path, packed in store.modules.items()}
        from diag.lint.check_all import Judged

        self._read_all(self.absolute)
        # a file that could not be judged before has left no trace of what it brought to the others
        whole = whole or not changed <= store.modules.keys() | store.files.keys() - self.absolute.keys()
        todo = set(self.raw) if whole else self._affected(store, changed)
        judged = Judged()
        try:
            self._fresh(todo, judged)
        finally:  # also when an interrupt ends the run: what is judged by then need not be judged again
            out = self._kept(store, layout, todo, judged.checked)
        return out

    def _kept(
        self, store: caching.Cache, layout: str, todo: set[str], fresh: Mapping[str, Checked]
    ) -> dict[str, Checked]:
        """Fresh results beside those that still hold, all of them in the cache."""
        from diag.lint import pieces
        from diag.model.check import contributed_names

        modules = {path: m for path, m in store.modules.items() if path in self.raw and path not in todo}
        kept = {path: store.pieces[path] for path in modules if path in store.pieces}
        out = {path: Checked(*caching.unpack(m)) for path, m in modules.items()}
        out.update(fresh)
        for path, found in fresh.items():
            names = sorted(contributed_names(self.raw[path]))
            modules[path] = caching.pack(found.findings, found.report, found.deps, found.queries, names)
        store.pieces = kept | {path: pieces.pieces(self.raw[path]) for path in fresh}
        store.files = self._stamps(modules, store.files)
        store.modules, store.layout = modules, layout
        if reason := store.save():
            self.notices.append(reason)
        return out

    def _layout(self) -> str:
        """Which files there are to judge and which packages are installed; imports resolve by it."""
        parts = sorted(self.absolute)
        for folder in self.environment.site_packages:
            found = caching.stamp(str(folder))
            parts.append(f"{folder} {found[1] if found else 0}")
        return caching.digest("\0".join(parts).encode("utf-8", "surrogateescape"))

    def _changed(self, store: caching.Cache, layout: str) -> tuple[set[str], bool]:
        """(files whose content changed, whether everything must be judged again)."""
        if store.layout != layout:
            return set(), True
        changed: set[str] = set()
        for path, (size, time, text) in store.files.items():
            now = caching.stamp(path)
            if now == (size, time):
                continue
            try:
                raw = read(Path(path))
            except SourceError:
                raw = b""
            if now is None or caching.digest(raw) != text:
                changed.add(path)
        return changed, False

    def _affected(self, store: caching.Cache, changed: set[str]) -> set[str]:
        """The changed modules and those whose results rest on one of them."""
        from diag.lint import pieces
        from diag.model.check import contributed_names

        texts: list[bytes] = []  # what is new, and what is gone
        reaching: set[str] = set()  # files that changed in a way that may reach whatever rests on them
        for path in changed:
            if path not in self.raw or path not in store.pieces:
                reaching.add(path)
                texts.append(self.raw.get(path, b""))
                continue
            found = pieces.change(store.pieces[path], self.raw[path])
            texts += found.texts
            if found.functions is None or self._mentioned(found.functions, path, found.rest):
                reaching.add(path)
        asked = pieces.answering(texts)
        turned: set[str] = set()  # names that became, or ceased to be, those of something to await
        for path in changed & store.modules.keys():
            turned ^= contributed_names(self.raw.get(path, b"")) ^ set(store.modules[path]["names"])
        out = {path for path in self.raw if path in changed or path not in store.modules}
        out |= {path for path, raw in self.raw.items() if any(name.encode() in raw for name in turned)}
        for path, packed in store.modules.items():
            if path not in self.raw or path in out:
                continue
            if (
                not reaching.isdisjoint(packed["deps"])
                or not changed.isdisjoint(packed["told"])
                or any(asked(q) for q in packed["queries"])
            ):
                out.add(path)
        return out

    def _mentioned(self, names: Iterable[str], path: str, rest: bytes) -> bool:
        """Whether any other text than that of the changed functions themselves has one of their names."""
        texts = [rest, *(raw for other, raw in self.raw.items() if other != path)]
        return any(name.encode() in text for name in names for text in texts)

    def _stamps(
        self, modules: Mapping[str, dict[str, Any]], old: Mapping[str, tuple[int, int, str]]
    ) -> dict[str, tuple[int, int, str]]:
        wanted = set(self.raw)
        for packed in modules.values():
            wanted.update(packed["deps"])
        out = {}
        for path in wanted:
            now = caching.stamp(path)
            if now is None:
                continue
            if path in old and old[path][:2] == now:
                out[path] = old[path]
                continue
            try:
                raw = self.raw[path] if path in self.raw else read(Path(path))
            except SourceError:
                continue
            out[path] = (*now, caching.digest(raw))
        return out

    def _read_all(self, paths: Iterable[str]) -> None:
        for path in paths:
            try:
                raw = read(Path(path))
                if not raw.isascii() or b"\0" in raw or b"coding" in raw[:400]:
                    decode(raw, path)
                self.raw[path] = raw
            except SourceError as error:
                self.problems.append(replace(error.problem, path=self._display(path)))

    def _fresh(self, todo: set[str], judged: "Judged") -> None:
        if not todo:
            return
        from diag.lint.check_all import check_modules

        check_modules(
            [(Path(path), raw) for path, raw in sorted(self.raw.items())],
            todo,
            self.environment,
            Path(os.path.abspath(self.settings.root)),
            self.rules,
            self.progress,
            fix=self.settings.fix,
            judged=judged,
        )
        self.problems += [replace(p, path=self._display(p.path)) for p in judged.problems]

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
                    where = f"{self._display(places[0].path)}:{places[0].line}"
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
            joined.source = decode(self.raw[site.path] if site.path in self.raw else read(Path(site.path)))
        return list(findings_of(joined, self.rules.values(), fix=self.settings.fix))

    # --- what the user asked for

    def _filtered(self, findings: list[Finding]) -> tuple[list[Finding], list[Finding]]:
        active = [code for code in self.rules if self._selected(code)]
        by_path: dict[str, list[Finding]] = {path: [] for path in self.absolute}
        for finding in findings:
            if finding.code in active and finding.path in by_path:
                by_path[finding.path].append(finding)
        kept: list[Finding] = []
        suppressed: list[Finding] = []
        for path, own in by_path.items():
            ignored = self._ignored(path)
            codes = [code for code in active if code not in ignored]
            own = [self._shown(f) for f in _unique(own) if f.code not in ignored]
            raw = self.raw.get(path)
            if raw is None:
                try:
                    raw = read(Path(path))
                except SourceError:
                    continue
            if b"diag:" in raw:
                more, silenced = suppress.apply(decode(raw), self._display(path), own, codes)
                kept += [f for f in more if f.code in codes]
                suppressed += silenced
            else:
                kept += own
        return kept, suppressed

    def _selected(self, code: str) -> bool:
        select, ignore = self.settings.select, self.settings.ignore
        chosen = max((len(p) for p in select if code.startswith(p)), default=-1) if select else 0
        dropped = max((len(p) for p in ignore if code.startswith(p)), default=-1)
        return chosen >= 0 and chosen >= dropped if select else dropped < 0

    def _ignored(self, path: str) -> set[str]:
        out: set[str] = set()
        for glob, codes in self.settings.per_path_ignores:
            from diag.model.source.globs import Globs

            if Globs((glob,), os.path.realpath(self.settings.root)).matches(path):
                out.update(c for c in self.rules if c.startswith(codes))
        return out

    def _display(self, path: str) -> str:
        """As the user named it if it is one of the judged files, else relative to the working directory."""
        if path in self.absolute:
            return Path(self.absolute[path]).as_posix()
        here = str(Path.cwd())
        return (
            Path(os.path.relpath(path, here)).as_posix()
            if path.startswith(here + os.sep)
            else Path(path).as_posix()
        )

    def _shown(self, finding: Finding) -> Finding:
        return replace(
            finding,
            path=self._display(finding.path),
            chain=tuple(replace(s, path=self._display(s.path)) for s in finding.chain),
            cause=caching.digest(finding.cause.encode())[:12] if finding.cause else "",
        )


def _folders(path: str) -> list[str]:
    """The folder of a file and those above it: callers there may well use what the file builds."""
    return [str(folder) for folder in Path(path).parents]


def _unique(findings: list[Finding]) -> list[Finding]:
    """One finding for one place and rule."""
    seen: dict[tuple[str, int, int], Finding] = {}
    for finding in findings:
        seen.setdefault((finding.code, finding.line, finding.column), finding)
    return list(seen.values())


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.sort_key


def _as_unknown(site: Site) -> Finding:
    reason = f": nothing is known of `{site.detail}`" if site.detail else ""
    return Finding(
        "", site.path, site.line, site.column, site.end_line, site.end_column, f"`{site.expr}`{reason}"
    )
