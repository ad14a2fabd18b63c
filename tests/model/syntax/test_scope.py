"""Scopes: what binds a name, which binding reaches a use, and where things stand."""

import pytest

from diag.model.syntax.module import Module
from diag.model.syntax.scope import Scope


def module(text: str) -> Module:
    return Module("main", None, "project", text.encode(), is_package=False, bit=1)


def scope(text: str, name: str) -> Scope:
    return next(each for each in module(text).scopes() if each.qualname == name)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("x = 1", "assign"),
        ("x: int = 1", "assign"),
        ("x += 1", "aug"),
        ("(y, *x) = z", "assign"),
        ("import x.y", "import"),
        ("from a import b as x", "from"),
        ("def x(): ...", "def"),
        ("class x: ...", "class"),
        ("for x in y: ...", "for"),
        ("with y as x: ...", "with"),
        ("try: ...\nexcept E as x: ...", "except"),
        ("del x", "del"),
        ("print(x := 1)", "walrus"),
        ("match y:\n    case [x]: ...", "match"),
    ],
)
def test_every_statement_that_binds_a_name_is_seen(statement: str, kind: str) -> None:
    assert [binding.kind for binding in module(statement).scope.bindings["x"]] == [kind]


NESTED = """
def outer(a):
    class Inner:
        async def method(self):
            return lambda: a
    def inner(): ...
"""


def test_scopes_are_named_as_python_names_them() -> None:
    names = [each.qualname for each in module(NESTED).scopes()]
    assert names[1:] == [
        "outer",
        "outer.<locals>.Inner",
        "outer.<locals>.Inner.method",
        "outer.<locals>.inner",
    ]
    method = scope(NESTED, "outer.<locals>.Inner.method")
    assert method.is_async
    assert method.owner is not None
    assert method.owner.name == "Inner"
    assert module(NESTED).scope_at(5).name == "method"


REACHING = """
def f(flag):
    x = 1
    if flag:
        x = 2
        return x
    for _ in y:
        use(x)
        x = 3
    x = 4
    return x
"""


@pytest.mark.parametrize(("line", "values"), [(6, {2}), (8, {1, 3}), (11, {4})])
def test_only_bindings_on_a_path_reach(line: int, values: set[int]) -> None:
    function = scope(REACHING, "f")
    load = next(node for node in function.loads["x"] if node.lineno == line)
    reaching = function.reaching("x", function.position_of(load))
    assert {binding.value.value for binding in reaching} == values  # type: ignore[union-attr]


def test_a_function_that_always_leaves_is_known() -> None:
    text = "def a():\n    if x:\n        return 1\n    raise E\n\ndef b():\n    if x:\n        return 1\n"
    assert [(name, scope(text, name).leaves) for name in "ab"] == [("a", True), ("b", False)]


def test_calls_loads_and_reads_are_those_of_the_scope_alone() -> None:
    text = "def f(a):\n    a.b.c(d)\n    def g():\n        hidden()\n"
    function = scope(text, "f")
    assert [call.func.attr for call in function.calls] == ["c"]  # type: ignore[attr-defined]
    assert (set(function.loads), set(function.reads)) == ({"a", "d"}, {"b", "c"})


def test_lines_and_columns_count_characters() -> None:
    found = module("x = 'ä' + y\n")
    plus = found.tree.body[0].value.right  # type: ignore[attr-defined]
    assert found.column(1, plus.col_offset) == 11
    assert found.source_of(found.tree.body[0]) == "x = 'ä' + y"
