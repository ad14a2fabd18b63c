"""Random modules that parse but make no sense: every statement and expression of the language, anywhere."""

import ast
import keyword

from hypothesis import strategies as st

NAMES = [
    "a",
    "b",
    "f",
    "g",
    "self",
    "cls",
    "C",
    "D",
    "asyncio",
    "client",
    "super",
    "property",
    "__all__",
    "é",
]
MODULES = [
    "asyncio",
    "a",
    "a.b",
    "typing",
    "functools",
    ".",
    "..a",
    ".a",
    "os.path",
    "module0",
    "module1",
    "grvt",
]
STRINGS = ["''", "'a'", "b'a'", "f'{a}'", "f'{await_!r:>{b}}'", "'''x\ny'''", "r'\\d'", "'a' 'b'", "'é'"]
NUMBERS = ["0", "1.5", "1j", "0x_ff", "1_000", "None", "True", "...", "10**9"]
OPERATORS = [
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "@",
    "**",
    "<<",
    "|",
    "and",
    "or",
    "==",
    "is",
    "in",
    "not in",
    "<",
]

names = st.sampled_from(NAMES)


def _wrap(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The expressions that are made of smaller ones."""
    arguments = st.lists(
        st.one_of(inner, inner.map("*{}".format), inner.map("**{}".format), inner.map("k={}".format)),
        max_size=3,
    )
    several = st.lists(inner, max_size=3)
    loops = st.builds(
        "{} {} in {}{}".format,
        st.sampled_from(["for", "async for"]),
        st.sampled_from(["a", "a, b", "(a, *b)", "self.x", "a[0]"]),
        inner,
        st.one_of(st.just(""), inner.map(" if {}".format)),
    )
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(OPERATORS), inner),
        st.builds("{}({})".format, inner, arguments.map(_order)),
        st.builds("{}.{}".format, inner, names),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}[{}:{}]".format, inner, inner, inner),
        inner.map("(await {})".format),
        inner.map("(yield {})".format),
        inner.map("(yield from {})".format),
        inner.map("(not {})".format),
        inner.map("(-{})".format),
        st.builds("(lambda {}: {})".format, st.sampled_from(["", "a", "*a, b=1", "a, /, b, *, f"]), inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("({} := {})".format, names, inner),
        several.map(lambda parts: f"[{', '.join(parts)}]"),
        several.map(lambda parts: f"({''.join(part + ',' for part in parts)})"),
        several.map(lambda parts: f"{{{', '.join(parts)}}}"),
        several.map(
            lambda parts: f"{{{', '.join(f'{part}: {part}' for part in parts)}, **a}}" if parts else "{}"
        ),
        st.builds("[{} {}]".format, inner, loops),
        st.builds("{{{} {} {}}}".format, inner, loops, loops),
        st.builds("{{{}: {} {}}}".format, inner, inner, loops),
        st.builds("({} {})".format, inner, loops),
        inner.map(lambda part: f"f'{{{part}}}'" if "'" not in part and "\\" not in part else part),
    )


def _order(arguments: list[str]) -> str:
    rank = {"*": 1, "k": 2}
    seen = set()
    kept = []
    for text in sorted(
        arguments, key=lambda a: 3 if a.startswith("**") else rank.get(a[:1], 0) if "=" in a[:2] else 1
    ):
        if text.startswith("k="):
            text = f"k{len(seen)}{text[1:]}"
            seen.add(text)
        kept.append(text)
    return ", ".join(kept)


expressions = st.recursive(
    st.one_of(names, st.sampled_from(STRINGS), st.sampled_from(NUMBERS)), _wrap, max_leaves=6
)
targets = st.one_of(
    names,
    st.builds("{}.{}".format, names, names),
    st.builds("{}[{}]".format, names, expressions),
    st.builds("{}, *{}".format, names, names),
    st.builds("({}, [{}, {}.x])".format, names, names, names),
)
annotations = st.one_of(
    expressions,
    st.sampled_from(
        ["int", "'C'", "'not python ('", "list['D']", "Awaitable[int]", "C | None", "Callable[..., a]"]
    ),
)
simple = st.one_of(
    expressions,
    st.builds("{} = {}".format, targets, expressions),
    st.builds("{} = {} = {}".format, targets, targets, expressions),
    st.builds("{} += {}".format, names, expressions),
    st.builds("{}: {} = {}".format, names, annotations, expressions),
    st.builds("{}: {}".format, names, annotations),
    st.builds("self.x: {} = {}".format, annotations, expressions),
    expressions.map("return {}".format),
    st.builds("raise {} from {}".format, expressions, expressions),
    st.builds("assert {}, {}".format, expressions, expressions),
    targets.map(lambda t: f"del {t}" if "*" not in t else "pass"),
    st.sampled_from(
        ["pass", "return", "raise", "break", "continue", "global a", "nonlocal b", "from a import *"]
    ),
    st.builds("import {}".format, st.sampled_from([m for m in MODULES if not m.startswith(".")])),
    st.builds(
        "import {} as {}".format, st.sampled_from([m for m in MODULES if not m.startswith(".")]), names
    ),
    st.builds("from {} import {}".format, st.sampled_from(MODULES), names),
    st.builds("from {} import {} as {}".format, st.sampled_from(MODULES), names, names),
)
parameters = st.sampled_from(
    [
        "",
        "self",
        "cls, *a",
        "a, b=f(), /, *, k: C = None, **rest",
        "self, a: 'D' = await_",
        "*, client: C",
        "a=b, *b",
    ]
)
patterns = st.sampled_from(
    ["_", "1 | 2", "a", "[a, *b]", "{'k': a, **rest}", "C(a, x=b)", "C() as a", "'x' | None", "a.b", "(-1)"]
)


@st.composite
def blocks(draw: st.DrawFn, depth: int = 0) -> list[str]:
    """The lines of a block."""
    lines = []
    for _ in range(draw(st.integers(1, 4 if depth < 2 else 2))):
        lines.extend(draw(statements(depth)))
    return lines


@st.composite
def statements(draw: st.DrawFn, depth: int) -> list[str]:
    """The lines of one statement."""

    def inner() -> list[str]:
        return ["    " + line for line in draw(blocks(depth + 1))]

    kind = draw(st.integers(0, 14 if depth < 4 else 3))
    if kind <= 3:
        return draw(simple).split("\n") if kind else [draw(simple).replace("\n", " ")]
    head = draw(st.sampled_from(["", "", "async "]))
    value = draw(expressions).replace("\n", " ")
    decorators = ["@" + draw(expressions).replace("\n", " ") for _ in range(draw(st.integers(0, 2)))]
    if kind in (4, 5, 6, 7):
        arrow = f" -> {draw(annotations)}".replace("\n", " ") if draw(st.booleans()) else ""
        return [*decorators, f"{head}def {draw(names)}({draw(parameters)}){arrow}:", *inner()]
    if kind == 8:
        bases = draw(
            st.sampled_from(["", "(C)", "(D, C)", f"({value})", "(metaclass=C)", "(C, k=1)", "(*a, **b)"])
        )
        return [*decorators, f"class {draw(names)}{bases}:", *inner()]
    if kind == 9:
        otherwise = ["else:", *inner()] if draw(st.booleans()) else []
        return [f"if {value}:", *inner(), f"elif {value}:", *inner(), *otherwise]
    if kind == 10:
        return [f"{head}for {draw(targets)} in {value}:".replace("\n", " "), *inner(), "else:", *inner()]
    if kind == 11:
        return [f"while {value}:", *inner()]
    if kind == 12:
        return [f"{head}with {value} as {draw(names)}, {value}:", *inner()]
    if kind == 13:
        star = draw(st.sampled_from(["", "*"]))
        return ["try:", *inner(), f"except{star} {value} as {draw(names)}:", *inner(), "finally:", *inner()]
    return [f"match {value}:", f"    case {draw(patterns)} if {value}:", *("    " + line for line in inner())]


@st.composite
def modules(draw: st.DrawFn) -> str:
    """A module that parses."""
    parts: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        part = "\n".join(draw(statements(0)))
        if _parses(part):
            parts.append(part)
    return "\n".join(parts) + "\n"


def _parses(text: str) -> bool:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError:
        return False
    return True


assert not any(keyword.iskeyword(name) for name in NAMES)
