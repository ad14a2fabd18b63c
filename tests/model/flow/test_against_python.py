"""The graph against the interpreter: what it does is in the graph, and so is what it sees in a name."""

import ast

from hypothesis import given, settings
from hypothesis import strategies as st

from diag.model.flow.graph import Graph, Node
from diag.model.flow.reaching import Flow
from tests.model.flow.functions import Program, Run, flow, programs, run


def onward(nodes: set[Node]) -> set[Node]:
    """The nodes that can be next: the calls that note a line, which raise nothing, and the two ends."""
    found: set[Node] = set()
    seen: set[Node] = set()
    stack = [edge.target for node in nodes for edge in node.successors if edge.kind != "exception"]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.action in ("exit", "raises") or notes(node):
            found.add(node)
        elif node.name != "g":
            stack.extend(edge.target for edge in node.successors)
        else:
            stack.extend(edge.target for edge in node.successors if edge.kind != "exception")
    return found


def notes(node: Node) -> bool:
    call = node.syntax
    return node.action == "operate" and isinstance(call, ast.Call) and getattr(call.func, "id", "") == "g"


def check_path(graph: Graph, done: Run) -> None:
    """The whole path of the run is a path of the graph."""
    here = {graph.entry}
    for number, line in enumerate(done.lines):
        following = {node for node in onward(here) if node.line == line}
        assert following, f"no way to line {line} after {done.lines[:number]}"
        here = following
    if done.end != "cut":
        wanted = graph.exit if done.end == "exit" else graph.raises
        assert wanted in onward(here), f"{done.end} after {done.lines}"


def check_values(found: Flow, program: Program, done: Run) -> None:
    """Each value seen is that of a definition that reaches its use."""
    for line, name, number in done.seen:
        assert name in found.graph.locals
        loads = [n for n in found.graph.nodes if n.action == "load" and n.line == line and n.name == name]
        assert loads
        definitions = [d for load in loads for d in found.before(load, name)]
        bound = {program.values[d.node.line, name] for d in definitions if d.node is not None}
        assert number in bound, f"line {line}: `{name}` holds {number}, of {bound}"


@settings(max_examples=200)
@given(programs(), st.integers(0, 1 << 30))
def test_every_run_is_in_the_graph(program: Program, seed: int) -> None:
    ast.parse(program.text)
    found = flow(program.text)
    for offset in range(8):
        done = run(program, seed + offset)
        check_path(found.graph, done)
        check_values(found, program, done)
