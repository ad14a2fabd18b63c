"""Conditions: what they certainly are, which code is dead therefore, and which of them can be either.

An annotation decides nothing: what counts is a value that can be seen to arrive.
"""

import ast
from typing import TYPE_CHECKING

from diag.model.flow.constants import Constants, bound, truth
from diag.model.flow.graph import Edge, solve
from diag.model.flow.reaching import Flow, flow_of
from diag.model.infer.parameters import callers, default_of, match_arguments
from diag.model.infer.values import ClassValue, Func
from diag.model.syntax.scope import Binding, FunctionNode, Scope

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

_MAX_DEPTH = 3  # callers of callers


class Decisions:
    """The conditions of one function."""

    def __init__(self, infer: "Infer", scope: Scope) -> None:
        self.infer = infer
        self.scope = scope
        self.flow: Flow = flow_of(scope)

    # --- what a condition certainly is

    def truth(self, test: ast.expr, known: Constants) -> bool | None:
        found = truth(test, known)
        if found is not None:
            return found
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.truth(operand, known)
                return None if inner is None else not inner
            case ast.Compare(
                left=ast.Call(func=ast.Name(id="type"), args=[subject]),
                ops=[ast.Is() | ast.IsNot() | ast.Eq() | ast.NotEq() as op],
                comparators=[named],
            ):
                held, wanted = self._class(subject), self._named(named)
                if held is None or wanted is None:
                    return None
                return (held == wanted) == isinstance(op, ast.Is | ast.Eq)
            case ast.Call():
                returned = self._returned(test)
                return None if returned is None else bool(returned.value)
        return None

    def _class(self, subject: ast.expr) -> str | None:
        """The full name of the class of an object that is made in sight."""
        if isinstance(subject, ast.Constant):
            return f"builtins.{type(subject.value).__name__}"
        if isinstance(subject, ast.Call):
            return self._named(subject.func)
        if not isinstance(subject, ast.Name):
            return None
        found = [d for node in self.flow.graph.at(subject) for d in self.flow.before(node, subject.id)]
        classes: set[str | None] = set()
        for definition in found:
            node = definition.node
            if node is not None and isinstance(node.syntax, FunctionNode) and not node.syntax.decorator_list:
                classes.add("types.FunctionType")
            elif node is not None and isinstance(node.value, ast.Constant | ast.Call):
                classes.add(self._class(node.value))
            else:
                return None
        return classes.pop() if len(classes) == 1 else None

    def _named(self, node: ast.expr) -> str | None:
        """The full name of the class that an expression names."""
        values = self.infer.values(node, self.infer.frame_of(self.scope), self.scope.position_of(node))
        match list(values):
            case [ClassValue(cls=cls)] if cls.module.is_stub or not (
                any(base.members("__new__") for base in cls.mro(self.infer)) or cls.node.keywords
            ):
                return cls.full_name
        return None

    def _returned(self, call: ast.Call) -> ast.Constant | None:
        """What a function of the project returns, where that is one constant."""
        values = self.infer.values(call.func, self.infer.frame_of(self.scope), self.scope.position_of(call))
        match list(values):
            case [Func(scope=Scope(node=ast.FunctionDef(decorator_list=[]), is_generator=False) as target)]:
                if target.module.is_stub or target.owner is not None or not target.leaves:
                    return None
                self.infer.deps |= target.module.bit
                found = [each.value for each in target.returns]
                if len(found) == 1 and isinstance(found[0], ast.Constant):
                    return found[0]
        return None

    # --- dead code

    def dead(self) -> list[tuple[int, int]]:
        """First and last lines of the statements that are never reached, constants in names counted."""
        graph = self.flow.graph

        def along(edge: Edge, known: Constants) -> Constants | None:
            return self._along(edge, known)

        nothing: Constants = frozenset()
        reached = solve(graph, start=nothing, join=frozenset.intersection, along=along)
        alive = {node.syntax for node in reached if node.action == "start"}
        return [(s.lineno, s.end_lineno or s.lineno) for s in self.scope.positions if s not in alive]

    def _along(self, edge: Edge, known: Constants) -> Constants | None:
        node = edge.source
        if node.action == "bind" and node.name in self.flow.graph.locals - self.flow.graph.shared:
            return bound(known, node.name, node.value)
        if node.action == "unbind":
            return bound(known, node.name, None)
        if node.action == "branch" and edge.kind != "exception":
            assert isinstance(node.syntax, ast.expr)
            held = self.truth(node.syntax, known)
            return known if held is None or held == (edge.kind == "true") else None
        return known

    # --- what can be either

    def open(self, test: ast.expr) -> tuple[bool, frozenset[str]]:
        """Whether the condition may hold and may not, and the names that it depends on."""
        is_open, names = _Openness(self.infer).of(test, self.scope, 0)
        return bool(is_open), names

    def entries(self) -> list[Constants]:
        """The constants that callers pass, one set a caller; a single empty one where none is in sight."""
        node = self.scope.node
        assert isinstance(node, FunctionNode)
        names = [name for name, found in self.scope.bindings.items() if [b.kind for b in found] == ["param"]]
        entries: dict[Constants, None] = {}
        for call, _ in callers(self.infer, self.scope) or ():
            given = _given(call, self.scope)
            passed = ((name, given.get(name) or default_of(self.scope, name)) for name in names)
            entries[frozenset((n, each) for n, each in passed if isinstance(each, ast.Constant))] = None
        return list(entries) or [frozenset()]


def _given(call: ast.Call, scope: Scope) -> dict[str, ast.expr]:
    node = scope.node
    assert isinstance(node, FunctionNode)
    return match_arguments(
        node.args, call, int(scope.owner is not None and "staticmethod" not in scope.marks)
    )


# Open, with the names that it depends on; None in place of the first where that cannot be told.
_Open = tuple[bool | None, frozenset[str]]


def _together(found: list[_Open]) -> _Open:
    opens = [is_open for is_open, _ in found]
    return None if None in opens else any(opens), frozenset[str]().union(*(names for _, names in found))


class _Openness:
    """Whether an expression takes part of its value from outside: from a caller, or what a call gives."""

    def __init__(self, infer: "Infer") -> None:
        self.infer = infer

    def of(self, node: ast.expr, scope: Scope, depth: int) -> _Open:
        match node:
            case ast.Constant():
                return False, frozenset()
            case ast.Name(id=name):
                is_open, names = self.name(name, scope, depth)
                return is_open, names | {name}
            case ast.Attribute(value=ast.Name(id="self" | "cls")) if scope.owner is not None:
                return self.attribute(node.attr, scope, depth), frozenset({ast.unparse(node)})
            case ast.Attribute(value=value):
                is_open, names = self.of(value, scope, depth)
                return is_open, names | {ast.unparse(node)}
            case ast.Call(func=func):
                called = [] if isinstance(func, ast.Name) else [func]
                parts = [*called, *node.args, *(keyword.value for keyword in node.keywords)]
                return _together([self.of(part, scope, depth) for part in parts])
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                return self.of(value, scope, depth)
            case ast.Compare() | ast.BinOp() | ast.BoolOp() | ast.UnaryOp() | ast.Subscript():
                parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
                return _together([self.of(part, scope, depth) for part in parts])
        return None, frozenset()

    def name(self, name: str, scope: Scope, depth: int) -> _Open:
        found = scope.bindings.get(name)
        if found is None or scope.kind != "function":
            return False, frozenset()  # a global name is what it is
        match found:
            case [Binding(kind="param")]:
                return name not in ("self", "cls") and self.parameter(name, scope, depth), frozenset()
            case [Binding(kind="assign" | "walrus" | "with" | "async with", value=ast.expr() as value)]:
                if name not in scope.global_names | scope.nonlocal_names and depth < _MAX_DEPTH:
                    return self.of(value, scope, depth + 1)
        return None, frozenset()

    def parameter(self, name: str, scope: Scope, depth: int) -> bool:
        """Callers may pass anything: none is in sight, or one passes what is open itself."""
        if depth >= _MAX_DEPTH:
            return False
        found = callers(self.infer, scope)
        if not found:
            return True
        for call, caller in found:
            argument = _given(call, scope).get(name) or default_of(scope, name)
            if argument is not None and self.of(argument, caller, depth + 1)[0]:
                return True
        return False

    def attribute(self, name: str, scope: Scope, depth: int) -> bool | None:
        """An attribute of the object itself, stored once, from something open."""
        if scope.owner is None or depth >= _MAX_DEPTH:
            return None
        match self.infer.class_of(scope.owner).stored(name):
            case [Binding(value=ast.expr() as value) as stored]:
                return self.of(value, stored.scope, depth + 1)[0]
        return None
