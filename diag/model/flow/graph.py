"""The control-flow graph of one function, and the solver of all analyses over it.

A node is one step that the interpreter takes: a name is read or bound, an operation is done that may raise,
a branch is decided. An exception edge leaves *before* its step has any effect, so that a handler sees exactly
what was bound until then. The body of a `finally` stands in the graph once for each way into it (at the end
of the block, by an exception, by `return`, `break` or `continue`), so that no path enters by one way and
leaves by another.

The reading is after Kildall, "A unified approach to global program optimization" (POPL 1973), with branches
that are known never to be taken left out as in Wegman and Zadeck, "Constant propagation with conditional
branches" (TOPLAS 1991).
"""

import ast
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Literal, TypeVar

from diag.model.flow.exceptions import Thrown

Action = Literal[
    "entry",  # the function is called
    "exit",  # it returns
    "raises",  # an exception leaves it
    "start",  # a statement begins
    "load",  # the local `name` is read
    "bind",  # the local `name` is bound
    "unbind",  # `del name`, or the end of `except ... as name`
    "operate",  # a call, an attribute, an operator, an import ...: `syntax` may raise
    "branch",  # the truth of `syntax` is asked for: edges `true` and `false`
    "iterate",  # the next item of a loop or comprehension: `true` with an item, `false` at the end
    "match",  # a pattern is tried: `true` and `false`
    "handle",  # a handler receives an exception
    "raise",  # `raise`, a failed assertion, or the end of a `finally` that an exception entered
]
EdgeKind = Literal["next", "true", "false", "exception"]
End = Literal["falls through", "returns", "raises", "continues", "breaks"]
State = TypeVar("State")


@dataclass(slots=True, eq=False)
class Edge:
    """One way from a step to the next; along an exception edge, `thrown` says what is on its way."""

    source: "Node"
    target: "Node"
    kind: EdgeKind
    thrown: Thrown | None = None  # of an exception edge


@dataclass(slots=True, eq=False)
class Node:
    """One step. `line` is that of the statement; `value` the expression that a plain assignment binds."""

    action: Action
    syntax: ast.AST | None = None
    name: str = ""
    line: int = 0
    value: ast.expr | None = None
    successors: list[Edge] = field(default_factory=list, repr=False)
    predecessors: list[Edge] = field(default_factory=list, repr=False)

    def to(self, target: "Node", kind: EdgeKind = "next", thrown: Thrown | None = None) -> None:
        edge = Edge(self, target, kind, thrown)
        self.successors.append(edge)
        target.predecessors.append(edge)


@dataclass(slots=True, eq=False)
class Handler:
    """One `except` clause as it stands in the graph (within a `finally` it may stand there more than once).

    `exits` are the nodes from which control leaves its body, by how.
    """

    syntax: ast.ExceptHandler
    entry: Node
    exits: list[tuple[End, Node]] = field(default_factory=list)

    @property
    def receives(self) -> list[Thrown]:
        """What arrives, each once."""
        return list(dict.fromkeys(edge.thrown for edge in self.entry.predecessors if edge.thrown is not None))

    @property
    def ends(self) -> frozenset[End]:
        """How it ends, by what is written there; that any call in it may raise is not counted."""
        return frozenset(end for end, _ in self.exits)


@dataclass(slots=True, eq=False)
class Graph:
    """The nodes that can be reached, in reverse postorder; `exit` and `raises` are always there.

    `locals` are the names that the function binds; `shared` are those of them that nested functions bind too.
    """

    entry: Node
    exit: Node
    raises: Node
    handlers: list[Handler]
    locals: frozenset[str]
    shared: frozenset[str]
    nodes: list[Node] = field(default_factory=list)

    def at(self, syntax: ast.AST) -> list[Node]:
        """The steps of a piece of syntax: several where a `finally` repeats it, none where it is dead."""
        return [node for node in self.nodes if node.syntax is syntax]

    def raising(self) -> Iterator[Edge]:
        """The exception edges."""
        return (edge for node in self.nodes for edge in node.successors if edge.kind == "exception")

    def prune(self, possible: Container[Edge] | None = None) -> None:
        """Leave out the edges that are not possible (None: all are), and what is not reached without them."""
        reached = {self.entry, self.exit, self.raises}
        order: list[Node] = []
        stack: list[tuple[Node, Iterator[Edge]]] = [(self.entry, iter(self.entry.successors))]
        while stack:
            node, edges = stack[-1]
            for edge in edges:
                target = edge.target
                if target not in reached and (possible is None or edge in possible):
                    reached.add(target)
                    stack.append((target, iter(target.successors)))
                    break
            else:
                order.append(node)
                stack.pop()
        for node in reached:
            if possible is not None:
                node.successors = [e for e in node.successors if e in possible]
                node.predecessors = [e for e in node.predecessors if e in possible]
            node.predecessors = [e for e in node.predecessors if e.source in reached]
        for handler in self.handlers:
            handler.exits = [(end, node) for end, node in handler.exits if node in reached]
        self.handlers = [handler for handler in self.handlers if handler.entry in reached]
        self.nodes = [*reversed(order), self.exit, self.raises]


def solve(
    graph: Graph,
    *,
    start: State,
    join: Callable[[State, State], State],
    along: Callable[[Edge, State], State | None],
    backward: bool = False,
) -> dict[Node, State]:
    """The least solution: for each node what holds before it (backward: after it), where anything reaches it.

    `along` takes what holds at the node where an edge begins (backward: ends), accounts for what that node
    does, and gives what holds at the other; None where the edge is not taken then. It must be monotone, and
    `State` without endless ascending chains under `join`.
    """
    rank = {node: number for number, node in enumerate(reversed(graph.nodes) if backward else graph.nodes)}
    origins = [graph.exit, graph.raises] if backward else [graph.entry]
    states = dict.fromkeys(origins, start)
    queue = sorted(rank[node] for node in origins)
    waiting = set(queue)
    by_rank = list(rank)
    while queue:
        number = heappop(queue)
        waiting.discard(number)
        node = by_rank[number]
        for edge in node.predecessors if backward else node.successors:
            there = edge.source if backward else edge.target
            arriving = along(edge, states[node])
            if arriving is None:
                continue
            known = states.get(there)
            merged = arriving if known is None else join(known, arriving)
            if known is None or merged != known:
                states[there] = merged
                if rank[there] not in waiting:
                    waiting.add(rank[there])
                    heappush(queue, rank[there])
    return states
