"""What the graph leaves out: dead branches, handlers that receive nothing, definitions that do not arrive."""

import textwrap

import pytest

from diag.model.flow.graph import Edge, Handler, Node, solve
from diag.model.flow.reaching import Flow
from tests.model.flow.functions import flow


def of(body: str, prelude: str = "") -> Flow:
    return flow(f"{prelude}\ndef function(x, y, call):\n{textwrap.indent(textwrap.dedent(body), '    ')}")


def lines(found: Flow) -> set[int]:
    """The lines of the body (from 1) with a statement that can be reached."""
    return {node.line - 2 for node in found.graph.nodes if node.action == "start"}


def reaching(found: Flow, name: str) -> set[int]:
    """The lines of the definitions that reach the last read of a name; 0: not bound; -1: a parameter."""
    load = [node for node in found.graph.nodes if node.action == "load" and node.name == name]
    last = max(load, key=lambda node: node.line)
    return {0 if d.node is None else d.node.line - 2 or -1 for d in found.before(last, name)}


def handlers(found: Flow) -> list[Handler]:
    return sorted(found.graph.handlers, key=lambda handler: handler.syntax.lineno)


@pytest.mark.parametrize(
    ("body", "dead"),
    [
        ("if False:\n    call()\nelse:\n    x", {2}),
        ("if TYPE_CHECKING:\n    call()", {2}),
        ("if typing.TYPE_CHECKING:\n    call()", {2}),
        ("if not True and x:\n    call()", {2}),
        ("if x or 1:\n    call()\nelse:\n    y", {4}),
        ("while True:\n    call()\nx", {3}),
        ("while True:\n    if x:\n        break\nx", set()),
        ("while True:\n    while x:\n        break\nx", {4}),
        ("while False:\n    x\nelse:\n    y", {2}),
        ("while x:\n    call()\n    break\nelse:\n    y", set()),
        ("while True:\n    break\nelse:\n    y", {4}),
        ("return x\ncall()", {2}),
        ("raise x\ncall()", {2}),
        ("sys.exit()\ncall()", {2}),
        ("assert False\ncall()", {2}),
        ("if x:\n    return\nelse:\n    raise ValueError\ncall()", {5}),
        ("for item in x:\n    continue\n    call()", {3}),
        ("try:\n    return x\nfinally:\n    call()\ny", {5}),
        ("try:\n    pass\nfinally:\n    return\ny", {5}),
        ("match x:\n    case 1:\n        return\n    case _:\n        return\ncall()", {6}),
        ("match x:\n    case 1:\n        return\n    case y if y:\n        return\ncall()", set()),
        ("match x:\n    case y:\n        return\n    case 1:\n        call()", {5}),
        ("with x:\n    return\ncall()", {3}),
        ("with x:\n    raise ValueError\ncall()", set()),
        ("with suppress(ValueError):\n    raise KeyError\ncall()", {3}),
        ("with suppress(KeyError):\n    raise KeyError\ncall()", set()),
        # what cannot raise
        ("try:\n    y = 1\nexcept:\n    call()", {4}),
        ("try:\n    y = x\nexcept:\n    call()", {4}),
        ("try:\n    if not (x is None):\n        y = [1, 'a', ()]\nexcept:\n    call()", {5}),
        ("try:\n    for item in [1, 2]:\n        y = item\nexcept:\n    call()", {5}),
        ("try:\n    a, b = x, y\nexcept:\n    call()", {4}),
        ("try:\n    a, b = x\nexcept:\n    call()", set()),
        ("try:\n    y = lambda: call()\nexcept:\n    call()", {4}),
        ("try:\n    match x:\n        case None:\n            pass\n        case y:\n            pass\nexcept:\n    call()", {8}),
        ("try:\n    if x:\n        pass\nexcept:\n    call()", set()),
        ("try:\n    len\nexcept NameError:\n    call()", {4}),
        ("try:\n    nowhere\nexcept NameError:\n    call()", set()),
        ("z = 1\ntry:\n    z\nexcept NameError:\n    call()", {5}),
        ("if x:\n    z = 1\ntry:\n    z\nexcept NameError:\n    call()", set()),
        ("y = z\nz = 1\ncall()", {2, 3}),  # always raises
        # which handler
        ("try:\n    raise KeyError\nexcept ValueError:\n    x\nexcept LookupError:\n    y", {4}),
        ("try:\n    raise KeyError(x)\nexcept KeyError:\n    x\nexcept Exception:\n    y", {6}),
        ("try:\n    raise KeyError(call())\nexcept KeyError:\n    x\nexcept Exception:\n    y", set()),
        ("try:\n    raise KeyError\nexcept KeyError:\n    x\nexcept Exception:\n    y", {6}),
        ("try:\n    call()\nexcept BaseException:\n    x\nexcept:\n    y", {6}),
        ("try:\n    call()\nexcept LookupError:\n    x\nexcept KeyError:\n    y", {6}),
        ("try:\n    try:\n        call()\n    except KeyError:\n        pass\nexcept KeyError:\n    y", {7}),
        ("try:\n    try:\n        call()\n    except KeyError:\n        pass\nexcept LookupError:\n    y", set()),
        ("try:\n    try:\n        call()\n    except KeyError:\n        raise\nexcept KeyError:\n    y", set()),
        ("try:\n    try:\n        call()\n    finally:\n        pass\nexcept KeyError:\n    y", set()),
        ("try:\n    try:\n        raise KeyError\n    finally:\n        x = 1\nexcept ValueError:\n    y", {7}),
    ],
)  # fmt: skip
def test_what_cannot_be_reached_is_left_out(body: str, dead: set[int]) -> None:
    found = of(body, "import sys")

    everything = set(range(1, body.count("\n") + 2))
    syntax_only = {
        number
        for number, line in enumerate(body.split("\n"), 1)
        if line.strip().startswith(("else", "except", "finally", "case"))
    }
    assert everything - syntax_only - lines(found) == dead


@pytest.mark.parametrize(
    ("body", "name", "expected"),
    [
        ("z = 1\nz = 2\nz", "z", {2}),
        ("if x:\n    z = 1\nz", "z", {0, 2}),
        ("if False:\n    z = 1\nelse:\n    z = 2\nz", "z", {4}),
        ("z = 1\nwhile x:\n    z = 2\nz", "z", {1, 3}),
        ("z = 1\nwhile True:\n    z = 2\n    if x:\n        break\nz", "z", {3}),
        ("z = 1\ntry:\n    z = 2\n    call()\n    z = 3\nexcept KeyError:\n    z", "z", {2 + 1}),
        ("z = 1\ntry:\n    z = call()\nexcept KeyError:\n    z", "z", {1}),
        ("z = 1\ntry:\n    call()\n    z = 2\n    call()\nexcept KeyError:\n    z", "z", {1, 4}),
        ("try:\n    z = call()\nexcept KeyError:\n    return\nz", "z", {2}),
        ("try:\n    z = call()\nexcept KeyError:\n    pass\nz", "z", {0, 2}),
        ("z = 1\ntry:\n    if x:\n        z = 2\n        return\nfinally:\n    call(y)\nz", "z", {1}),
        (
            "z = 1\nfor x in y:\n    try:\n        z = 2\n        break\n    finally:\n        call()\nelse:\n    z",
            "z",
            {1},
        ),
        ("z = 1\nx and (z := 2)\nz", "z", {1, 2}),
        ("z = 1\n[z for z in y]\nz", "z", {1}),
        ("z = 1\n[(z := i) for i in y]\nz", "z", {1, 2}),
        ("z = 1\ndef inner():\n    nonlocal z\n    z = 2\ninner()\nz = 3\nz", "z", {0, 1, 6}),
        ("z = 1\ndef inner():\n    z = 2\ninner()\nz", "z", {1}),
        ("try:\n    call()\nexcept KeyError as z:\n    pass\nx", "x", {-1}),
        ("z = 1\ndel z\nif x:\n    z = 2\nz", "z", {0, 4}),
        ("z = 1\nwith x:\n    z = 2\n    call()\n    z = 3\nz", "z", {3, 5}),
        ("z = 1\nwith suppress(KeyError):\n    z = 2\n    raise KeyError\nz", "z", {3}),
        ("match x:\n    case [z]:\n        pass\n    case z:\n        pass\nz", "z", {2, 4}),
        ("z = 1\nmatch x:\n    case [z] if y:\n        return\nz", "z", {1, 3}),
    ],
)
def test_which_definitions_arrive(body: str, name: str, expected: set[int]) -> None:
    assert reaching(of(body), name) == expected


@pytest.mark.parametrize(
    ("body", "ends"),
    [
        ("pass", {"falls through"}),
        ("call()", {"falls through"}),  # that it may raise is not counted
        ("return", {"returns"}),
        ("raise", {"raises"}),
        ("raise ValueError", {"raises"}),
        ("sys.exit(1)", {"raises"}),
        ("continue", {"continues"}),
        ("break", {"breaks"}),
        ("if x:\n    return\nraise", {"returns", "raises"}),
        ("if x:\n    break", {"breaks", "falls through"}),
        ("while x:\n    break", {"falls through"}),
        ("while True:\n    pass", set()),
        ("try:\n    raise ValueError\nexcept ValueError:\n    pass", {"falls through"}),
        ("try:\n    return\nfinally:\n    call()", {"returns"}),
        ("try:\n    return\nfinally:\n    raise KeyError", {"raises"}),
        ("if False:\n    return", {"falls through"}),
    ],
)
@pytest.mark.parametrize("alias", ["", " as error"])
def test_how_a_handler_ends(body: str, ends: set[str], alias: str) -> None:
    inside = textwrap.indent(body, "        ")
    found = of(f"for item in x:\n    try:\n        call()\n    except KeyError{alias}:\n{inside}")

    assert handlers(found)[0].ends == ends


def test_what_a_handler_receives() -> None:
    found = of(
        """\
        try:
            if x is None:
                raise KeyError
            raise Exception("no")
        except KeyError as first:
            call()
        except Exception:
            pass
        try:
            call()
        except (KeyError, Own):
            raise
        except ValueError as error:
            raise error
        """,
        "class Own(Exception): ...",
    )

    first, second, third, fourth = handlers(found)
    assert [str(thrown) for thrown in first.receives] == ["KeyError"]
    assert [str(thrown) for thrown in second.receives] == ["Exception"]
    assert [str(thrown) for thrown in third.receives] == ["any exception"]
    assert fourth.receives[0].caught == {"builtins.KeyError"}


def test_exits_of_the_function() -> None:
    def ways(node: Node) -> int:
        return len(node.predecessors)

    assert ways(of("while True:\n    pass").graph.exit) == 0
    assert ways(of("return 1").graph.raises) == 0
    assert ways(of("raise KeyError").graph.exit) == 0
    always = of("try:\n    raise KeyError\nexcept KeyError:\n    return 1").graph
    assert (ways(always.exit), ways(always.raises)) == (1, 0)


def test_the_solver_runs_backward_as_well() -> None:
    """Live variables: `x` is read on one way only, `y` after it was bound anew."""
    graph = of("if call():\n    x\nelse:\n    y = 1\ny").graph

    def along(edge: Edge, live: frozenset[str]) -> frozenset[str]:
        node = edge.target
        return live | {node.name} if node.action == "load" else live - {node.name}

    live = solve(graph, start=frozenset(), join=frozenset.union, along=along, backward=True)

    (branch,) = (node for node in graph.nodes if node.action == "branch")
    (assigned,) = (node for node in graph.nodes if node.action == "bind" and node.line > 2)
    assert live[branch] == {"x", "y"}
    assert live[assigned] == {"y"}
    assert graph.at(assigned.syntax) == [assigned]
