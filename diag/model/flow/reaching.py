"""Reaching definitions: which bindings of a local name may hold where it is read."""

import ast
import builtins
from dataclasses import dataclass, field

from diag.model.flow.build import Builder
from diag.model.flow.exceptions import Bases, Resolve, of_builtins
from diag.model.flow.graph import Edge, Graph, Node, solve
from diag.model.syntax.scope import FunctionNode, Scope


@dataclass(frozen=True, slots=True)
class Definition:
    """A binding of a name. Without a node the name is not bound, or bound by a nested function."""

    name: str
    node: Node | None

    @property
    def syntax(self) -> ast.AST | None:
        return self.node.syntax if self.node is not None else None


@dataclass(slots=True, eq=False)
class Flow:
    """The graph of a function, and the definitions that reach each of its nodes (a bit for each)."""

    graph: Graph
    definitions: list[Definition]
    _masks: dict[str, int]
    _states: dict[Node, int] = field(default_factory=dict)

    def before(self, node: Node, name: str) -> list[Definition]:
        """The definitions of `name` that may hold just before a node; one without a node: not bound."""
        state = self._states.get(node, 0) & self._masks.get(name, 0)
        if name in self.graph.shared:
            state = self._masks[name]
        return [d for number, d in enumerate(self.definitions) if state >> number & 1]


def flow_of(scope: Scope, resolve: Resolve | None = None) -> Flow:
    """The flow of a function, made when it is first asked for.

    `resolve` tells the bases of an exception class from the expression that names it; without it only those
    of Python itself are known.
    """
    found = scope.memo.get(Flow)
    if not isinstance(found, Flow):
        assert isinstance(scope.node, FunctionNode)
        found = scope.memo[Flow] = _made(scope.node, resolve or _BuiltinClasses(scope), _defined(scope))
    return found


def _defined(scope: Scope) -> frozenset[str]:
    """The global names that are there whenever a function of the module runs."""
    return frozenset(scope.top.bindings) | frozenset(vars(builtins))


@dataclass(frozen=True, slots=True)
class _BuiltinClasses:
    """Exception classes of Python itself, where nothing in sight has taken their names."""

    scope: Scope

    def __call__(self, node: ast.expr) -> Bases | None:
        if not isinstance(node, ast.Name):
            return None
        scope: Scope | None = self.scope
        while scope is not None:
            if node.id in scope.bindings:
                return None
            scope = scope.parent
        return of_builtins(node.id)


def _made(function: FunctionNode, resolve: Resolve, defined: frozenset[str]) -> Flow:
    """Twice where exceptions join, as in a `finally`: the first time tells which reads cannot raise."""
    safe: set[ast.AST] = set()
    builder = Builder(function, resolve)
    found = _solved(builder.build(), defined, safe)
    if not builder.needs(safe):
        return found
    return _solved(Builder(function, resolve, safe).build(), defined, safe)


def _solved(graph: Graph, defined: frozenset[str], safe: set[ast.AST]) -> Flow:
    graph.prune()
    binds = [node for node in graph.nodes if node.action == "bind" and node.name in graph.locals]
    definitions = [Definition(name, None) for name in sorted(graph.locals)]
    definitions += [Definition(node.name, node) for node in binds]
    bits = {d.node: 1 << number for number, d in enumerate(definitions) if d.node is not None}
    unbound = {d.name: 1 << number for number, d in enumerate(definitions) if d.node is None}
    masks = dict(unbound)
    for node, bit in bits.items():
        masks[node.name] |= bit
    plain = graph.locals - graph.shared

    def along(edge: Edge, state: int) -> int | None:
        node = edge.source
        name = node.name
        match node.action:
            case "load" if edge.kind == "exception":
                if name in plain:
                    return state if state & unbound[name] else None
                return None if name in defined and name not in graph.locals else state
            case "load" if name in plain and isinstance(node.syntax, ast.Name):
                bound = state & ~unbound[name]
                return bound if bound & masks[name] else None
            case "bind" if name in unbound:
                return state & ~masks[name] | bits[node]
            case "unbind" if edge.kind == "exception":
                return state if name not in plain or state & unbound[name] else None
            case "unbind" if name in unbound:
                if node.syntax is not None and name in plain and not state & masks[name] & ~unbound[name]:
                    return None
                return state & ~masks[name] | unbound[name]
        return state

    states = solve(graph, start=sum(unbound.values()), join=int.__or__, along=along)
    taken = {
        edge for node, state in states.items() for edge in node.successors if along(edge, state) is not None
    }
    loads = {node.syntax for node in states if node.action == "load" and node.syntax is not None}
    raising = {e.source.syntax for e in graph.raising() if e in taken}
    safe.update(loads - raising)
    graph.prune(taken)
    return Flow(graph, definitions, masks, states)
