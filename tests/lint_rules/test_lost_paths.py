"""DG102 on paths, against Python: in a program that never loses a coroutine, none is reported."""

import asyncio
import gc
import tempfile
import warnings
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from diag.config import Settings
from diag.lint.engine import lint
from diag.lint.registry import SHIPPED, load_rules

RULE = {"DG102": load_rules([SHIPPED])["DG102"]}
HEAD = """\
import asyncio
import contextlib

YES, NO = bool(1), bool(0)


async def make(n):
    return n


def check(n):
    if n > 2:
        raise ValueError(n)
    return n


class Box:
    def __init__(self, flag):
        self.flag = flag


"""
START = HEAD.count("\n") + 1  # the line of `async def work`
TESTS = (
    "p", "not p", "q", "p and q", "p or not q", "YES", "NO", "flag", "not flag", "box.flag", "n > 1",
    "check(n)", "job", "job is None", "job is not None", "done", "not done", "p is q", "i == 1",
)  # fmt: skip


@st.composite
def functions(draw: st.DrawFn) -> str:
    lines: list[str] = []

    def block(depth: int, *, in_loop: bool) -> None:
        for _ in range(draw(st.integers(1, 3))):
            statement(depth, in_loop=in_loop)

    def statement(depth: int, *, in_loop: bool) -> None:
        pad = "    " * depth
        simple = [
            "await job", "await job\njob = None", "if job:\n    await job\n    job = None", "return",
            "raise ValueError", "raise KeyError", "job = make(1)", "job = make(1)", "job = None",
            "flag = True", "flag = p", "done = True", "n += 1", "n = check(n)", "p = not p", "del job",
            "other = job", "asyncio.ensure_future(job)", "return await job", "job.close()", "print(f'{n}')",
            "assert n < 9", "box.flag = not box.flag", *(["break", "continue"] * in_loop),
        ]  # fmt: skip
        kind = draw(st.sampled_from(["simple"] * 5 + ["if"] * 4 + ["for", "while", "try", "with", "match"]))
        if depth > 4 or kind == "simple":
            chosen = draw(st.sampled_from(simple))
            if "make" in chosen:
                lines.append(f"{pad}note({START + len(lines) + 1})")
            lines.extend(pad + line for line in chosen.split("\n"))
        elif kind == "if":
            lines.append(f"{pad}if {draw(st.sampled_from(TESTS))}:")
            block(depth + 1, in_loop=in_loop)
            if draw(st.booleans()):
                lines.append(f"{pad}else:")
                block(depth + 1, in_loop=in_loop)
        elif kind == "for":
            lines.append(f"{pad}for i in range({draw(st.integers(0, 2))}):")
            block(depth + 1, in_loop=True)
        elif kind == "while":
            lines.append(f"{pad}while not done:")
            lines.append(f"{pad}    done = True")
            block(depth + 1, in_loop=True)
        elif kind == "try":
            lines.append(f"{pad}try:")
            block(depth + 1, in_loop=in_loop)
            lines.append(f"{pad}except {draw(st.sampled_from(['ValueError', 'LookupError', 'Exception']))}:")
            block(depth + 1, in_loop=in_loop)
            if draw(st.booleans()):
                lines.append(f"{pad}finally:")
                block(depth + 1, in_loop=False)
        elif kind == "with":
            lines.append(f"{pad}with contextlib.suppress(ValueError):")
            block(depth + 1, in_loop=in_loop)
        else:
            lines.append(f"{pad}match n:")
            lines.append(f"{pad}    case 1:")
            block(depth + 2, in_loop=in_loop)
            lines.append(f"{pad}    case _:")
            block(depth + 2, in_loop=in_loop)

    lines.append("async def work(p, q, n=1, *, box):")
    lines.append("    flag, done, i = False, False, 0" if draw(st.booleans()) else "    flag = done = i = NO")
    if draw(st.booleans()):
        lines.extend([f"    note({START + len(lines) + 1})", "    job = make(0)"])
    block(1, in_loop=False)
    if draw(st.booleans()):
        lines.append("    if job:\n        await job")
    return "\n".join(lines) + "\n"


CALLS = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.integers(0, 3), st.booleans()), min_size=1, max_size=3
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    calls = [f"    work({p}, {q}, {n}, box=Box({flag}))," for p, q, n, flag in draw(CALLS)]
    return f"{HEAD}{draw(functions())}\n\nCALLS = lambda: [\n" + "\n".join(calls) + "\n]\n"


def made(text: str) -> set[int]:
    """Run every call of the program: the lines that made a coroutine, none where one of them was lost.

    Where a call fails by a mistake of another kind (a job awaited twice, a name that is not bound), what
    comes after it is not reached, and nothing is known.
    """
    lines: set[int] = set()
    space: dict[str, Any] = {"note": lines.add}
    exec(compile(text, "generated", "exec"), space)

    async def main() -> bool:
        for call in space["CALLS"]():
            try:
                await call
            except (ValueError, KeyError, AssertionError):
                pass
            except (TypeError, RuntimeError, NameError, AttributeError):
                return False
            await asyncio.sleep(0)
        return True

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        sound = asyncio.run(main())
        space.clear()
        gc.collect()
    return lines if sound and not any("never awaited" in str(each.message) for each in said) else set()


@settings(max_examples=150)
@given(programs())
def test_a_program_that_loses_none_is_silent(text: str) -> None:
    lines = made(text)
    if not lines:
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "main.py").write_text(text)
        result = lint(Settings(paths=(Path(folder),), root=Path(folder), cache=False), rules=RULE)
    said = [(each.line, [s.message for s in each.chain]) for each in result.findings if each.line in lines]
    assert not said, text
