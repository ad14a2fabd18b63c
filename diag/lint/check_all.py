"""Checks many modules: the rules' verdict on every site, on both cores where it pays."""

import os
import pickle
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from diag.defect import described
from diag.finding import Finding, Problem
from diag.lint.cache import Checked
from diag.lint.rule import Rule, findings_of
from diag.model import judge_blocking
from diag.model.check import Checker, async_names, called_names
from diag.model.facts import sdk
from diag.model.infer.infer import Infer
from diag.model.infer.project import Project
from diag.model.report import Report
from diag.model.site import Kind
from diag.model.source.environment import Environment
from diag.model.syntax.module import Module, check_syntax, imports_of, parse
from diag.model.syntax.scope import Scope

PARALLEL_BYTES = 400_000  # below this, starting a second process costs more than it gives


Progress = Callable[[int, int], None]
Sources = Sequence[tuple[Path, bytes]]


def check_modules(
    sources: Sources,
    todo: set[str],
    environment: Environment,
    root: Path,
    rules: Mapping[str, Rule],
    progress: Progress | None,
    *,
    fix: bool,
) -> tuple[dict[str, Checked], list[Problem]]:
    """Check the modules of `todo` (absolute paths) within the project that `sources` make up."""
    project = Project(sources, environment, root)
    infer = Infer(project)
    names = async_names(project.judged)
    wanted = [m for m in project.judged if str(m.path) in todo]
    shares = _shares(wanted) if not fix else [wanted]
    job = _Job(infer, rules, names, fix=fix)
    if len(shares) == 1:
        return job.run(wanted, progress, len(wanted))
    return _in_two(job, shares, progress, len(wanted))


class _Job:
    def __init__(self, infer: Infer, rules: Mapping[str, Rule], names: frozenset[str], *, fix: bool) -> None:
        self.infer = infer
        self.rules = rules
        self.names = names
        self.fix = fix
        asked = frozenset().union(*(rule.kinds for rule in rules.values())) if rules else frozenset()
        self.sdk_names = re.compile(
            rb"^\s*(?:import|from)\s+(%s)\b" % b"|".join(re.escape(n.encode()) for n in sdk.packages()),
            re.M,
        )
        self.every = asked & {Kind.CALL, Kind.AWAIT}

    def run(
        self, modules: list[Module], progress: Progress | None, total: int
    ) -> tuple[dict[str, Checked], list[Problem]]:
        out: dict[str, Checked] = {}
        problems: list[Problem] = []
        for done, module in enumerate(modules):
            if progress is not None:
                progress(done, total)
            problem = self._syntax(module)
            if problem is not None:
                problems.append(problem)
                continue
            try:
                out[str(module.path)] = self._judge(module)
            except Exception as error:
                if os.environ.get("DIAG_DEBUG") == "1":
                    raise
                problems.append(Problem(str(module.path), f"could not be judged: {described(error)}"))
                self.infer.forget_open()
        return out, problems

    def _judge(self, module: Module) -> Checked:
        self.infer.deps = module.bit
        if self._worth(module):
            return self._check(module, self.infer.deps)
        if self._uses_sdk(module):
            checker = Checker(self.infer, module)
            judge_blocking.collect_built(checker)
            deps, queries = self._rests_on(self.infer.deps | module.bit)
            return Checked([], checker.report, deps, queries)
        deps, queries = self._rests_on(self.infer.deps)
        return Checked([], Report(), deps, queries)

    def _syntax(self, module: Module) -> Problem | None:
        """What keeps a file from being read as Python: a file that was not read is never silently clean."""
        try:
            if not module.is_parsed:
                if self._is_async(module):
                    module.use_tree(parse(module.raw, str(module.path)))
                else:
                    check_syntax(module.raw, str(module.path))
        except SyntaxError as error:
            newer = _newer_hint(error)
            return Problem(
                str(module.path),
                f"is not valid Python {sys.version_info[0]}.{sys.version_info[1]}: {error.msg}{newer}",
                error.lineno or 0,
            )
        except ValueError as error:
            return Problem(str(module.path), f"cannot be parsed: {error}")
        except (RecursionError, MemoryError):
            return Problem(str(module.path), "is nested too deeply for Python's parser")
        return None

    def _is_async(self, module: Module) -> bool:
        return b"async" in module.raw or b"await" in module.raw or bool(self.every)

    def _worth(self, module: Module) -> bool:
        """Something in the module is async, or it calls by name what is async in a module that it imports."""
        if self._is_async(module):
            return True
        if b"import" not in module.raw or self.names.isdisjoint(called_names(module.raw)):
            return False
        if not module.is_parsed and (imports := imports_of(module)) and not self._brings_async(imports):
            return False
        return self._brings_async(module.scope)

    def _uses_sdk(self, module: Module) -> bool:
        """It imports an SDK that is not itself part of the project."""
        find = self.infer.project.import_module
        found = {name.decode(): None for name in self.sdk_names.findall(module.raw)}
        return any((home := find(name, module)) is None or home.kind != "project" for name in found)

    def _brings_async(self, scope: Scope) -> bool:
        """An import of the scope gives something whose module has async code."""
        for bindings in scope.bindings.values():
            for binding in bindings:
                if binding.kind in ("import", "from"):
                    for value in self.infer.bindings_values([binding], self.infer.frame_of(scope)):
                        home = (
                            getattr(value, "module", None)
                            or getattr(getattr(value, "scope", None), "module", None)
                            or (getattr(getattr(value, "cls", None), "module", None))
                        )
                        # an `int` or a `Union` brings nothing to await, whatever else its module defines
                        if home is not None and home.name not in ("builtins", "typing"):
                            self.infer.deps |= home.bit
                            if b"async " in home.raw:
                                return True
        return False

    def _check(self, module: Module, judged_by: int) -> Checked:
        """`judged_by`: what made the module worth a look."""
        report = Checker(self.infer, module, every=self.every).run(self.names)
        findings: list[Finding] = []
        for site in report.sites:
            findings += findings_of(site, self.rules.values(), fix=self.fix)
        report.sites = []
        deps, queries = self._rests_on(report.deps | judged_by)
        return Checked(findings, report, deps, queries)

    def _rests_on(self, bits: int) -> tuple[list[str], list[str]]:
        deps: list[str] = []
        queries: list[str] = []
        entries = self.infer.project.entries
        while bits:
            low = bits & -bits
            entry = entries[low.bit_length() - 1]
            bits ^= low
            if isinstance(entry, str):
                queries.append(entry)
            elif entry.path is not None and entry.kind in ("project", "library"):
                deps.append(str(entry.path))
        return sorted(deps), sorted(queries)


def _newer_hint(error: SyntaxError) -> str:
    text = (error.text or "").strip()
    if text.startswith(("type ", "match ")) or "except*" in text or "f'" in text or 'f"' in text:
        return "; newer syntax needs diag to run on a newer Python"
    return ""


def _shares(modules: list[Module]) -> list[list[Module]]:
    """One or two lists that take about equally long; neighbours stay together, since they share much."""
    total = sum(map(_weight, modules))
    if total < PARALLEL_BYTES or not hasattr(os, "fork") or (os.cpu_count() or 1) < 2 or len(modules) < 2:
        return [modules]
    half = 0
    first: list[Module] = []
    for module in modules:
        if half + _weight(module) / 2 > total / 2 and first:
            break
        first.append(module)
        half += _weight(module)
    return [first, modules[len(first) :]]


def _weight(module: Module) -> int:
    """How long judging takes, in bytes of async code: a plain module is little more than read."""
    size = len(module.raw)
    return size if b"async" in module.raw else size // 8


def _in_two(
    job: _Job, shares: list[list[Module]], progress: Progress | None, total: int
) -> tuple[dict[str, Checked], list[Problem]]:
    """The second share in a forked child, which hands its result back through a pipe."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            answer = pickle.dumps(job.run(shares[1], None, total), pickle.HIGHEST_PROTOCOL)
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(answer)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    try:
        out, problems = job.run(shares[0], progress, total)
        with os.fdopen(reading, "rb") as pipe:
            answer = pipe.read()
    finally:
        _, status = os.waitpid(child, 0)
    if status != 0:
        more, other = job.run(shares[1], progress, total)  # the child died: do its share here, errors and all
    else:
        more, other = pickle.loads(answer)  # written by our own child
    out.update(more)
    return out, problems + other
