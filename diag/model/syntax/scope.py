"""Scopes: what every name in a module, class or function is bound to, and which bindings reach a use.

Built lazily from the `ast` of a module, one scope at a time: statements first (`Scope.bindings`), expressions
only where something is judged (`Scope.index`). A position is `(order, path)`: the preorder number of the
statement and the arms of compound statements that enclose it, so that reaching definitions need no
control-flow graph.
"""

import ast
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal, NamedTuple

from diag.mistakes import catching
from diag.model.syntax.source_file import SourceFile

STARRED = -2  # in Binding.unpack: the rest, as a list
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
ScopeNode = ast.Module | ast.ClassDef | FunctionNode | ast.Lambda
Arm = tuple[ast.stmt, str]
ScopeKind = Literal["module", "class", "function", "lambda"]
BindingKind = Literal[
    "assign", "import", "from", "def", "class", "for", "async for", "with", "async with", "except", "param",
    "aug", "del", "match", "walrus",
]  # fmt: skip

# Managers of tests in which a mistake is made on purpose, and the errors that mistakes of ours give.
_EXPECTING = {"raises", "assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex", "warns"}
_OUR_ERRORS = catching("TypeError", "AttributeError", "RuntimeError", "RuntimeWarning")
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
# the fields of each kind of node that can hold expressions
_NO_NODES = {"ctx", "op", "ops", "id", "attr", "arg", "is_async", "kind", "conversion", "name"}
_FIELDS = {
    kind: tuple(field for field in kind._fields if field not in _NO_NODES)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


class Position(NamedTuple):
    """Where a statement stands in its scope: preorder number and enclosing arms."""

    order: int
    path: tuple[Arm, ...]


class Binding:
    """One place that binds a name: `value` is the expression, `unpack` the indexes to follow into it."""

    __slots__ = ("annotation", "kind", "name", "node", "position", "scope", "unpack", "value")

    def __init__(
        self,
        kind: BindingKind,
        name: str,
        node: ast.AST,
        scope: "Scope",
        position: Position,
        value: ast.expr | None = None,
        unpack: tuple[int, ...] = (),
        annotation: ast.expr | None = None,
    ) -> None:
        self.kind: BindingKind = kind
        self.name = name
        self.node = node
        self.scope = scope
        self.position = position
        self.value = value
        self.unpack = unpack
        self.annotation = annotation


class Scope:
    """A module, class, function or lambda, with what it binds. A function's scope is its identity."""

    def __init__(
        self, kind: ScopeKind, node: ScopeNode, name: str, module: SourceFile, parent: "Scope | None" = None
    ) -> None:
        self.kind: ScopeKind = kind
        self.node: ScopeNode = node
        self.name = name
        self.module = module
        self.parent = parent
        self.first_line: int = getattr(node, "lineno", 1)
        self.last_line: int = getattr(node, "end_lineno", None) or 1 << 30
        if parent is None or parent.kind == "module":
            self.qualname = name
        elif parent.kind == "class":
            self.qualname = f"{parent.qualname}.{name}"
        else:
            self.qualname = f"{parent.qualname}.<locals>.{name}"
        self.is_async = isinstance(node, ast.AsyncFunctionDef)
        self.positions: dict[ast.stmt, Position] = {}
        self.children: dict[ast.AST, Scope] = {}
        self.stores: dict[tuple[str, str], list[Binding]] = {}  # (receiver name, attribute) -> stores
        self.items: dict[str, list[Binding]] = {}  # container's name or attribute -> stores into it
        self.returns: list[ast.Return] = []
        self.global_names: set[str] = set()
        self.nonlocal_names: set[str] = set()
        self.star_imports: list[ast.ImportFrom] = []
        self.dead_arms: set[Arm] = set()
        self.expecting: list[tuple[int, int]] = []  # lines of `with pytest.raises(...)` blocks and their kin
        # tests that hold, or not, in what follows them
        self.guards: list[tuple[ast.expr, bool, Position]] = []
        self._bindings: dict[str, list[Binding]] | None = None
        self._by_line: tuple[list[int], list[Scope]] | None = None
        self._indexed = False
        self._calls: list[ast.Call] = []
        self._awaits: list[ast.Await] = []
        self._loads: dict[str, list[ast.Name]] = {}
        self._reads: dict[str, list[ast.Attribute]] = {}
        self._comprehensions: list[ast.comprehension] = []
        self.yields: list[ast.Yield | ast.YieldFrom] = []
        self.leaves = False  # the body always ends in return or raise
        self._yields: bool | None = None
        self._order = 0
        # caches that belong to inference; kept here so that they live exactly as long as the scope
        self.cache: dict[object, Any] = {}
        self.memo: dict[object, Any] = {}

    def __repr__(self) -> str:
        return f"<{self.kind} {self.module.name}:{self.qualname}>"

    @cached_property
    def full_name(self) -> str:
        return f"{self.module.name}.{self.qualname}" if self.kind != "module" else self.module.name

    @cached_property
    def sort_key(self) -> str:
        """Tells scopes apart, the same in every run."""
        column = getattr(self.node, "col_offset", 0)
        return f"{self.full_name} {self.first_line:06} {column:03} {self.module.path or ''}"

    @cached_property
    def marks(self) -> frozenset[str]:
        """The last names of the decorators."""
        decorators = getattr(self.node, "decorator_list", ())
        return frozenset(last_name(d.func if isinstance(d, ast.Call) else d) for d in decorators)

    @cached_property
    def asks_for_classes(self) -> bool:
        """Some test in the text is of `isinstance`."""
        return self.module.segment_has(b"isinstance", self.first_line, self.last_line)

    @property
    def top(self) -> "Scope":
        """The scope of the module that this one lies in."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def owner(self) -> "Scope | None":
        """The class scope that this function is a method of."""
        parent = self.parent
        return parent if parent is not None and parent.kind == "class" else None

    # --- statements

    @property
    def bindings(self) -> dict[str, list[Binding]]:
        if self._bindings is None:
            self._bindings = {}
            self._build()
        return self._bindings

    def child_at(self, line: int) -> "Scope | None":
        """The function or class right inside this scope whose lines, decorators counted, hold `line`."""
        if self._by_line is None:
            self.bindings  # noqa: B018  builds the children
            inner = list(self.children.values())
            self._by_line = [first_marked_line(child.node) for child in inner], inner
        firsts, inner = self._by_line
        at = bisect_right(firsts, line) - 1
        return inner[at] if at >= 0 and line <= inner[at].last_line else None

    def body(self) -> list[ast.stmt]:
        return [] if isinstance(self.node, ast.Lambda) else self.node.body

    @property
    def arguments(self) -> ast.arguments:
        """The parameters of a function or lambda."""
        assert isinstance(self.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        return self.node.args

    def _build(self) -> None:
        node = self.node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            at = Position(-1, ())
            arguments = node.args
            for arg in (
                *arguments.posonlyargs,
                *arguments.args,
                *([arguments.vararg] if arguments.vararg else []),
                *arguments.kwonlyargs,
                *([arguments.kwarg] if arguments.kwarg else []),
            ):
                self._bind("param", arg.arg, arg, at, annotation=arg.annotation)
        self.leaves = self._block(self.body(), ())
        if self.kind != "lambda" and self.module.has_walrus:
            self.index()

    def _bind(
        self,
        kind: BindingKind,
        name: str,
        node: ast.AST,
        position: Position,
        value: ast.expr | None = None,
        unpack: tuple[int, ...] = (),
        annotation: ast.expr | None = None,
    ) -> None:
        assert self._bindings is not None
        self._bindings.setdefault(name, []).append(
            Binding(kind, name, node, self, position, value, unpack, annotation)
        )

    def _target(
        self,
        kind: BindingKind,
        target: ast.expr,
        node: ast.AST,
        position: Position,
        value: ast.expr | None,
        unpack: tuple[int, ...] = (),
        annotation: ast.expr | None = None,
    ) -> None:
        if isinstance(target, ast.Name):
            self._bind(kind, target.id, node, position, value, unpack, annotation)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for number, element in enumerate(target.elts):
                index = (
                    number if not any(isinstance(e, ast.Starred) for e in target.elts[: number + 1]) else -1
                )
                self._target(kind, element, node, position, value, (*unpack, index))
        elif isinstance(target, ast.Starred):
            self._target(kind, target.value, node, position, value, (*unpack[:-1], STARRED))
        elif isinstance(target, ast.Subscript):
            held = target.value
            name = (
                held.attr
                if isinstance(held, ast.Attribute)
                else held.id
                if isinstance(held, ast.Name)
                else ""
            )
            self.items.setdefault(name, []).append(
                Binding(kind, name, target, self, position, value, unpack, annotation)
            )
        elif isinstance(target, ast.Attribute):
            receiver = target.value.id if isinstance(target.value, ast.Name) else ""
            self.stores.setdefault((receiver, target.attr), []).append(
                Binding(kind, target.attr, node, self, position, value, unpack, annotation)
            )

    def _block(self, body: list[ast.stmt], path: tuple[Arm, ...]) -> bool:
        """Record the statements of a block; true when it always leaves the function."""
        leaves = False
        for stmt in body:
            position = Position(self._order, path)
            self._order += 1
            self.positions[stmt] = position
            leaves = self._statement(stmt, position, path) or leaves
        return leaves

    def _arm(self, stmt: ast.stmt, name: str, body: list[ast.stmt], path: tuple[Arm, ...]) -> bool:
        arm = (stmt, name)
        leaves = self._block(body, (*path, arm))
        if leaves:
            self.dead_arms.add(arm)
        return leaves

    def _statement(self, stmt: ast.stmt, position: Position, path: tuple[Arm, ...]) -> bool:
        match stmt:
            case ast.Assign():
                declared = type_comment(stmt.type_comment) if stmt.type_comment else None
                for target in stmt.targets:
                    self._target("assign", target, stmt, position, stmt.value, annotation=declared)
            case ast.Expr() | ast.Pass():
                pass
            case ast.Assert():
                self.guards.append((stmt.test, True, position))
            case ast.Return():
                self.returns.append(stmt)
                return True
            case ast.Raise():
                return True
            case ast.If():
                then = self._arm(stmt, "body", stmt.body, path)
                other = self._arm(stmt, "orelse", stmt.orelse, path)
                if then != other:
                    self.guards.append((stmt.test, other, position))
                return then and other and bool(stmt.orelse)
            case ast.AnnAssign():
                self._target("assign", stmt.target, stmt, position, stmt.value, annotation=stmt.annotation)
            case ast.AugAssign():
                self._target("aug", stmt.target, stmt, position, stmt.value)
            case ast.For() | ast.AsyncFor():
                kind: BindingKind = "for" if isinstance(stmt, ast.For) else "async for"
                inner = Position(position.order, (*path, (stmt, "body")))
                self._target(kind, stmt.target, stmt, inner, stmt.iter)
                self._arm(stmt, "body", stmt.body, path)
                self._arm(stmt, "orelse", stmt.orelse, path)
            case ast.While():
                self._arm(stmt, "body", stmt.body, path)
                self._arm(stmt, "orelse", stmt.orelse, path)
            case ast.With() | ast.AsyncWith():
                kind = "with" if isinstance(stmt, ast.With) else "async with"
                for item in stmt.items:
                    if item.optional_vars is not None:
                        self._target(kind, item.optional_vars, stmt, position, item.context_expr)
                    if isinstance(item.context_expr, ast.Call):
                        function = item.context_expr.func
                        word = (
                            function.attr
                            if isinstance(function, ast.Attribute)
                            else getattr(function, "id", "")
                        )
                        if word in _EXPECTING and any(_names_error(a) for a in item.context_expr.args[:1]):
                            self.expecting.append((stmt.lineno, stmt.end_lineno or stmt.lineno))
                return self._block(stmt.body, path)
            case ast.Try() | ast.TryStar():
                body = self._arm(stmt, "body", stmt.body, path)
                handled = True
                for number, handler in enumerate(stmt.handlers):
                    if handler.name:
                        at = self._before(path, (stmt, f"handler {number}"))
                        self._bind("except", handler.name, handler, at, handler.type)
                    handled = self._arm(stmt, f"handler {number}", handler.body, path) and handled
                body = self._arm(stmt, "orelse", stmt.orelse, path) or body
                return self._block(stmt.finalbody, path) or (body and handled)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._bind("def", stmt.name, stmt, position)
                self.children[stmt] = Scope("function", stmt, stmt.name, self.module, self)
            case ast.ClassDef():
                self._bind("class", stmt.name, stmt, position)
                self.children[stmt] = Scope("class", stmt, stmt.name, self.module, self)
            case ast.Import():
                for alias in stmt.names:
                    self._bind("import", alias.asname or alias.name.partition(".")[0], alias, position)
            case ast.ImportFrom():
                for alias in stmt.names:
                    if alias.name == "*":
                        self.star_imports.append(stmt)
                    else:
                        self._bind("from", alias.asname or alias.name, stmt, position)
            case ast.Delete():
                for target in stmt.targets:
                    self._target("del", target, stmt, position, None)
            case ast.Global():
                self.global_names.update(stmt.names)
            case ast.Nonlocal():
                self.nonlocal_names.update(stmt.names)
            case ast.Match():
                leaves = bool(stmt.cases)
                for number, case in enumerate(stmt.cases):
                    inner = self._before(path, (stmt, f"case {number}"))
                    for sub in ast.walk(case.pattern):
                        name = getattr(sub, "name", None) or getattr(sub, "rest", None)
                        if isinstance(name, str):
                            self._bind("match", name, sub, inner)
                    leaves = self._arm(stmt, f"case {number}", case.body, path) and leaves
                return False
        return False

    def _before(self, path: tuple[Arm, ...], arm: Arm) -> Position:
        """Where an arm binds names of its own: before its first statement."""
        position = Position(self._order, (*path, arm))
        self._order += 1
        return position

    # --- expressions

    def index(self) -> None:
        """Walk the expressions of this scope once: calls, awaits, loads of names, parents of everything."""
        if self._indexed:
            return
        self._indexed = True
        bindings = self.bindings
        parents = self.module.parents
        if isinstance(self.node, ast.Lambda):
            self._walk(self.node.body, self.node, parents, bindings)
            return
        for stmt in self.positions:
            for child in header(stmt):
                self._walk(child, stmt, parents, bindings)

    def _walk(
        self,
        top: ast.AST,
        parent: ast.AST,
        parents: dict[ast.AST, ast.AST],
        bindings: dict[str, list[Binding]],
    ) -> None:
        parents[top] = parent
        stack = [top]
        calls, awaits, loads, reads = self._calls, self._awaits, self._loads, self._reads
        while stack:
            node = stack.pop()
            # the classes have no subclasses; `isinstance` of every node would take twice as long
            if type(node) is ast.Name:
                if type(node.ctx) is ast.Load:
                    loads.setdefault(node.id, []).append(node)
                continue
            if type(node) is ast.Constant:
                continue
            if type(node) is ast.Attribute:
                inner = node.value
                if type(node.ctx) is ast.Load:
                    reads.setdefault(node.attr, []).append(node)
                parents[inner] = node
                stack.append(inner)
                continue
            if type(node) is ast.Call:
                calls.append(node)
            elif type(node) is ast.Await:
                awaits.append(node)
            elif type(node) is ast.Yield or type(node) is ast.YieldFrom:
                self._yields = True
                self.yields.append(node)
            elif type(node) is ast.comprehension:
                self._comprehensions.append(node)
            elif type(node) is ast.NamedExpr:
                name = node.target.id
                stmt = self.statement_of(node)
                place = self.positions.get(stmt) if stmt is not None else None
                at = Position(place.order - 1, place.path) if place else Position(0, ())
                bindings.setdefault(name, []).append(Binding("walrus", name, node, self, at, node.value))
            for field in _FIELDS[type(node)]:
                value = getattr(node, field, None)
                if value.__class__ is list:
                    for item in value:
                        if isinstance(item, ast.AST):
                            parents[item] = node
                            stack.append(item)
                elif isinstance(value, ast.AST):
                    parents[value] = node
                    stack.append(value)

    @property
    def calls(self) -> list[ast.Call]:
        self.index()
        return self._calls

    @property
    def awaits(self) -> list[ast.Await]:
        self.index()
        return self._awaits

    @property
    def loads(self) -> dict[str, list[ast.Name]]:
        self.index()
        return self._loads

    @property
    def reads(self) -> dict[str, list[ast.Attribute]]:
        """Attribute name -> the expressions that read it."""
        self.index()
        return self._reads

    @property
    def comprehensions(self) -> list[ast.comprehension]:
        self.index()
        return self._comprehensions

    @property
    def is_generator(self) -> bool:
        if self._yields is None:
            self._yields = False
            if self.module.segment_has(b"yield", self.first_line, self.last_line):
                self.index()
        return bool(self._yields)

    def statement_of(self, node: ast.AST) -> ast.stmt | None:
        """The statement of this scope's module whose header holds the (indexed) expression."""
        parents = self.module.parents
        while not isinstance(node, ast.stmt):
            above = parents.get(node)
            if above is None:
                return None
            node = above
        return node

    def position_of(self, node: ast.AST) -> Position | None:
        stmt = self.statement_of(node)
        return self.positions.get(stmt) if stmt is not None else None

    # --- reaching definitions

    def reaching(self, name: str, position: Position | None) -> list[Binding]:
        """The bindings of a local name that may hold at `position`; all of them when it is None."""
        found = self.bindings.get(name, [])
        if position is None or len(found) < 2:
            return found
        order, path = position
        loops = {arm for arm in path if isinstance(arm[0], _LOOPS) and arm[1] == "body"}
        out: list[Binding] = []
        killed_loops: set[Arm] = set()
        for binding in sorted(found, key=lambda b: -b.position.order):
            at = binding.position
            if at.order >= order:
                # reaches only around a loop that encloses both, unless rebound earlier in that loop; a guard
                # is asked after the pattern of its case has bound its names, and stands with its statement
                if any(arm in loops for arm in at.path) or (
                    binding.kind == "match" and self._holds(at.path[-1][0], order)
                ):
                    out.append(binding)
                continue
            if self._excluded(at.path, path):
                continue
            out.append(binding)
            if binding.kind not in ("del", "aug") and at.path == path[: len(at.path)]:
                killed_loops = {arm for arm in at.path if arm in loops}
                break
        if killed_loops:
            out = [
                b
                for b in out
                if b.position.order < order
                or not killed_loops.intersection(b.position.path)
                or any(arm in loops and arm not in killed_loops for arm in b.position.path)
            ]
        return out

    def _holds(self, stmt: ast.stmt, order: int) -> bool:
        position = self.positions.get(stmt)
        return position is not None and position.order == order

    def _excluded(self, at: tuple[Arm, ...], path: tuple[Arm, ...]) -> bool:
        for number, arm in enumerate(at):
            here = path[number] if number < len(path) else None
            if here == arm:
                continue
            if arm in self.dead_arms:
                return True
            if here is None or here[0] is not arm[0]:
                return any(a in self.dead_arms for a in at[number:])
            stmt = arm[0]
            if isinstance(stmt, (ast.If, ast.Match)):
                return True
            if isinstance(stmt, (ast.Try, ast.TryStar)):
                return arm[1].startswith("handler") and here[1] != "body"
            return False
        return False


def _names_error(node: ast.expr) -> bool:
    nodes = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(
        (n.attr if isinstance(n, ast.Attribute) else getattr(n, "id", "")) in _OUR_ERRORS for n in nodes
    )


def type_comment(text: str) -> ast.expr | None:
    """The annotation in a `# type: ...` comment (PEP 484); None for `ignore` and what is no type."""
    if text.startswith("ignore"):
        return None
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return None


def first_marked_line(node: ast.AST) -> int:
    """The first line of a definition, decorators counted."""
    assert isinstance(node, FunctionNode | ast.ClassDef)
    return min((d.lineno for d in node.decorator_list), default=node.lineno)


def header(stmt: ast.stmt) -> Iterator[ast.AST]:
    """The expressions that a statement evaluates itself, without the statements nested in it."""
    match stmt:
        case ast.Expr():
            yield stmt.value
        case ast.Assign():
            yield from stmt.targets
            yield stmt.value
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from stmt.decorator_list
            yield from stmt.args.defaults
            yield from (d for d in stmt.args.kw_defaults if d is not None)
        case ast.ClassDef():
            yield from stmt.decorator_list
            yield from stmt.bases
            yield from stmt.keywords
        case ast.If() | ast.While():
            yield stmt.test
        case ast.For() | ast.AsyncFor():
            yield stmt.target
            yield stmt.iter
        case ast.With() | ast.AsyncWith():
            yield from stmt.items
        case ast.Try() | ast.TryStar():
            yield from (h.type for h in stmt.handlers if h.type is not None)
        case ast.Match():
            yield stmt.subject
            yield from (c.guard for c in stmt.cases if c.guard is not None)
        case ast.AnnAssign():
            yield stmt.target
            if stmt.value is not None:
                yield stmt.value
        case ast.Import() | ast.ImportFrom() | ast.Global() | ast.Nonlocal() | ast.Pass():
            return
        case _:
            yield from ast.iter_child_nodes(stmt)


def last_name(node: ast.expr) -> str:
    """`a.b.c` -> `c`; empty for anything else than a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
