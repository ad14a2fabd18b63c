"""Uses of a value, where it escapes to, and what a call has for effects."""

from collections.abc import Callable

import pytest

from diag.model.flow import effects
from diag.model.flow.escapes import is_lost
from diag.model.flow.uses import use_of
from tests.model.conftest import Model

Make = Callable[..., Model]


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("f()", "statement"),
        ("await f()", "await"),
        ("return f()", "return"),
        ("x = f()", "assign"),
        ("self.x = f()", "store"),
        ("g(f())", "argument"),
        ("x = [f()]", "element"),
        ("if f(): ...", "condition"),
        ("f() + 1", "arithmetic"),
        ("f().bid", "attribute"),
        ("f()['bid']", "subscript"),
        ("for x in f(): ...", "iteration"),
        ("print(f'{f()}')", "f-string"),
        ("x, y = f()", "unpack"),
        ("x = (f() if y else 1) > 2", "comparison"),
    ],
)
def test_how_a_value_is_used(model: Make, statement: str, kind: str) -> None:
    made = model(f"async def run(self):\n    {statement}\n")
    scope = made.scope("run")
    assert use_of(made.expr("f()", scope), scope).kind == kind


@pytest.mark.parametrize(
    ("rest", "lost"),
    [
        ("tasks = [fetch()]", True),
        ("tasks = [fetch()]\n    await asyncio.gather(*tasks)", False),
        ("tasks = [fetch()]\n    for task in tasks:\n        await task", False),
        ("tasks = [fetch()]\n    print(len(tasks))", True),
        ("tasks = [fetch()]\n    keep(tasks)", False),  # who knows what that does
        ("tasks = [fetch()]\n    return tasks", False),
    ],
)
def test_a_coroutine_is_lost_where_nothing_can_await_it(model: Make, rest: str, lost: bool) -> None:
    made = model(
        f"import asyncio\nfrom nowhere import keep\n\nasync def fetch(): ...\n\nasync def run():\n    {rest}\n"
    )
    scope = made.scope("run")
    assert is_lost(made.infer, made.expr("fetch()", scope), scope) is lost


CHAIN = """
import asyncio, time

def pause():
    time.sleep(1)

def retry():
    pause()

def careful(now=True):
    return now

def start():
    asyncio.run(main())

async def main(): ...

retry, careful, start, main
"""


@pytest.mark.parametrize(
    ("name", "kind", "primitive", "hops"),
    [
        ("retry", "blocks", "time.sleep", ["pause", "time.sleep"]),
        ("careful", "blocks", None, []),
        ("start", "runs", "asyncio.run", ["asyncio.run"]),
        ("main", "blocks", None, []),  # calling it runs nothing
    ],
)
def test_an_effect_comes_with_the_calls_that_lead_to_it(
    model: Make, name: str, kind: effects.EffectKind, primitive: str | None, hops: list[str]
) -> None:
    made = model(CHAIN)
    found = effects.of_values(made.infer, made.values(name), kind)
    assert (found[0].primitive if found else None) == primitive
    assert [hop.text for hop in found[0].hops if hop.scope] == hops if found else not hops
