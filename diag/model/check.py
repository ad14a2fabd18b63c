"""The sites of one module: every place where something is proved wrong, with the chain that proves it."""

import ast
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator

from diag.finding import Step
from diag.model.flow import explain
from diag.model.infer.awaiting import GUARDS, awaitable
from diag.model.infer.infer import Infer
from diag.model.infer.project import properties_in
from diag.model.infer.values import UNKNOWN, ClassValue, Frame, Func, Nothing, Unknown, Value, Values, ordered
from diag.model.report import Report
from diag.model.site import Callee, Kind, Site
from diag.model.syntax.module import Module
from diag.model.syntax.scope import Position, Scope, header, last_name

EVERYTHING = "*"


def _words(node: ast.AST) -> Iterator[str]:
    """Names and attribute names in an expression; `self` says nothing."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute):
            yield inner.attr
        elif isinstance(inner, ast.Name) and inner.id not in ("self", "cls"):
            yield inner.id


Binder = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda


class Checker:
    """Holds what judging one module needs; the judges have modules of their own."""

    def __init__(self, infer: Infer, module: Module, *, every: frozenset[Kind] = frozenset()) -> None:
        self.infer = infer
        self.module = module
        self.every = every  # CALL and AWAIT sites are made only when a rule asks for them
        self.report = Report()
        self._places: dict[ast.expr, tuple[Frame, Position | None]] = {}
        self._frames: dict[ast.expr, Frame] = {}
        self._guards: dict[Scope, frozenset[str]] = {}
        self._called: list[tuple[int, bytes]] | None = None
        self._called_places: dict[Callable[[str], bool], list[int]] = {}

    # --- helpers of the judges

    def values(self, node: ast.expr, scope: Scope) -> Values:
        place = self._places.get(node)
        if place is None:
            place = self._places[node] = (self._frame_at(node, scope), scope.position_of(node))
        return self.infer.values(node, *place)

    def _frame_at(self, node: ast.expr, scope: Scope) -> Frame:
        """The frame of the scope with the names bound by comprehensions and lambdas around the expression."""
        parents = self.module.parents
        around: list[Binder] = []
        child: ast.AST = node
        outermost_iterable = False
        while (parent := parents.get(child)) is not None and not isinstance(parent, ast.stmt):
            match parent:
                case ast.comprehension():
                    outermost_iterable = parent.iter is child
                case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                    if not (outermost_iterable and child is parent.generators[0]):
                        around.append(parent)
                    outermost_iterable = False
                case ast.Lambda() if parent.body is child:
                    around.append(parent)
            child = parent
        frame = self.infer.frame_of(scope)
        for holder in reversed(around):
            frame = self._inside(holder, frame, scope)
        return frame

    def _inside(self, holder: Binder, frame: Frame, scope: Scope) -> Frame:
        found = self._frames.get(holder)
        if found is None:
            if isinstance(holder, ast.Lambda):
                names = [a for a in ast.walk(holder.args) if isinstance(a, ast.arg)]
                overlay = {**(frame.overlay or {}), **{a.arg: UNKNOWN for a in names}}
                found = Frame(frame.scope, frame.outer, frame.args, frame.receiver, overlay)
                found.base = frame.base
            else:
                found = self.infer.comprehension(holder.generators, frame, scope.position_of(holder))
            self._frames[holder] = found
        return found

    def guarded(self, scope: Scope, node: ast.expr | None = None) -> bool:
        """The function asks of what stands here (of anything, without a node) whether it is awaitable."""
        asked = self._guards.get(scope)
        if asked is None:
            asked = self._guards[scope] = self._asked(scope)
        if not asked or node is None:
            return bool(asked)
        stmt = scope.statement_of(node)
        near = {name for part in header(stmt) for name in _words(part)} if stmt is not None else set()
        return EVERYTHING in asked or not asked.isdisjoint(near)

    def _asked(self, scope: Scope) -> frozenset[str]:
        """The names and attributes that guards of the function are about."""
        if scope.kind != "function" or not GUARDS.search(
            scope.module.segment(scope.first_line, scope.last_line)
        ):
            return frozenset()
        out: set[str] = set()
        for call in scope.calls:
            name = last_name(call.func)
            if GUARDS.fullmatch(name.encode()) or (
                name == "hasattr"
                and any(isinstance(a, ast.Constant) and a.value == "__await__" for a in call.args)
            ):
                out.update(word for argument in call.args for word in _words(argument))
        if "__await__" in scope.reads or "_is_coroutine" in scope.reads:
            out.add(EVERYTHING)
        return frozenset(out)

    def retried(self, node: ast.expr, scope: Scope) -> bool:
        """`try: await f() except TypeError: f()`: the code tries both colours."""
        stmt = scope.statement_of(node)
        call = node.value if isinstance(node, ast.Await) else node
        name = last_name(call.func) if isinstance(call, ast.Call) else last_name(call)
        if stmt is None or stmt not in scope.positions or not name:
            return False
        for outer, arm in scope.positions[stmt].path:
            if isinstance(outer, (ast.Try, ast.TryStar)):
                broad = [h for h in outer.handlers if explain.catches_all(h)]
                if arm == "body":
                    others = [s for h in broad for s in h.body]
                else:
                    within = any(stmt in ast.walk(h) for h in broad)
                    others = outer.body if within or not arm.startswith("handler") else []
                if self._called_otherwise(others, name, awaited=isinstance(node, ast.Await)):
                    return True
        return False

    def _called_otherwise(self, body: list[ast.stmt], name: str, *, awaited: bool) -> bool:
        """The statements call `name` in the other colour."""
        for stmt in body:
            inside = {id(n.value) for n in ast.walk(stmt) if isinstance(n, ast.Await)}
            for call in ast.walk(stmt):
                if (
                    isinstance(call, ast.Call)
                    and last_name(call.func) == name
                    and (id(call) in inside) != awaited
                ):
                    return True
        return False

    def site(
        self,
        kind: Kind,
        node: ast.expr,
        scope: Scope,
        *,
        subject: str = "",
        context: str = "",
        detail: str = "",
        callee: Callee | None = None,
        chain: tuple[Step, ...] | list[Step] = (),
        cause: str = "",
    ) -> Site:
        module = self.module
        stmt = scope.statement_of(node)
        text = module.source_of(node)
        return Site(
            kind=kind,
            path=str(module.path),
            line=node.lineno,
            column=module.column(node.lineno, node.col_offset),
            end_line=node.end_lineno or node.lineno,
            end_column=module.column(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset),
            stmt_line=stmt.lineno if stmt is not None else node.lineno,
            stmt_end_line=(stmt.end_lineno or stmt.lineno)
            if stmt is not None
            else node.end_lineno or node.lineno,
            source=module.text,
            expr=text,
            subject=subject or text,
            function="" if scope.kind == "module" else scope.qualname,
            in_async=scope.is_async,
            context=context,
            detail=detail,
            callee=callee,
            chain=tuple(chain),
            cause=cause,
        )

    # --- the walk

    def run(self, async_names: frozenset[str]) -> Report:
        from diag.model import judge_awaits, judge_blocking, judge_calls

        self.infer.deps = self.module.bit
        is_async_name = async_names.__contains__
        for scope in self.module.scopes():
            if scope.kind == "class":
                continue
            # a plain function is worth a look when it calls something by the name of a coroutine function
            if not scope.is_async and not self.calls_any(scope, is_async_name):
                continue
            before = len(self.report.sites), len(self.report.bare)
            for node in scope.awaits:
                judge_awaits.judge(self, node, scope)
            judge_awaits.judge_protocols(self, scope)
            judge_calls.judge_scope(self, scope, async_names)
            judge_calls.judge_properties(self, scope)
            if scope.is_async:
                judge_blocking.judge_scope(self, scope)
            self._drop_expected(scope, *before)
        judge_blocking.collect_built(self)
        self.report.deps = self.infer.deps
        return self.report

    def _drop_expected(self, scope: Scope, sites: int, bare: int) -> None:
        """Mistakes made on purpose (`with pytest.raises(TypeError)`), and those in dead code, are none."""
        lines = [*scope.expecting, *self._other_colour(scope)]
        if lines:

            def meant(site: Site) -> bool:
                return any(first <= site.line <= last for first, last in lines)

            self.report.sites[sites:] = [s for s in self.report.sites[sites:] if not meant(s)]
            self.report.bare[bare:] = [(o, s) for o, s in self.report.bare[bare:] if not meant(s)]

    def _other_colour(self, scope: Scope) -> list[tuple[int, int]]:
        """Lines under `if _IS_SYNC:` in code that is generated in two colours, if this is the other one."""
        if not self.module.segment_has(b"SYNC", scope.first_line, scope.last_line):
            return []
        out = []
        for stmt in scope.positions:
            if isinstance(stmt, ast.If):
                frame = self.infer.frame_of(scope)
                held = self.infer.truth(stmt.test, frame, scope.positions[stmt])
                dead = [] if held is None else stmt.orelse if held else stmt.body
                out += [(s.lineno, s.end_lineno or s.lineno) for s in dead]
        return out

    def calls_any(self, scope: Scope, wanted: Callable[[str], bool]) -> bool:
        """Whether a name that is called or handed over in the scope is one of those wanted."""
        places = self._called_places.get(wanted)
        if places is None:
            if self._called is None:
                self._called = sorted(called_in(self.module.raw))
            meant = {name: wanted(name.decode("utf-8", "replace")) for _, name in self._called}
            places = self._called_places[wanted] = [at for at, name in self._called if meant[name]]
        if scope.kind == "module":
            return bool(places)
        first, end = self.module.span(scope.first_line, scope.last_line)
        at = bisect_left(places, first)
        return at < len(places) and places[at] < end


_CALLED = re.compile(rb"\b(\w++) ?\(")
_HANDED_OVER = re.compile(rb"[(,=]\s*+(?:\w++\.)*+(\w++)\s*+(?=[,)])")
_ASYNC_DEFS = re.compile(rb"\basync\s+def\s+(\w+)|\bawait\s+(?:[\w.]+\.)?(\w+)\s*\(")


# Names that are worth a look in plain functions too: they make, take or run coroutines.
_ALWAYS = (
    b"sleep gather wait_for create_task ensure_future run run_until_complete run_coroutine_threadsafe "
    b"add_done_callback call_later call_soon call_soon_threadsafe call_at add_signal_handler register signal "
    b"Thread Timer submit run_in_executor to_thread filter sorted sort"
).split()


def called_in(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Names that are called or handed to a call, and where they stand."""
    for pattern in (_CALLED, _HANDED_OVER):
        for match in pattern.finditer(raw):
            yield match.start(1), match[1]


def called_names(raw: bytes) -> set[str]:
    """Names that are called or handed to a call."""
    names = {*_CALLED.findall(raw), *_HANDED_OVER.findall(raw)}
    return {name.decode("utf-8", "replace") for name in names}


_MADE_NAMES = re.compile(rb"^(\w+) *= *[\w.]+\(", re.M)  # fetch = retry(_fetch)


def contributed_names(raw: bytes) -> set[str]:
    """What one file adds to the names looked at everywhere: async functions, awaited calls, properties."""
    found: set[bytes] = set(properties_in(raw))
    if b"async" in raw or b"await" in raw:
        for pair in _ASYNC_DEFS.findall(raw):
            found.update(pair)
        found.update(_MADE_NAMES.findall(raw))
    return {name.decode("utf-8", "replace") for name in found if name and not name.startswith(b"__")}


def async_names(modules: list[Module]) -> frozenset[str]:
    """Names of coroutine functions: defined or awaited in judged modules, and the best known others."""
    return frozenset(name.decode() for name in _ALWAYS).union(*(contributed_names(m.raw) for m in modules))


def real(values: Values) -> Values:
    """The values without `None`, which stands for *not set yet* in names and attributes."""
    return frozenset(v for v in values if not isinstance(v, Nothing))


def never_awaitable(infer: Infer, values: Values) -> bool:
    return bool(values) and all(awaitable(infer, v) is False for v in values)


def origins(values: Values) -> Iterator[str]:
    for value in values:
        if isinstance(value, Unknown) and value.origin:
            yield value.origin


def reached(callee_values: Values) -> Value | None:
    """One callee to name in a message: the first by name, so that the choice is stable."""
    return next((v for v in ordered(callee_values) if isinstance(v, (Func, ClassValue))), None)
