"""What a rule is handed: one scope of one module, with what the model knows of it."""

import ast
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from diag.finding import Finding, Step
from diag.lint.checked import Counts
from diag.lint.site import Site
from diag.lint.unknown import why
from diag.model.facts import sdk
from diag.model.flow import explain, guards
from diag.model.flow.callee import Callee
from diag.model.flow.places import Places
from diag.model.flow.uses import Use, use_of
from diag.model.infer.async_names import AsyncNames, called_in, called_names
from diag.model.infer.infer import Infer
from diag.model.infer.parameters import callers
from diag.model.infer.values import Unknown, Values
from diag.model.syntax.module import Module
from diag.model.syntax.scope import Scope

if TYPE_CHECKING:
    from diag.model.flow.reaching import Flow

T = TypeVar("T")

_SDKS = re.compile(
    rb"^\s*(?:import|from)\s+(%s)\b" % b"|".join(re.escape(n.encode()) for n in sdk.packages()), re.M
)


class ModuleContext:
    """One module under judgement. What its text says is cheap; `scope`s and values are not."""

    def __init__(
        self, infer: Infer, module: Module, names: AsyncNames, *, fixing: bool, show_unknown: bool
    ) -> None:
        self.infer = infer
        self.module = module
        self.names = names
        self.fixing = fixing
        self.show_unknown = show_unknown
        self.places = Places(infer, module)
        self.counts = Counts()
        self.unresolved: list[Finding] = []
        self._called: list[tuple[int, bytes]] | None = None
        self._called_places: dict[Callable[[str], bool], list[int]] = {}

    @cached_property
    def is_async(self) -> bool:
        """The text has `async` or `await`."""
        return b"async" in self.module.raw or b"await" in self.module.raw

    @cached_property
    def async_names(self) -> frozenset[str]:
        """Names of coroutine functions, of the project and of the packages that it imports."""
        return self.names.near(self.module)

    @cached_property
    def may_await(self) -> bool:
        """Something in it is async, or it calls by name what is async in something that it imports."""
        if self.is_async:
            return True
        if self.async_names.isdisjoint(called_names(self.module.raw)):
            return False
        carrying, rests_on = self.names.carries(self.module)
        self.infer.deps |= rests_on
        return carrying

    @cached_property
    def uses_sdk(self) -> bool:
        """It imports an SDK that is not itself part of the project."""
        find = self.infer.project.import_module
        found = {name.decode(): None for name in _SDKS.findall(self.module.raw)}
        return any((home := find(name, self.module)) is None or home.kind != "project" for name in found)

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


class Context:
    """One scope, for the rules that asked for scopes of its kind.

    `scope` gives what its syntax holds: `calls`, `awaits`, `loads`, `reads`, `positions` (statements with the
    arms around them), `returns`, `node`. The methods answer for expressions of this scope.
    """

    def __init__(self, home: ModuleContext, scope: Scope) -> None:
        self.home = home
        self.scope = scope
        self.infer = home.infer
        self.module = home.module
        self._made: dict[object, object] = {}

    def once(self, make: "Callable[[Context], T]") -> T:
        """What `make` gives for this scope: made once, whichever rules ask for it."""
        if make not in self._made:
            self._made[make] = make(self)
        return self._made[make]  # type: ignore[return-value]  # what this very function gave

    # --- what the model knows

    def values(self, node: ast.expr) -> Values:
        """What the expression can be."""
        return self.home.places.values(node, self.scope)

    def use(self, node: ast.expr) -> Use:
        """How its value is used: awaited, dropped, assigned, handed on, taken for something."""
        return use_of(node, self.scope)

    def callers(self) -> list[tuple[ast.Call, Scope]] | None:
        """The calls of this function in the judged files, and where they stand; None for too many."""
        return callers(self.infer, self.scope)

    def flow(self) -> "Flow":
        """The control-flow graph of this function (no module, no class), and the definitions at each step."""
        from diag.model.flow.reaching import flow_of

        return flow_of(self.scope)

    def made(self, node: ast.expr) -> list[Step]:
        """Where the object that an expression names was made, nearest first."""
        return [
            Step(str(module.path), line, text)
            for module, line, text in explain.provenance(self.infer, node, self.scope)
        ]

    def consequences(self, node: ast.AST) -> list[Step]:
        """From an expression that raises TypeError to the handler that hides it."""
        return explain.consequences(self.infer, self.scope, node)

    def guarded(self, node: ast.expr | None = None) -> bool:
        """The function asks of what stands here (of anything, without a node) whether it is awaitable."""
        return guards.guarded(self.scope, node)

    def retried(self, node: ast.expr) -> bool:
        """`try: await f() except TypeError: f()`: the code tries both colours."""
        return guards.retried(node, self.scope)

    def calls_any(self, wanted: Callable[[str], bool]) -> bool:
        """Cheap: whether a name that is called or handed over in the scope is one of those wanted."""
        return self.home.calls_any(self.scope, wanted)

    def source(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node on one line."""
        return self.module.source_of(node)

    def step(self, node: ast.expr | ast.stmt, message: str) -> Step:
        """A link of a chain that points at a node of this module."""
        return Step(str(self.module.path), node.lineno, message)

    # --- what a rule says

    def site(
        self,
        node: ast.expr,
        *,
        subject: str = "",
        how: str = "",
        detail: str = "",
        callee: Callee | None = None,
        chain: Iterable[Step] = (),
        cause: str = "",
    ) -> Site:
        """The place of an expression, to make a finding of."""
        module, scope = self.module, self.scope
        stmt = scope.statement_of(node)
        text = module.source_of(node)
        last = node.end_lineno or node.lineno
        return Site(
            path=str(module.path),
            line=node.lineno,
            column=module.column(node.lineno, node.col_offset),
            end_line=last,
            end_column=module.column(last, node.end_col_offset or node.col_offset),
            stmt_line=stmt.lineno if stmt is not None else node.lineno,
            stmt_end_line=(stmt.end_lineno or stmt.lineno) if stmt is not None else last,
            source=module.text,
            expr=text,
            subject=subject or text,
            function="" if scope.kind == "module" else scope.qualname,
            in_async=scope.is_async,
            how=how,
            detail=detail,
            callee=callee,
            chain=tuple(chain),
            cause=cause,
            fixing=self.home.fixing,
        )

    def unresolved(self, node: ast.expr, values: Values) -> None:
        """Note an expression that the model could not resolve, for `--show-unknown`."""
        if not self.home.show_unknown:
            return
        site = self.site(node)
        found = sorted({v.origin for v in values if isinstance(v, Unknown)}, key=lambda o: (not o, o))
        reason, remedy = why(self.infer, self.module, found[0] if found else "")
        end = site.end_line, site.end_column
        said = f"`{site.expr}`"
        self.home.unresolved.append(
            Finding("", site.path, site.line, site.column, *end, said, cause=reason, help=remedy)
        )
