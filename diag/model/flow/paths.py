"""The search for a path on which nothing touches the value that a name was bound to.

A path counts only when it is written there: by a branch that can go either way, a `return`, a `raise`. That
any call may raise is not one; every loop is taken to run once; an `assert` holds.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from diag.model.flow.constants import Constants, bound, constant
from diag.model.flow.decisions import Decisions
from diag.model.flow.graph import Edge, Node
from diag.model.syntax.scope import Position, Scope

Loss = Literal["returns", "raises", "ends", "binds", "deletes"]
_BRANCHING = (ast.If, ast.Match, ast.For, ast.AsyncFor, ast.While)
_MOST_STATES = 3000  # of one search: counts what the program has, so that every run answers the same
_MOST_TURNS = 100  # of one path


@dataclass(frozen=True, slots=True)
class LostPath:
    """The branches of the path, each with the way it goes, and the line and manner of its end."""

    turns: tuple[tuple[ast.expr, bool], ...]
    line: int
    loss: Loss


@dataclass(frozen=True, slots=True)
class _State:
    node: Node
    known: Constants
    decided: frozenset[tuple[str, bool, frozenset[str]]]  # text, way, what it depends on
    entered: frozenset[ast.AST]  # loops that were run once
    line: int


def lost_path(decisions: Decisions, start: Node, harmless: Callable[[ast.Name], bool]) -> LostPath | None:
    """The first such path from the binding `start`; `harmless` tells the uses that are none."""
    return _Search(decisions, start, harmless).run()


class _Search:
    def __init__(self, decisions: Decisions, start: Node, harmless: Callable[[ast.Name], bool]) -> None:
        self.decisions = decisions
        self.scope: Scope = decisions.scope
        self.graph = decisions.flow.graph
        self.start = start
        self.harmless = harmless
        self.found: dict[_State, LostPath | None] = {}
        self.before: dict[str, frozenset[str]] = {}  # the tests on the way to the binding
        self.turns = 0  # on the path that is looked at

    def run(self) -> LostPath | None:
        seen, stack = {self.start}, [self.start]
        while stack:
            for edge in stack.pop().predecessors:
                if edge.source not in seen:
                    seen.add(edge.source)
                    stack.append(edge.source)
        for node in seen:
            if node.action == "branch":
                assert isinstance(node.syntax, ast.expr)
                self.before[ast.unparse(node.syntax)] = self.decisions.open(node.syntax)[1]
        stmt = self._statement(self.start)
        loops = [arm[0] for arm in self._path(stmt) if isinstance(arm[0], _BRANCHING[2:])]
        for known in self.decisions.entries():
            first = _State(self.start, known, frozenset(), frozenset(loops), self.start.line)
            if (lost := self._after(first)) is not None:
                return lost
        return None

    def _statement(self, node: Node) -> ast.stmt | None:
        return self.scope.statement_of(node.syntax) if node.syntax is not None else None

    def _path(self, stmt: ast.stmt | None) -> list[tuple[ast.stmt, str]]:
        position: Position | None = self.scope.positions.get(stmt) if stmt is not None else None
        arms = position.path if position is not None else ()
        return [arm for arm in arms if isinstance(arm[0], _BRANCHING) or arm[1].startswith("handler")]

    # --- one step

    def _after(self, state: _State) -> LostPath | None:
        """Follow every edge of the node; all of them must lose the value."""
        edges = [edge for edge in state.node.successors if edge.kind != "exception"]
        if state.node.action == "raise" and not isinstance(state.node.syntax, ast.Assert):
            edges = state.node.successors
        return self._all(state, edges)

    def _all(self, state: _State, edges: list[Edge]) -> LostPath | None:
        first: LostPath | None = None
        for edge in edges:
            lost = self._at(self._moved(state, edge))
            if lost is None:
                return None
            first = first or lost
        return first

    def _any(
        self, state: _State, edges: list[Edge], test: ast.expr, names: frozenset[str]
    ) -> LostPath | None:
        for edge in edges:
            held = edge.kind == "true"
            decided = state.decided | {(ast.unparse(test), held, names)}
            moved = self._moved(state, edge)
            lost = self._at(_State(moved.node, moved.known, decided, moved.entered, moved.line))
            if lost is not None:
                return LostPath(((test, held), *lost.turns), lost.line, lost.loss)
        return None

    def _moved(self, state: _State, edge: Edge) -> _State:
        entered = state.entered
        if edge.kind == "true" and (loop := self._loop(edge.source)) is not None:
            entered |= {loop}
        line = edge.target.line if edge.target.action == "start" else state.line
        return _State(edge.target, state.known, state.decided, entered, line)

    def _at(self, state: _State) -> LostPath | None:
        """What becomes of the value from here on; None where something touches it, or nothing is proved."""
        while (loss := self._loss(state)) is None:
            if self._touched(state.node) or state.node is self.start:
                return None
            if state.node.action in ("branch", "iterate", "match", "raise"):
                if state not in self.found:
                    self.found[state] = None  # a path that comes back here proves nothing
                    if len(self.found) < _MOST_STATES and self.turns < _MOST_TURNS:
                        self.turns += 1
                        self.found[state] = self._turned(state)
                        self.turns -= 1
                return self.found[state]
            state = self._done(state)
            edges = [edge for edge in state.node.successors if edge.kind != "exception"]
            if len(edges) != 1:
                return self._all(state, edges)
            state = self._moved(state, edges[0])
        return LostPath((), state.line, loss)

    def _done(self, state: _State) -> _State:
        """The effect of a binding on what is known."""
        node = state.node
        if node.action not in ("bind", "unbind"):
            return state
        known = bound(state.known, node.name, node.value)
        decided = frozenset(each for each in state.decided if not _mentions(each[2], node.name))
        return _State(node, known, decided, state.entered, state.line)

    def _loss(self, state: _State) -> Loss | None:
        node = state.node
        if node is self.graph.exit:
            last = [s for s in self.scope.returns if s.lineno <= state.line <= (s.end_lineno or s.lineno)]
            return "returns" if last else "ends"
        if node is self.graph.raises:
            return "raises"
        if node is not self.start and node.name == self.start.name and node.action in ("bind", "unbind"):
            return "binds" if node.action == "bind" else "deletes"
        return None

    def _touched(self, node: Node) -> bool:
        if node.action != "load" or node.name != self.start.name:
            return False
        return not (isinstance(node.syntax, ast.Name) and self.harmless(node.syntax))

    # --- branches

    def _loop(self, node: Node) -> ast.AST | None:
        """The loop that a node decides on."""
        if node.action == "iterate":
            return node.syntax
        stmt = self._statement(node)
        return stmt if node.action == "branch" and isinstance(stmt, ast.While) else None

    def _turned(self, state: _State) -> LostPath | None:
        node = state.node
        if node.action == "raise":
            return self._after(state)
        ways = {edge.kind: edge for edge in node.successors if edge.kind != "exception"}
        loop = self._loop(node)
        if node.action == "iterate" or (loop is not None and self._truth(node, state) is None):
            over = loop in state.entered or _is_empty(loop, state.known)
            way = ways.get("false" if over else "true")
            return self._all(state, [way]) if way is not None else None
        if node.action == "match":
            return self._all(state, list(ways.values()))
        held = self._truth(node, state)
        if held is not None:
            if loop in state.entered and held:
                return None
            way = ways.get("true" if held else "false")
            return self._all(state, [way]) if way is not None else None
        test = node.syntax
        assert isinstance(test, ast.expr)
        text = ast.unparse(test)
        for decided, way_taken, _ in state.decided:
            if decided == text:
                return self._all(state, [ways["true" if way_taken else "false"]])
        is_open, names = self.decisions.open(test)
        if is_open and self._independent(text, names, state) and self._inside(node):
            return self._any(state, [ways[kind] for kind in ("false", "true") if kind in ways], test, names)
        return self._all(state, list(ways.values()))

    def _truth(self, node: Node, state: _State) -> bool | None:
        """The condition, where it is known; of the value itself that it is there, and true."""
        test = node.syntax
        assert isinstance(test, ast.expr)
        match test:
            case ast.Name(id=name) if name == self.start.name:
                return True
            case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[ast.Constant(value=None)]):
                if name == self.start.name:
                    return isinstance(op, ast.IsNot | ast.NotEq)
        if isinstance(self._statement(node), ast.Assert):
            return True
        return self.decisions.truth(test, state.known)

    def _independent(self, text: str, names: frozenset[str], state: _State) -> bool:
        """No other test on the path, or on the way to the binding, has to do with the same things."""
        others = {**self.before, **{decided: about for decided, _, about in state.decided}}
        return not any(
            _mentions(about, name) for other, about in others.items() if other != text for name in names
        )

    def _inside(self, node: Node) -> bool:
        """The branch stands where the binding does, or deeper: else the two may well go together."""
        arms = self._path(self._statement(self.start))
        return self._path(self._statement(node))[: len(arms)] == arms


def _is_empty(loop: ast.AST | None, known: Constants) -> bool:
    """A loop over a literal, or a `range` of constants, that gives nothing."""
    match getattr(loop, "iter", None):
        case ast.Tuple(elts=[]) | ast.List(elts=[]) | ast.Dict(keys=[]) | ast.Constant(value="" | b""):
            return True
        case ast.Call(func=ast.Name(id="range"), args=arguments, keywords=[]):
            found = [constant(argument, known) for argument in arguments]
            numbers = [each.value for each in found if each is not None and isinstance(each.value, int)]
            if len(numbers) != len(arguments) or not 1 <= len(numbers) <= 3 or numbers[2:] == [0]:
                return False
            return not range(*numbers)
    return False


def _mentions(names: frozenset[str], name: str) -> bool:
    """One of the dotted names is the other one, or a part of it."""
    return any(each == name or each.startswith(f"{name}.") or name.startswith(f"{each}.") for each in names)
