"""Calls: what they return, what awaiting that gives, and who calls."""

from collections.abc import Callable

import pytest

from diag.model.flow.describe import describe
from diag.model.infer.awaiting import awaitable, awaited
from diag.model.infer.parameters import callers
from tests.model.conftest import Model

Make = Callable[..., Model]

KINDS = """
import asyncio
from contextlib import asynccontextmanager

async def fetch():
    return {"bid": 1}

def plain():
    return fetch()

def count():
    yield 1

async def stream():
    yield 1

@asynccontextmanager
async def session():
    yield "s"

class Ready:
    def __await__(self):
        yield

class Open(nowhere.Base):
    pass

async def run():
    a = fetch()
    b = plain()
    c = count()
    d = stream()
    e = Ready()
    f = Open()
    g = len("a")
    h = asyncio.sleep(0)
    i = await fetch()
    async with session() as j:
        a, b, c, d, e, f, g, h, i, j
"""


@pytest.mark.parametrize(
    ("name", "words", "answer"),
    [
        ("a", "coroutine fetch", True),
        ("b", "coroutine fetch", True),
        ("c", "generator", False),
        ("d", "async generator", False),
        ("e", "Ready", True),
        ("f", "Open", None),  # a base that nobody knows may have `__await__`
        ("g", "int", False),
        ("h", "coroutine asyncio.sleep", True),
        ("i", "dict", False),
        ("j", "str", False),
    ],
)
def test_what_calls_give_and_whether_it_can_be_awaited(
    model: Make, name: str, words: str, answer: bool | None
) -> None:
    made = model(KINDS)
    values = made.values(name, "run")
    assert describe(values) == words
    assert {awaitable(made.infer, value) for value in values} == {answer}


def test_awaiting_gives_what_the_function_returns(model: Make) -> None:
    made = model(KINDS)
    assert describe(awaited(made.infer, made.values("b", "run"))) == "dict"
    assert awaited(made.infer, made.values("g", "run")) == frozenset()  # it raises


def test_a_decorator_decides_what_a_name_is(model: Make) -> None:
    made = model("""
        import functools

        def sync(function):
            @functools.wraps(function)
            def wrapper(*args):
                return 1
            return wrapper

        @sync
        async def fetch():
            return "a"

        x = fetch()
        x
    """)
    assert made.what("x") == "int"


def test_callers_are_found_across_files(model: Make) -> None:
    made = model(
        """
        class Client:
            def fetch(self):
                return 1
        """,
        bot="""
        from main import Client

        class Other:
            def fetch(self):
                return 2

        def run():
            Client().fetch()
            Other().fetch()
        """,
    )
    found = callers(made.infer, made.scope("Client.fetch"))
    assert found is not None
    assert [(scope.qualname, call.lineno) for call, scope in found] == [("run", 9)]


def test_a_function_that_is_only_handed_on_has_no_callers(model: Make) -> None:
    made = model("def work():\n    return 1\n\nregister(work)\n")
    assert callers(made.infer, made.scope("work")) == []
