"""Runs the rules over the scopes of many modules, on both cores where it pays."""

import ast
import contextlib
import ctypes
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from diag.defect import described
from diag.finding import Finding, Problem
from diag.lint.checked import Checked, Fact
from diag.lint.context import Context, ModuleContext
from diag.lint.rule import Rule, ScopeKind
from diag.model.infer.async_names import AsyncNames
from diag.model.infer.infer import Infer
from diag.model.infer.project import Project
from diag.model.infer.query import Query
from diag.model.source.environment import Environment
from diag.model.source.source import Source
from diag.model.syntax.module import Module, check_compiles
from diag.model.syntax.scope import FunctionNode, Scope
from diag.model.syntax.source_file import parse

PARALLEL_BYTES = 400_000  # below this, starting a second process costs more than it gives
# Values that rest on each other are found by recursion. What is not used of the stack is address space only.
STACK_BYTES = 1 << 29
MAX_RECURSION = 1_000_000


Progress = Callable[[int, int], None]
Sources = Sequence[tuple[Path, bytes]]


@dataclass(slots=True)
class Judged:
    """What is judged so far: all that was asked for, or what an interrupt has left."""

    checked: dict[str, Checked] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.checked) + len(self.problems)

    def add(self, other: "Judged") -> None:
        self.checked.update(other.checked)
        self.problems += other.problems


def check_modules(
    sources: Sources,
    todo: set[str],
    environment: Environment,
    root: Path,
    source: Source,
    rules: Mapping[str, Rule],
    progress: Progress | None,
    *,
    fix: bool,
    show_unknown: bool,
    judged: Judged,
) -> None:
    """Check the modules of `todo` (absolute paths) within the project that `sources` make up.

    What is found goes into `judged` as it is found, so that it is there when an interrupt ends the run.
    """
    project = Project(sources, environment, root, source)
    infer = Infer(project)
    names = AsyncNames(project)
    wanted = [m for m in project.judged if str(m.path) in todo]
    shares = _shares(wanted) if not fix else [wanted]
    job = _Job(infer, rules, names, fix=fix, show_unknown=show_unknown)
    if len(shares) == 2:
        _in_two(job, shares, progress, judged)
        return

    def moved() -> None:
        if progress is not None:
            progress(len(judged), len(wanted))

    job.run(wanted, judged, moved)


class _Job:
    def __init__(
        self, infer: Infer, rules: Mapping[str, Rule], names: AsyncNames, *, fix: bool, show_unknown: bool
    ) -> None:
        self.infer = infer
        self.rules = rules
        self.names = names
        self.fix = fix
        self.show_unknown = show_unknown

    def run(self, modules: list[Module], judged: Judged, moved: Callable[[], None]) -> None:
        """Judge the modules one by one; `moved` is called before the first and after each."""
        _with_deep_stack(lambda: self._run(modules, judged, moved))

    def _run(self, modules: list[Module], judged: Judged, moved: Callable[[], None]) -> None:
        moved()
        for module in modules:
            problem = self._syntax(module)
            if problem is not None:
                judged.problems.append(problem)
            else:
                try:
                    judged.checked[str(module.path)] = self._check(module)
                except Exception as error:
                    if os.environ.get("DIAG_DEBUG") == "1":
                        raise
                    said = f"could not be judged: {described(error)}"
                    judged.problems.append(Problem(str(module.path), said))
                    self.infer.forget_open()
            moved()

    def _check(self, module: Module) -> Checked:
        """What the rules say of a module; it is taken apart only when one of them wants it."""
        self.infer.deps = module.bit
        home = ModuleContext(self.infer, module, self.names, fixing=self.fix, show_unknown=self.show_unknown)
        out = Checked(counts=home.counts, unresolved=home.unresolved)
        rules = [rule for rule in self.rules.values() if rule.wants(home)]
        for scope in module.scopes() if rules else ():
            kind = _kind(scope)
            context = Context(home, scope)
            findings: list[Finding] = []
            facts: list[Fact] = []
            for rule in rules:
                for found in rule.check(context) if kind in rule.scopes else ():
                    if isinstance(found, Fact):
                        facts.append(found)
                    else:
                        findings.append(found)
            lines: list[tuple[int, int]] = []
            if findings or any(fact.finding for fact in facts):
                lines = [*scope.expecting, *_other_colour(self.infer, scope), *_dead(self.infer, scope)]
            out.findings += [f for f in findings if not _within(f, lines)]
            out.facts += [f for f in facts if not _within(f.finding, lines)]
        out.deps, out.queries = self._rests_on(self.infer.deps)
        return out

    def _syntax(self, module: Module) -> Problem | None:
        """What keeps a file from being read as Python: a file that was not read is never silently clean."""
        try:
            if not module.is_parsed and (b"async" in module.raw or b"await" in module.raw):
                module.use_tree(parse(module.raw, str(module.path)))
            check_compiles(module.tree if module.is_parsed else module.raw, str(module.path))
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

    def _rests_on(self, bits: int) -> tuple[list[str], list[Query]]:
        deps: list[str] = []
        queries: list[Query] = []
        entries = self.infer.project.entries
        while bits:
            low = bits & -bits
            entry = entries[low.bit_length() - 1]
            bits ^= low
            if isinstance(entry, Query):
                queries.append(entry)
            elif entry.path is not None and entry.kind in ("project", "library"):
                deps.append(str(entry.path))
        return sorted(deps), sorted(queries)


def _kind(scope: Scope) -> ScopeKind:
    if scope.kind == "function":
        return "async def" if scope.is_async else "def"
    return "class" if scope.kind == "class" else "module"


def _within(finding: Finding | None, lines: list[tuple[int, int]]) -> bool:
    """Mistakes made on purpose (`with pytest.raises(TypeError)`), and those in dead code, are none."""
    return finding is not None and any(first <= finding.line <= last for first, last in lines)


def _other_colour(infer: Infer, scope: Scope) -> list[tuple[int, int]]:
    """Lines under `if _IS_SYNC:` in code that is generated in two colours, if this is the other one."""
    if not scope.module.segment_has(b"SYNC", scope.first_line, scope.last_line):
        return []
    out = []
    for stmt in scope.positions:
        if isinstance(stmt, ast.If):
            held = infer.truth(stmt.test, infer.frame_of(scope), scope.positions[stmt])
            dead = [] if held is None else stmt.orelse if held else stmt.body
            out += [(s.lineno, s.end_lineno or s.lineno) for s in dead]
    return out


def _with_deep_stack(work: Callable[[], None]) -> None:
    """Run it in a thread that may recurse far deeper than the main one, and wait for it to end.

    What it raises is raised here. An interrupt that comes meanwhile is handed on to it.
    """
    raised: list[BaseException] = []
    ended = threading.Event()  # Thread.join forgets, when interrupted, that the thread is still there

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            ended.set()

    limit, before = sys.getrecursionlimit(), threading.stack_size(STACK_BYTES)
    sys.setrecursionlimit(MAX_RECURSION)
    thread = threading.Thread(target=run, daemon=True)
    try:
        thread.start()
        ended.wait()
    except KeyboardInterrupt as error:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(type(error))
        )
        ended.wait()
        raise
    finally:
        threading.stack_size(before)
        sys.setrecursionlimit(limit)
    if raised:
        raise raised[0]


def _dead(infer: Infer, scope: Scope) -> list[tuple[int, int]]:
    """Lines of a function that are never reached, since constants decide the branches before them."""
    if not isinstance(scope.node, FunctionNode):
        return []
    from diag.model.flow.decisions import Decisions

    return Decisions(infer, scope).dead()


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


_TICK, _END_OF_TICKS = b".", b"\n"
_CHUNK = 1 << 16


def _in_two(job: _Job, shares: list[list[Module]], progress: Progress | None, judged: Judged) -> None:
    """The second share in a forked child.

    Through a pipe the child tells of each module that it is done with, then all that it found. An interrupt
    of this process ends the child as well, and what it had found until then counts.
    """
    reading, writing = os.pipe()
    # no interrupt in a half-made child
    mask: set[int] = {*signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})}
    child = os.fork()
    if child == 0:
        os.close(reading)  # so that writing fails when this process is killed, and does not wait for ever
        _second_share(job, shares[1], writing, mask)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    os.close(writing)
    os.set_blocking(reading, False)
    received = bytearray()
    total = sum(map(len, shares))

    def moved() -> None:
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(reading, _CHUNK):
                received.extend(chunk)
        if progress is not None:
            progress(len(judged) + len(received.partition(_END_OF_TICKS)[0]), total)

    def wait() -> None:
        os.set_blocking(reading, True)
        while chunk := os.read(reading, _CHUNK):
            received.extend(chunk)
            if progress is not None and _END_OF_TICKS not in received:
                progress(len(judged) + len(received), total)

    try:
        try:
            job.run(shares[0], judged, moved)
            wait()
        except BaseException:
            os.kill(child, signal.SIGINT)  # from a terminal it has come already: the child heeds the first
            progress = None
            wait()
            if more := _answer(received):
                judged.add(more)
            raise
    finally:
        os.close(reading)
        os.waitpid(child, 0)
    if more := _answer(received):
        judged.add(more)
    else:
        job.run(shares[1], judged, lambda: None)  # the child died: do its share here, errors and all
    if progress is not None:
        progress(len(judged), total)


def _second_share(job: _Job, modules: list[Module], writing: int, mask: set[int]) -> NoReturn:
    """What the child does. It ends the process."""
    status = 1
    judged = Judged()

    def moved() -> None:
        if judged:
            os.write(writing, _TICK)

    try:
        signal.signal(signal.SIGINT, _interrupted_once)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            job.run(modules, judged, moved)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        body = pickle.dumps(judged, pickle.HIGHEST_PROTOCOL)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(_END_OF_TICKS + len(body).to_bytes(8) + body)
        status = 0
    finally:
        os._exit(status)


def _interrupted_once(number: int, frame: object) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _answer(received: bytearray) -> Judged | None:
    """What the child found; None where it died before it could say so, or not all of it arrived."""
    rest = received.partition(_END_OF_TICKS)[2]
    body = rest[8:]
    if len(rest) < 8 or len(body) != int.from_bytes(rest[:8]):
        return None
    found = pickle.loads(body)  # written by our own child
    assert isinstance(found, Judged)
    return found
