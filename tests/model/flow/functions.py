"""Functions with every kind of control flow, one statement a line, and what Python does when it runs them.

Before each statement a call `g(line)` notes that it is reached: the line events of `sys.settrace` name lines
that are not executed, since the cleanup after a `finally` carries the number of its last line. Each line that
binds a name binds a value of its own, so the value that is seen tells which binding it is.
"""

import contextlib
import random
import sys
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from diag.model.flow.reaching import Flow, flow_of
from diag.model.syntax.module import Module

NAMES = "abd"
RAISED = ("ValueError", "KeyError", "IndexError", "KeyboardInterrupt")
CAUGHT = (
    "ValueError", "KeyError", "LookupError", "Exception", "BaseException", "(KeyError, TypeError)",
    "(ValueError, KeyboardInterrupt)", "",
)  # fmt: skip


def flow(text: str) -> Flow:
    """The flow of the function `function` of a module."""
    module = Module("generated", None, "project", text.encode(), is_package=False, bit=1)
    (function,) = (scope for scope in module.scopes() if scope.name == "function")
    return flow_of(function)


@dataclass
class Program:
    """The text of `def function(...)`, and which value each (line, name) binds."""

    is_async: bool
    lines: list[str] = field(default_factory=list)
    values: dict[tuple[int, str], int] = field(default_factory=dict)
    noted: set[int] = field(default_factory=set)  # the lines of `g(...)`

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    def add(self, depth: int, text: str) -> int:
        self.lines.append("    " * depth + text)
        return len(self.lines)

    def note(self, depth: int) -> None:
        self.noted.add(self.add(depth, f"g({self.value()})"))

    def value(self) -> int:
        return len(self.lines) + 1


@st.composite
def programs(draw: st.DrawFn) -> Program:
    program = Program(draw(st.booleans()))
    program.add(0, f"{'async ' if program.is_async else ''}def function(p):")
    if draw(st.booleans()):
        program.add(1, "a = V(2)")
        program.values[2, "a"] = 2
    block(draw, program, 1, 0, in_loop=False, handling="")
    return program


def block(draw: st.DrawFn, program: Program, depth: int, size: int, *, in_loop: bool, handling: str) -> None:
    for _ in range(draw(st.integers(1, 3))):
        statement(draw, program, depth, size, in_loop=in_loop, handling=handling)


SIMPLE = (
    "assign", "assign", "assign", "call", "use", "use", "use", "aug", "del", "pair", "walrus",
    "comprehension", "raise", "raise", "return", "jump", "def", "boolean", "pass", "assert", "exit", "generator",
)  # fmt: skip
COMPOUND = ("try", "try", "try", "if", "while", "for", "with", "match", "suppress", "class", "constant")


def statement(
    draw: st.DrawFn, program: Program, depth: int, size: int, *, in_loop: bool, handling: str
) -> None:
    kinds = SIMPLE if depth > 5 or size > 3 else SIMPLE + COMPOUND * 3
    kind = draw(st.sampled_from(kinds))
    name = draw(st.sampled_from(NAMES))
    program.note(depth)
    k = program.value()
    inner: dict[str, Any] = {"in_loop": in_loop, "handling": handling}
    is_async = program.is_async and draw(st.booleans())
    a, aw = ("async ", "await ") if is_async else ("", "")

    def bound(text: str, *names: str) -> None:
        line = program.add(depth, text)
        for each in names:
            program.values[line, each] = k

    def nested(**changed: Any) -> None:
        block(draw, program, depth + 1, size + 1, **{**inner, **changed})

    match kind:
        case "assign":
            bound(f"{name} = " + draw(st.sampled_from([f"V({k})", f"{aw}f{'a' if aw else ''}({k})"])), name)
        case "call":
            bound(f"{aw}f{'a' if aw else ''}({k})")
        case "use":
            bound(f"u({name!r}, {name})")
        case "aug":
            bound(f"{name} += f({k})", name)
        case "del":
            bound(f"del {name}")
        case "pair":
            other = NAMES[NAMES.index(name) - 1]
            bound(
                f"{name}, {other} = f({k}), V({k})" if draw(st.booleans()) else f"{name}, {other} = t({k})",
                name,
                other,
            )
        case "walrus":
            bound(f"c() {draw(st.sampled_from(['and', 'or']))} ({name} := f({k}))", name)
        case "comprehension":
            other = NAMES[NAMES.index(name) - 1]
            bound(f"{name} = k({k}, [({other} := f({k})) for z in it({k}) if c()])", name, other)
        case "generator":
            bound(f"{name} = k({k}, list(f({k}) for z in it({k}) if c()))", name)
        case "raise":
            choices = [
                *RAISED,
                *(f"{each}()" for each in RAISED),
                *([""] * 6 if handling else []),
                *([handling] * 3),
            ]
            bound(f"raise {draw(st.sampled_from([each for each in choices if each != '!']))}".rstrip())
        case "return":
            bound("return" + draw(st.sampled_from(["", " V(0)", f" f({k})"])))
        case "jump" if in_loop:
            bound(draw(st.sampled_from(["break", "continue"])))
        case "def":
            program.add(depth, f"def {name}(x={name}):")
            program.values[k, name] = -1
            program.add(depth + 1, f"return {draw(st.sampled_from(NAMES))}")
        case "boolean":
            other = draw(st.sampled_from(NAMES))
            bound(f"u({other!r}, {other}) if c() and not c() else f({k})")
        case "assert":
            bound(f"assert c(), f({k})")
        case "exit":
            bound("sys.exit()")
        case "if":
            program.add(
                depth, f"if {draw(st.sampled_from(['c()', 'not c()', 'c() and c()', 'c() or not c()']))}:"
            )
            nested()
            if draw(st.booleans()):
                program.add(depth, "else:")
                nested()
        case "constant":
            program.add(
                depth, f"if {draw(st.sampled_from(['False', 'not 1', '0 or None', 'False and c()']))}:"
            )
            nested()
            if draw(st.booleans()):
                program.add(depth, "else:")
                nested()
        case "while":
            test = draw(st.sampled_from(["c()", "c()", "True", "not c()"]))
            program.add(depth, f"while {test}:")
            nested(in_loop=True)
            if draw(st.booleans()):
                program.add(depth, "else:")
                nested()
        case "for":
            program.add(depth, f"{a}for {name} in {'ait' if a else 'it'}({k}):")
            program.values[k, name] = k
            nested(in_loop=True)
            if draw(st.booleans()):
                program.add(depth, "else:")
                nested()
        case "with":
            program.add(depth, f"{a}with {'am' if a else 'm'}({k}) as {name}:")
            program.values[k, name] = k
            nested()
        case "suppress":
            program.add(depth, f"with contextlib.suppress({draw(st.sampled_from(CAUGHT[:5]))}):")
            nested()
        case "match":
            program.add(depth, f"match s({k}):")
            patterns = [f"({name},)", f"{{'k': {name}}}", f"V() as {name}", "None", f"{name} if c()"]
            for pattern in draw(st.lists(st.sampled_from(patterns), min_size=1, max_size=3)):
                line = program.add(depth + 1, f"case {pattern}:")
                program.values[line, name] = k
                block(draw, program, depth + 2, size + 1, **inner)
            if draw(st.booleans()):
                program.add(depth + 1, "case _:")
                block(draw, program, depth + 2, size + 1, **inner)
        case "class":
            program.add(depth, f"class {name}:")
            program.values[k, name] = -1
            program.add(depth + 1, f"x = f({k})")
        case "try":
            program.add(depth, "try:")
            nested()
            classes = draw(st.lists(st.sampled_from(CAUGHT), max_size=2))
            for caught in classes if "" not in classes[:-1] else classes[-1:]:
                alias = draw(st.sampled_from(["", "", *NAMES])) if caught else ""
                line = program.add(
                    depth, f"except {caught}{' as ' if alias else ''}{alias}:".replace(" :", ":")
                )
                if alias:
                    program.values[line, alias] = -1
                nested(handling=alias or "!")
            if classes and draw(st.booleans()):
                program.add(depth, "else:")
                nested()
            if not classes or draw(st.booleans()):
                program.add(depth, "finally:")
                nested()
        case _:
            bound("pass")


class V:
    """A value that knows which line bound it."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __iadd__(self, other: "V") -> "V":
        return other


class Cut(BaseException):
    """The run is long enough."""


@dataclass
class Run:
    """What happened: lines of simple statements in turn, values seen, and how it ended."""

    lines: list[int]  # noted in turn
    seen: list[tuple[int, str, int]]
    end: str  # exit, raises, cut


def run(program: Program, seed: int) -> Run:
    """Run the function; which calls raise and which conditions hold is drawn from the seed."""
    chance = random.Random(seed)
    done = Run([], [], "exit")

    def f(number: int) -> V:
        if chance.random() < 0.2:
            raise _CLASSES[chance.choice(RAISED)]
        return V(number)

    async def fa(number: int) -> V:
        return f(number)

    def it(number: int) -> Any:
        for _ in range(chance.choice((0, 1, 1, 2))):
            yield f(number)

    async def ait(number: int) -> Any:
        for each in it(number):
            yield each

    def c() -> bool:
        f(0)
        return chance.random() < 0.5

    class M:
        def __init__(self, number: int) -> None:
            self.number = number

        def __enter__(self) -> V:
            return f(self.number)

        def __exit__(self, kind: object, *_: object) -> bool:
            f(0)
            return kind is not None and kind is not Cut and chance.random() < 0.5

        async def __aenter__(self) -> V:
            return self.__enter__()

        async def __aexit__(self, *args: Any) -> bool:
            return self.__exit__(*args)

    def u(name: str, value: object) -> None:
        match value:
            case V(number=number) | (V(number=number), *_) | {"k": V(number=number)}:
                done.seen.append((sys._getframe(1).f_lineno, name, number))
            case None:
                pass  # of a `match`: no value of a line
            case _:
                done.seen.append((sys._getframe(1).f_lineno, name, -1))

    def s(number: int) -> object:
        return chance.choice((f(number), (V(number),), {"k": V(number)}, None))

    def g(line: int) -> None:
        if len(done.lines) > 60:
            done.end = "cut"
            raise Cut
        done.lines.append(line)

    space: dict[str, Any] = {
        "V": V, "f": f, "fa": fa, "it": it, "ait": ait, "c": c, "m": M, "am": M, "u": u, "g": g, "s": s,
        "k": lambda number, _: f(number), "t": lambda number: (f(number), V(number)),
        "sys": sys, "contextlib": contextlib,
    }  # fmt: skip
    exec(compile(program.text, "generated", "exec"), space)
    function = space["function"]
    try:
        if program.is_async:
            with contextlib.suppress(StopIteration):
                function(None).send(None)
        else:
            function(None)
    except (*_CLASSES.values(), *_BY_THE_WAY):
        if done.end != "cut":
            done.end = "raises"
    return done


_CLASSES: dict[str, type[BaseException]] = {
    "ValueError": ValueError,
    "KeyError": KeyError,
    "IndexError": IndexError,
    "KeyboardInterrupt": KeyboardInterrupt,
}
# Of names that are not bound, operands of wrong types, `raise` with nothing to raise, and the like.
_BY_THE_WAY = (NameError, TypeError, AttributeError, RuntimeError, AssertionError, SystemExit, Cut)
