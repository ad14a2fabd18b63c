"""The fixes of DG101 and DG102: nothing but the call changes, and the result is Python."""

import ast
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.finding import Fix
from diag.lint.fixes import apply_fixes
from diag.lint.registry import load_rules
from diag.lint.site import Site
from diag.model.flow.callee import Callee

MakeSite = Callable[..., Site]

RULES = load_rules()
NETWORK = Callee("Client.get", "client.Client.get", "def", "dict", blocks="requests.get", network=True)
PLAIN = Callee("Client.get", "client.Client.get", "def", "dict")
SLEEP = Callee("time.sleep", "time.sleep", "builtin", "None", blocks="time.sleep")
COROUTINE = Callee("Client.get", "client.Client.get", "async def", "dict")


def fixed(code: str, site: Site) -> str | None:
    """The source after the fix, which must parse; None where there is no fix."""
    fix = RULES[code].fix(site)
    if fix is None:
        return None
    text, applied = apply_fixes(site.source, [fix])
    assert applied == (fix.safety == "safe")
    ast.parse(text)
    return text


def inside(statements: str) -> str:
    """A module in which these statements stand in an async function."""
    body = "".join(f"    {line}" for line in statements.splitlines(keepends=True))
    return f"import asyncio\n\n\nasync def main(a, b, x, y):\n{body}\n"


# --- DG101


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("x = await f(a)", "x = await asyncio.to_thread(f, a)"),
        ("x = await f()", "x = await asyncio.to_thread(f)"),
        ("x = await a.b.f( y, *a, k=1, **b )", "x = await asyncio.to_thread(a.b.f, y, *a, k=1, **b )"),
        ("return (await f(a))['k']", "return (await asyncio.to_thread(f, a))['k']"),
        ("await f(i for i in a)", "await asyncio.to_thread(f, (i for i in a))"),
        ("await f((i for i in a))", "await asyncio.to_thread(f, (i for i in a))"),
        ("await f(  # c\n    a,  # d\n    b,\n)", "await asyncio.to_thread(f,  # c\n    a,  # d\n    b,\n)"),
        ("x = await f(\n)", "x = await asyncio.to_thread(f\n)"),
        ("x = await (f(a))", "x = await (asyncio.to_thread(f, a))"),
        ("x = await (a\n    .f(b))", "x = await (asyncio.to_thread(a\n    .f, b))"),
        ("x = await a.g(1).f(b)", "x = await asyncio.to_thread(a.g(1).f, b)"),
        ("x = [await f(i) for i in a]", "x = [await asyncio.to_thread(f, i) for i in a]"),
        ("if a: await f(b); y()", "if a: await asyncio.to_thread(f, b); y()"),
        ("x = f'{await f(a)}'", "x = f'{await asyncio.to_thread(f, a)}'"),
    ],
)  # fmt: skip
def test_call_that_waits_for_the_network_goes_to_a_thread(
    statement: str, expected: str, site_of: MakeSite
) -> None:
    source = inside(statement)
    tree = ast.parse(source)
    node = next(node for node in ast.walk(tree) if isinstance(node, ast.Await))
    expr = ast.get_source_segment(source, node) if "f'" not in statement else "await f(a)"

    site = site_of(source, expr, callee=NETWORK)

    assert fixed("DG101", site) == inside(expected)


@pytest.mark.parametrize(
    ("statement", "expr", "expected"),
    [
        ("await f(a)", "await f(a)", "f(a)"),
        ("x = await a.price", "await a.price", "x = a.price"),
        ("x = (await f(a)).y", "await f(a)", "x = f(a).y"),
        ("x = ((await f(a)))['k']", "await f(a)", "x = f(a)['k']"),
        ("x = (await f(a))(b)", "await f(a)", "x = f(a)(b)"),
        ("x = await (await f(a))", "await f(a)", "x = await f(a)"),
        ("x = (await f(a)) + 1", "await f(a)", "x = (f(a)) + 1"),
        ("return(await f(a)).y", "await f(a)", "return(f(a)).y"),
        ("x = (await a\n    .f(b)).y", "await a\n        .f(b)", "x = (a\n    .f(b)).y"),
        ("x = (  # why\n    await f(a)).y", "await f(a)", "x = (  # why\n    f(a)).y"),
        ("x = await(f(a))", "await(f(a))", "x = (f(a))"),
        ("return not await f(a)", "await f(a)", "return not f(a)"),
        ("while await f(a) and await f(b): pass", "await f(b)", "while await f(a) and f(b): pass"),
    ],
)
def test_call_that_does_not_wait_loses_its_await(
    statement: str, expr: str, expected: str, site_of: MakeSite
) -> None:
    site = site_of(inside(statement), expr, callee=PLAIN)

    assert fixed("DG101", site) == inside(expected)


def test_sleep_becomes_the_sleep_of_asyncio(site_of: MakeSite) -> None:
    source = inside("await pause(\n    1)  # second")

    assert fixed("DG101", site_of(source, "await pause(\n        1)", callee=SLEEP)) == inside(
        "await asyncio.sleep(\n    1)  # second"
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("indent", ["  ", "    ", "\t"])
def test_branches_line_ends_tabs_and_strings_stay(newline: str, indent: str, site_of: MakeSite) -> None:
    lines = [
        "import asyncio",
        "",
        "async def main(a):",
        "\tif a.one():",
        "\t\tpass",
        "\telif await a.two():",
        "\t\tx = '''one",
        "two",
        "  three'''",
        "\telse: await a.three()  # no",
        "\ttry: pass",
        "\texcept ValueError: await a.four(); pass",
        "\tfinally: await a.five()",
        "\tmatch a:",
        "\t\tcase 1 if await a.six(): pass",
        "",
    ]
    source = newline.join(lines).replace("\t", indent)
    text = source
    for number in ("two", "three", "four", "five", "six"):
        site = site_of(text, f"await a.{number}()", callee=PLAIN)
        text = fixed("DG101", site) or ""

    assert text == source.replace("await ", "")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("import json\nimport os\n", "import asyncio\nimport json\nimport os\n"),
        ("import abc\nimport os\n", "import abc\nimport asyncio\nimport os\n"),
        ("import abc, os; import ast\n", "import abc, os; import ast\nimport asyncio\n"),
        ("from os import path\n", "import asyncio\nfrom os import path\n"),
        (
            "#!/usr/bin/env python\nfrom os import path\n",
            "#!/usr/bin/env python\nimport asyncio\nfrom os import path\n",
        ),
        ('"""Doc."""\n', '"""Doc."""\n\nimport asyncio\n'),
        ('"""Doc."""\n\nimport os\n', '"""Doc."""\n\nimport asyncio\nimport os\n'),
        ("from __future__ import annotations\n", "from __future__ import annotations\n\nimport asyncio\n"),
        (
            "from __future__ import annotations\nimport os\n",
            "from __future__ import annotations\nimport asyncio\nimport os\n",
        ),
        ("# nothing\n", "# nothing\nimport asyncio\n\n"),
        ("def g():\n    import asyncio\n", "import asyncio\n\ndef g():\n    import asyncio\n"),
        ("import asyncio\n", "import asyncio\n"),
        ("import asyncio.subprocess\n", "import asyncio.subprocess\n"),
        ("import trio\nimport asyncio\n", "import trio\nimport asyncio\n"),
    ],
)
def test_asyncio_is_imported_where_it_is_missing(head: str, expected: str, site_of: MakeSite) -> None:
    code = "async def main(f):\n    await f()\n"

    text = fixed("DG101", site_of(head + code, "await f()", callee=NETWORK))

    assert text == expected + code.replace("f()\n", "asyncio.to_thread(f)\n")


def test_asyncio_is_used_under_its_other_name(site_of: MakeSite) -> None:
    source = "import asyncio as aio\nasync def main(f):\n    await f(1)\n"

    text = fixed("DG101", site_of(source, "await f(1)", callee=NETWORK))

    assert text == source.replace("f(1)", "aio.to_thread(f, 1)")


def test_asyncio_of_the_function_is_used(site_of: MakeSite) -> None:
    source = "async def main(f):\n    import asyncio\n    await f(1)\n"

    text = fixed("DG101", site_of(source, "await f(1)", callee=NETWORK))

    assert text == source.replace("f(1)", "asyncio.to_thread(f, 1)")


@pytest.mark.parametrize(
    "source",
    [
        "asyncio = None\nasync def main(f):\n    await f(1)\n",
        "async def main(f, asyncio):\n    await f(1)\n",
        "async def main(f):\n    await f(1)\n    import asyncio\n",
        "async def main(f):\n    if f:\n        import asyncio\n    await f(1)\n",
        "import trio\nasync def main(f):\n    await f(1)\n",
        "from pysdk import asyncio\nasync def main(f):\n    await f(1)\n",
    ],
)
def test_no_mend_where_asyncio_may_be_something_else(source: str, site_of: MakeSite) -> None:
    assert fixed("DG101", site_of(source, "await f(1)", callee=NETWORK)) is None


# --- DG102


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("f(a)", "await f(a)"),
        ("x = f(a)", "x = await f(a)"),
        ("x = (f(a))", "x = (await f(a))"),
        ("f(a).y", "(await f(a)).y"),
        ("f(a)['k']", "(await f(a))['k']"),
        ("f(a)(b)", "(await f(a))(b)"),
        ("x = await f(a)", "x = await (await f(a))"),
        ("x = -f(a) ** 2", "x = -await f(a) ** 2"),
        ("x = not f(a)", "x = not await f(a)"),
        ("g(f(a), *b)", "g(await f(a), *b)"),
        ("[f(a) for i in b]", "[await f(a) for i in b]"),
        ("if b: f(a)", "if b: await f(a)"),
        ("a(\n    1); f(a)", "a(\n    1); await f(a)"),
        ("f(a) if b else None", "await f(a) if b else None"),
        ("if b: pass\nelse: f(a)", "if b: pass\nelse: await f(a)"),
        ("x = '''\n''', f(a)", "x = '''\n''', await f(a)"),
        ("async def inner():\n    f(a)", "async def inner():\n    await f(a)"),
    ],
)
def test_dropped_coroutine_is_awaited(statement: str, expected: str, site_of: MakeSite) -> None:
    site = site_of(inside(statement), "f(a)", callee=COROUTINE)

    assert fixed("DG102", replace_in_async(site)) == inside(expected)


@pytest.mark.parametrize(
    "statement",
    [
        "g(lambda: f(a))",
        "x = (f(a) for i in b)",
        "x = [i for i in f(a)]",
        "x = [i for i in b if f(a)]",
        "x = [[f(a) for i in b] for j in b]",
        "class A:\n    x = f(a)",
        "def inner():\n    f(a)",
        "def inner(x=f(a)): pass",
        "@f(a)\ndef inner(): pass",
    ],
)
def test_no_await_where_it_is_not_allowed_or_would_mean_something_else(
    statement: str, site_of: MakeSite
) -> None:
    site = site_of(inside(statement), "f(a)", callee=COROUTINE)

    assert fixed("DG102", replace_in_async(site)) is None


def replace_in_async(site: Site) -> Site:
    """The fix must see for itself where an await may stand."""
    return replace(site, in_async=True)


def test_no_await_of_an_async_generator(site_of: MakeSite) -> None:
    site = site_of(inside("f(a)"), "f(a)", callee=COROUTINE, how="async generator")

    assert fixed("DG102", site) is None


@pytest.mark.parametrize(
    ("body", "safety"),
    [
        ("await g()", "safe"),
        ("for i in x:\n        await g(i)", "safe"),
        ("while True:\n        await g()", "unsafe"),
        ("async for message in g():\n        print(message)", "unsafe"),
        ("while x:\n        x.pop()", "safe"),
    ],
)
def test_await_of_what_may_run_for_ever_is_unsafe(body: str, safety: str, site_of: MakeSite) -> None:
    source = f"async def listen(g, x):\n    {body}\n\nasync def main(g, x):\n    listen(g, x)\n"
    callee = Callee("listen", "main.listen", "async def", path="main.py", line=1)

    site = site_of(source, "listen(g, x)", nth=1, callee=callee)

    fix = RULES["DG102"].fix(site)
    assert fix is not None
    assert fix.safety == safety
    unsafe = apply_fixes(source, [fix])
    assert unsafe == (
        (source, 0) if safety == "unsafe" else (source.replace("\n    listen", "\n    await listen"), 1)
    )


# --- whatever stands around


NAMES = st.sampled_from(["f", "self.client.get", "a.b[0].c", "make(1).get"])
GAPS = st.sampled_from(["", " ", "  # note\n        ", "\n        "])


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, str, str]:
    """The function of a call, what parts it from its arguments in one list, and the arguments."""
    order = ["'x'", "a", "*b", "lambda: 0", "'''s\n t'''", "[i for i in a]", "é", "k=1", "**c"]
    values = draw(
        st.lists(st.sampled_from(order), max_size=3, unique=True).map(lambda v: sorted(v, key=order.index))
    )
    text = draw(GAPS)
    for value in values[:-1]:
        text += f"{value},{draw(GAPS)}"
    if values:
        text += values[-1] + draw(st.sampled_from(["", ","])) + draw(GAPS)
    comma = "" if not values else "," if text[0].isspace() else ", "
    return draw(NAMES), comma, text


PLACES = st.sampled_from(
    [
        "{}", "x = {}  # then", "return {}", "y = [{}, 1]", "z = {{'k': {}}}", "if {}: pass",
        "g({}, '''a\n  b''')",
        "if a: {}", "if a: pass\n{i}else: {}", "for i in {}:\n{i}{i}pass", "with g: {}", "x = (\n{i}  {}\n)",
        "try:\n{i}{i}{}\n{i}finally:\n{i}{i}pass", "assert {}, 'no'", "a; {}; b", "x = a if {} else b",
        "while not {}:\n{i}{i}break", "x = 1 + \\\n  {}",
    ]
)  # fmt: skip


@st.composite
def modules(draw: st.DrawFn) -> list[str]:
    """What stands before a call, its function, the comma, its arguments, and what stands after it."""
    indent = draw(st.sampled_from(["  ", "    ", "\t"]))
    place = draw(PLACES).replace("{i}", indent).replace("{{", "{").replace("}}", "}")
    before, after = place.split("{}")
    head = draw(st.sampled_from(["", "\n\n", "# -*- coding: utf-8 -*-\n", 'x = """doc\n ument"""\n']))
    noise = draw(st.sampled_from(["", 's = """\nunindented\n"""\n', "# far left\n", "(1,\n2)\n"]))
    if noise and not noise.startswith("#"):
        noise = indent + noise
    top = f"{head}import asyncio\nasync def main(a, b, c, g, self, make, f, é):\n{noise}{indent}{before}"
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return [part.replace("\n", newline) for part in (top, *draw(calls()), f"{after}\n{indent}pass\n")]


@settings(deadline=None, max_examples=50)
@given(parts=modules())
def test_all_else_stays_as_it_was(parts: list[str], site_of: MakeSite) -> None:
    before, function, comma, arguments, after = parts
    call = f"{function}({arguments})"
    source = f"{before}await {call}{after}"
    bare = before + call + after

    def at(text: str, expr: str, callee: Callee) -> Site:
        return site_of(text, expr, subject=function, callee=callee)

    assert fixed("DG101", at(source, f"await {call}", PLAIN)) == bare
    assert fixed("DG102", at(bare, call, COROUTINE)) == source
    threaded = fixed("DG101", at(source, f"await {call}", NETWORK))
    assert threaded == f"{before}await asyncio.to_thread({function}{comma}{arguments}){after}"


def test_mends_of_one_file_are_made_together(site_of: MakeSite) -> None:
    source = "import os\n\nasync def main(f, g):\n    x = await f(await g(1))\n    return (await g(2)).y\n"
    sites = [
        site_of(source, expr, callee=callee)
        for expr, callee in [
            ("await f(await g(1))", NETWORK),
            ("await g(1)", NETWORK),
            ("await g(2)", PLAIN),
        ]
    ]
    fixes = [fix for fix in map(RULES["DG101"].fix, sites) if isinstance(fix, Fix)]

    text, applied = apply_fixes(source, fixes)

    assert applied == 3
    assert text == (
        "import asyncio\nimport os\n\nasync def main(f, g):\n"
        "    x = await asyncio.to_thread(f, await asyncio.to_thread(g, 1))\n    return g(2).y\n"
    )
