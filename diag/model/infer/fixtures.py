"""What pytest passes to tests and fixtures: the fixture of the name of the parameter."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.model.infer import awaiting, calls
from diag.model.infer.values import EMPTY, Func, Values
from diag.model.syntax.scope import Scope

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer


def passed_by_pytest(infer: "Infer", scope: Scope, name: str) -> Values:
    """The value of the fixture `name` where `scope` is a test or a fixture; EMPTY where there is none."""
    if not scope.module.is_test or not (scope.name.startswith("test") or "fixture" in scope.marks):
        return EMPTY
    if any(name in _words(decorator) for decorator in getattr(scope.node, "decorator_list", ())):
        return EMPTY  # parametrized
    for place in _places(infer, scope):
        place.bindings  # noqa: B018  builds the children
        found = [
            child
            for binding in place.bindings.get(name, ())
            if (child := place.children.get(binding.node)) is not None and child is not scope
        ]
        if found:
            return _given(infer, found[0]) if len(found) == 1 and "fixture" in found[0].marks else EMPTY
    return EMPTY


def _words(decorator: ast.expr) -> set[str]:
    constants = [n.value for n in ast.walk(decorator) if isinstance(n, ast.Constant)]
    return {word.strip() for text in constants if isinstance(text, str) for word in text.split(",")}


def _places(infer: "Infer", scope: Scope) -> Iterator[Scope]:
    """Where pytest looks for a fixture, nearest first: class, module, each `conftest.py` above."""
    if scope.owner is not None:
        yield scope.owner
    outermost = scope
    while outermost.parent is not None:
        outermost = outermost.parent
    yield outermost
    path = scope.module.path
    homes = {
        m.path.parent: m for m in infer.project.judged if m.path is not None and m.path.name == "conftest.py"
    }
    infer.deps |= infer.project.query_bit("word", "fixture")
    for folder in path.parents if path is not None else ():
        if (home := homes.get(folder)) is not None and home is not scope.module:
            infer.deps |= home.bit
            yield home.scope


def _given(infer: "Infer", fixture: Scope) -> Values:
    owner = fixture.owner
    if owner is not None:
        return EMPTY  # its receiver is another object for each test
    func = Func(fixture)
    if fixture.is_generator:
        return awaiting.yielded(infer, func)
    return calls.returned(infer, func, None, None, None)
