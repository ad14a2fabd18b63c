"""Builds the control-flow graph of a function: its statements."""

import ast
from collections.abc import Callable, Collection, Iterable, Iterator

from diag.model.flow.exceptions import ANY, Resolve, Thrown, builtin, caught_by
from diag.model.flow.expressions import Expressions, safe_iterable
from diag.model.flow.graph import Graph, Handler, Node
from diag.model.flow.steps import Cleanup, Handlers, Loop, Pending, Watch

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Builder(Expressions):
    """Builds one graph. Nothing is pruned yet but what constants decide."""

    def __init__(self, function: FunctionNode, resolve: Resolve, safe: Collection[ast.AST] = ()) -> None:
        super().__init__(resolve, safe)
        self.function = function
        self.line = function.lineno

    def build(self) -> Graph:
        function, graph = self.function, self.graph
        for inner in _own(function.body):
            if isinstance(inner, ast.Global | ast.Nonlocal):
                self.outer.update(inner.names)
            elif isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
                self.bound.add(inner.target.id)
        arguments = function.args
        for arg in (
            *arguments.posonlyargs,
            *arguments.args,
            *([arguments.vararg] if arguments.vararg else []),
            *arguments.kwonlyargs,
            *([arguments.kwarg] if arguments.kwarg else []),
        ):
            self.bind(arg.arg, arg)
        self._body(function.body)
        self.connect(graph.exit)
        graph.locals = frozenset(self.bound - self.outer)
        graph.shared = graph.locals & _shared(function)
        return graph

    def _body(self, body: Iterable[ast.stmt]) -> None:
        for stmt in body:
            self.line = stmt.lineno
            self.step("start", stmt)
            self._statement(stmt)

    def _statement(self, stmt: ast.stmt) -> None:
        match stmt:
            case ast.Expr(value=value):
                self.value(value)
            case ast.Assign(targets=targets, value=value):
                self.value(value)
                for target in targets:
                    self.target(target, value)
            case ast.AnnAssign(target=target, value=value):
                if value is not None:
                    self.value(value)
                    self.target(target, value)
            case ast.AugAssign(target=target, value=value):
                self._aug(stmt, target, value)
            case ast.Delete(targets=targets):
                for target in targets:
                    self.delete(target)
            case ast.Return(value=value):
                if value is not None:
                    self.value(value)
                self.jump("returns")
            case ast.Raise():
                self._raise(stmt)
            case ast.Assert(test=test, msg=message):
                held, self.open = self.test(test)
                if message is not None:
                    self.value(message)
                if self.open:
                    node = self.step("raise", stmt)
                    self.open = []
                    self.throw(node, builtin("AssertionError"), explicit=True)
                self.open = held
            case ast.If(test=test, body=body, orelse=orelse):
                then, self.open = self.test(test)
                self._body(orelse)
                other, self.open = self.open, then
                self._body(body)
                self.open += other
            case ast.For() | ast.AsyncFor() | ast.While():
                self._loop(stmt)
            case ast.Break() | ast.Continue():
                loop = next(frame for frame in reversed(self.frames) if isinstance(frame, Loop))
                self.jump("breaks" if isinstance(stmt, ast.Break) else "continues", loop)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                self._with(items, body)
            case ast.Try() | ast.TryStar():
                self._try(stmt)
            case ast.Match(subject=subject, cases=cases):
                self._match(subject, cases)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(stmt)
            case ast.ClassDef():
                self._class(stmt)
            case ast.Import(names=names):
                for alias in names:
                    self.step("operate", alias, raises=True)
                    self.bind(alias.asname or alias.name.partition(".")[0], alias)
            case ast.ImportFrom(names=names):
                for alias in names:
                    self.step("operate", alias, raises=True)
                    if alias.name != "*":
                        self.bind(alias.asname or alias.name, alias)
            case ast.Pass() | ast.Global() | ast.Nonlocal():
                pass
            case _:  # `type X = ...`
                name = getattr(stmt, "name", None)
                if isinstance(name, ast.Name):
                    self.bind(name.id, name)

    def _raise(self, stmt: ast.Raise) -> None:
        raised = stmt.exc
        if isinstance(raised, ast.Call) and (self.resolve(raised.func) or ("",))[0].startswith("builtins."):
            for argument in (*raised.args, *(keyword.value for keyword in raised.keywords)):
                self.value(argument)
        elif raised is not None:
            self.value(raised)
        if stmt.cause is not None:
            self.value(stmt.cause)
        if not self.open:
            return
        node = self.step("raise", stmt)
        self.open = []
        for thrown in self._raised(stmt):
            self.throw(node, thrown, explicit=True)

    def _raised(self, stmt: ast.Raise) -> list[Thrown]:
        """The classes of a `raise`: what the handler received, where it raises that again."""
        raised = stmt.exc
        if self.received:
            handler = self.received[-1]
            if raised is None or (isinstance(raised, ast.Name) and raised.id == handler.syntax.name):
                bound = [
                    n
                    for n in _own(handler.syntax.body)
                    if isinstance(n, ast.Name) and n.id == handler.syntax.name
                ]
                if raised is None or all(isinstance(n.ctx, ast.Load) for n in bound):
                    edges = handler.entry.predecessors
                    self.joins.append([(edge.source, edge.thrown) for edge in edges if edge.thrown])
                    return handler.receives or [ANY]
        if raised is None:
            return [ANY]
        bases = self.resolve(raised.func if isinstance(raised, ast.Call) else raised)
        return [Thrown(bases) if bases else ANY]

    def _loop(self, stmt: ast.For | ast.AsyncFor | ast.While) -> None:
        loop = Loop()
        if isinstance(stmt, ast.While):
            head = self.step("start", stmt)
            entered, over = self.test(stmt.test)
        else:
            self.value(stmt.iter)
            self.step("operate", stmt.iter, raises=not safe_iterable(stmt.iter))
            head = self.step("iterate", stmt, raises=not safe_iterable(stmt.iter))
            entered, over = self.split(head)
        self.frames.append(loop)
        self.open = entered
        if not isinstance(stmt, ast.While):
            self.target(stmt.target, None)
        self._body(stmt.body)
        self.frames.pop()
        self.open += loop.continues
        self.connect(head)
        self.open = over
        self._body(stmt.orelse)
        self.open += loop.breaks

    def _try(self, stmt: ast.Try | ast.TryStar) -> None:
        if not stmt.finalbody:
            self._guarded(stmt)
            return
        frame = Cleanup(lambda: self._body(stmt.finalbody), lambda thrown: (False, thrown))
        with self.cleanup(frame):
            self._guarded(stmt)

    def _guarded(self, stmt: ast.Try | ast.TryStar) -> None:
        clauses = [
            Handler(handler, Node("handle", handler, handler.name or "", handler.lineno))
            for handler in stmt.handlers
        ]
        self.graph.handlers += clauses
        is_group = isinstance(stmt, ast.TryStar)
        self.frames.append(Handlers(clauses, is_group))
        self._body(stmt.body)
        self.frames.pop()
        self._body(stmt.orelse)
        after = self.open
        for number, handler in enumerate(clauses):
            self.line = handler.syntax.lineno
            self.open = [(handler.entry, "next", None)] if handler.entry.predecessors else []
            if handler.syntax.type is not None:
                self.value(handler.syntax.type, raises=not _dotted(handler.syntax.type))
            self.frames.append(Watch(handler))
            self.received.append(handler)
            self._handle(handler)
            self.received.pop()
            self.frames.pop()
            handler.exits.extend(("falls through", source) for source, _, _ in self.open)
            if is_group and self.open:  # what it left of the group goes to the next one, or on
                for following in clauses[number + 1 :]:
                    for source, _, _ in self.open:
                        source.to(following.entry, "exception", ANY)
                for source, _, _ in self.open:
                    self.throw(source, ANY, explicit=False)
            after = after + self.open
        self.open = after

    def _handle(self, handler: Handler) -> None:
        name = handler.syntax.name
        if name is None:
            self._body(handler.syntax.body)
            return
        self.bind(name, handler.syntax)
        frame = Cleanup(lambda: self.unbind(name, None), lambda thrown: (False, thrown))
        with self.cleanup(frame):
            self._body(handler.syntax.body)

    def _with(self, items: list[ast.withitem], body: list[ast.stmt]) -> None:
        if not items:
            self._body(body)
            return
        item, *rest = items
        self.value(item.context_expr)
        self.step("operate", item, raises=True)

        def leave() -> None:
            self.line = item.context_expr.lineno
            self.step("operate", item, raises=True)

        with self.cleanup(Cleanup(leave, self._swallower(item.context_expr))):
            if item.optional_vars is not None:
                self.target(item.optional_vars, None)
            self._with(rest, body)

    def _swallower(self, manager: ast.expr) -> Callable[[Thrown], tuple[bool, Thrown | None]]:
        """What the manager lets pass. Of `suppress(...)` that is known; of others nothing is."""
        function = manager.func if isinstance(manager, ast.Call) else None
        if getattr(function, "attr", getattr(function, "id", "")) != "suppress":
            return lambda thrown: (True, thrown)
        assert isinstance(manager, ast.Call)
        classes = ast.Tuple(manager.args)

        def swallow(thrown: Thrown) -> tuple[bool, Thrown | None]:
            answer, rest = caught_by(thrown, classes, self.resolve)
            return answer != "never", None if answer == "always" else rest

        return swallow

    def _match(self, subject: ast.expr, cases: list[ast.match_case]) -> None:
        self.value(subject)
        after: list[Pending] = []
        for case in cases:
            self.line = case.pattern.lineno
            missed: list[Pending] = []
            if not _irrefutable(case.pattern):
                node = self.step("match", case.pattern, raises=not _safe_pattern(case.pattern))
                self.open, missed = self.split(node)
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                if isinstance(name, str):
                    self.bind(name, pattern)
            if case.guard is not None:
                self.open, failed = self.test(case.guard)
                missed += failed
            self._body(case.body)
            after += self.open
            self.open = missed
        self.open += after

    def _function(self, stmt: FunctionNode) -> None:
        for decorator in stmt.decorator_list:
            self.value(decorator)
        self.defaults(stmt)
        self.capture(stmt)
        for decorator in stmt.decorator_list:
            self.step("operate", decorator, raises=True)
        self.bind(stmt.name, stmt)

    def _class(self, stmt: ast.ClassDef) -> None:
        for part in (*stmt.decorator_list, *stmt.bases, *(keyword.value for keyword in stmt.keywords)):
            self.value(part)
        own = {n.id for n in _own(stmt.body) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        own |= {
            n.name for n in _own(stmt.body) if isinstance(n, (*_DEFINITIONS, ast.ExceptHandler)) and n.name
        }
        self.hidden.append(own | {"__class__", "__module__", "__qualname__"})
        line = self.line
        self._body(stmt.body)
        self.line = line
        self.hidden.pop()
        self.step("operate", stmt, raises=True)
        self.bind(stmt.name, stmt)


def _own(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of a body, those of functions and classes inside it left out."""
    stack = list(body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (*_DEFINITIONS, ast.Lambda)):
            stack.extend(ast.iter_child_nodes(node))


def _shared(function: FunctionNode) -> set[str]:
    """Names that a function inside this one, or a generator expression, binds from there."""
    names: set[str] = set()
    for node in ast.walk(function):
        if type(node) is ast.Nonlocal:
            names.update(node.names)
        elif type(node) is ast.GeneratorExp or type(node) is ast.Lambda:
            names.update(n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
    return names


def _dotted(node: ast.expr) -> bool:
    """Names and attributes of names: what stands in an `except` and is taken not to raise."""
    if isinstance(node, ast.Tuple):
        return all(_dotted(element) for element in node.elts)
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _dotted(node.value))


def _irrefutable(pattern: ast.pattern) -> bool:
    match pattern:
        case ast.MatchAs(pattern=inner):
            return inner is None or _irrefutable(inner)
        case ast.MatchOr(patterns=patterns):
            return any(_irrefutable(each) for each in patterns)
    return False


def _safe_pattern(pattern: ast.pattern) -> bool:
    match pattern:
        case ast.MatchSingleton():
            return True
        case ast.MatchAs(pattern=inner):
            return inner is None or _safe_pattern(inner)
        case ast.MatchOr(patterns=patterns):
            return all(_safe_pattern(each) for each in patterns)
    return False
