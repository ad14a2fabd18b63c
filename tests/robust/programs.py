"""Random programs that are right by construction.

A program has sources, each of which gives a number at once (`plain`), a coroutine (`coroutine`), or
either (`either`), under some disguise: a decorator, a method, a partial, an alias. Its functions use the
sources as their colour demands, under another disguise: by name, in a container, on one of two branches.
Running the program proves that it is right.
"""

from hypothesis import strategies as st

HEAD = """\
import asyncio
import functools
import inspect
from contextlib import asynccontextmanager, contextmanager
from functools import partial

YES, NO = bool(1), bool(0)


def keep(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def keep_all(label=None, **options):
    def decorate(function):
        return keep(function)

    return decorate


def to_coroutine(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def to_plain(function):
    def wrapper(*args, **kwargs):
        try:
            function(*args, **kwargs).send(None)
        except StopIteration as stop:
            return stop.value

    return wrapper


class Callable:
    def __init__(self, function):
        self.function = function

    def __call__(self, *args, **kwargs):
        return self.function(*args, **kwargs)


class Awaitable:
    def __init__(self, n):
        self.n = n

    async def _get(self):
        return self.n

    def __await__(self):
        return self._get().__await__()


async def numbers():
    yield 1
    yield 2


@asynccontextmanager
async def opened(value):
    yield value


@contextmanager
def entered(value):
    yield value
"""

# Each source: its text, where {n} is a number of its own, the expression that asks it, and what that gives.
# What those of OPEN give can be read from their text.
OPEN = [
    ("def s{n}(a=1, *rest, b=2):\n    return 1\n", "s{n}()", "plain"),
    ("async def s{n}(a=1, *rest, b=2):\n    return a + b\n", "s{n}()", "coroutine"),
    ("async def i{n}():\n    return 1\n\n\ndef s{n}(a=0):\n    return i{n}()\n", "s{n}(1)", "coroutine"),
    (
        "async def i{n}():\n    return 1\n\n\ndef s{n}(a):\n    x = i{n}()\n    return x\n",
        "s{n}(a=1)",
        "coroutine",
    ),
    ("@keep\nasync def s{n}():\n    return 1\n", "s{n}()", "coroutine"),
    ("@keep\ndef s{n}():\n    return 1\n", "s{n}()", "plain"),
    ("@keep_all('x', y=1)\nasync def s{n}():\n    return 1\n", "s{n}()", "coroutine"),
    ("@keep_all()\n@keep\ndef s{n}():\n    return 1\n", "s{n}()", "plain"),
    ("@to_coroutine\ndef s{n}():\n    return 1\n", "s{n}()", "coroutine"),
    ("@functools.lru_cache\ndef s{n}():\n    return 1\n", "s{n}()", "plain"),
    ("async def i{n}(a):\n    return a\n\n\ns{n} = lambda: i{n}(1)\n", "s{n}()", "coroutine"),
    ("async def i{n}(a):\n    return a\n\n\ns{n} = partial(i{n}, 1)\n", "s{n}()", "coroutine"),
    ("class S{n}:\n    def get(self):\n        return 1\n", "S{n}().get()", "plain"),
    ("class S{n}:\n    async def get(self):\n        return 1\n", "S{n}().get()", "coroutine"),
    ("class S{n}:\n    @staticmethod\n    async def get():\n        return 1\n", "S{n}.get()", "coroutine"),
    ("class S{n}:\n    @classmethod\n    def get(cls):\n        return 1\n", "S{n}.get()", "plain"),
    ("class S{n}:\n    @property\n    def get(self):\n        return 1\n", "S{n}().get", "plain"),
    ("class S{n}:\n    @property\n    async def get(self):\n        return 1\n", "S{n}().get", "coroutine"),
    (
        "class S{n}:\n    async def __call__(self):\n        return 1\n\n\ns{n} = S{n}()\n",
        "s{n}()",
        "coroutine",
    ),
    (
        "class B{n}:\n    def get(self):\n        return 1\n\n\nclass S{n}(B{n}):\n    async def get(self):\n"
        "        return super().get()\n",
        "S{n}().get()",
        "coroutine",
    ),
    (
        "class B{n}:\n    async def get(self):\n        return 1\n\n\nclass S{n}(B{n}):\n    pass\n",
        "S{n}().get()",
        "coroutine",
    ),
    (
        "class B{n}:\n    def get(self):\n        raise NotImplementedError\n\n    def ask(self):\n"
        "        return self.get()\n\n\nclass S{n}(B{n}):\n    async def get(self):\n        return 1\n",
        "S{n}().ask()",
        "coroutine",
    ),
    (
        "def make{n}():\n    async def inner():\n        return 1\n\n    return inner\n",
        "make{n}()()",
        "coroutine",
    ),
    (
        "def p{n}():\n    return 1\n\n\nasync def c{n}():\n    return 1\n\n\ndef s{n}(flag):\n"
        "    if flag:\n        return c{n}()\n    return p{n}()\n",
        "s{n}(YES)",
        "either",
    ),
    (
        "class P{n}:\n    def get(self):\n        return 1\n\n\nclass C{n}:\n    async def get(self):\n"
        "        return 1\n\n\ns{n} = C{n}() if NO else P{n}()\n",
        "s{n}.get()",
        "either",
    ),
    (
        "def p{n}():\n    return 1\n\n\nasync def c{n}():\n    return 1\n\n\n"
        "TABLE{n} = {{'p': p{n}, 'c': c{n}}}\n",
        'TABLE{n}["c" if YES else "p"]()',
        "either",
    ),
    (
        "def s{n}():\n    return 1\n\n\nasync def i{n}():\n    return 1\n\n\nif YES:\n    s{n} = i{n}\n",
        "s{n}()",
        "either",
    ),
    ("def s{n}():\n    return asyncio.ensure_future(asyncio.sleep(0, 1))\n", "s{n}()", "awaitable"),
    ("def s{n}():\n    return Awaitable(1)\n", "s{n}()", "awaitable"),
    ("s{n} = Awaitable\n", "s{n}(1)", "awaitable"),
    ("def s{n}():\n    return asyncio.to_thread(int, '1')\n", "s{n}()", "coroutine"),
    ("s{n} = asyncio.sleep\n", "s{n}(0, 1)", "coroutine"),
]
# What these give is harder to tell.
DISGUISED = [
    ("@to_plain\nasync def s{n}():\n    return 1\n", "s{n}()", "plain"),
    ("@to_coroutine\n@to_plain\nasync def s{n}():\n    return 1\n", "s{n}()", "coroutine"),
    ("@Callable\nasync def s{n}():\n    return 1\n", "s{n}()", "coroutine"),
    ("s{n} = lambda a=1: a\n", "s{n}()", "plain"),
    ("def i{n}(a):\n    return a\n\n\ns{n} = partial(i{n}, a=1)\n", "s{n}()", "plain"),
    ("async def i{n}():\n    return 1\n\n\ns{n} = i{n} if YES else keep(i{n})\n", "s{n}()", "coroutine"),
    ("class S{n}:\n    def __call__(self, a=1):\n        return a\n\n\ns{n} = S{n}()\n", "s{n}()", "plain"),
    (
        "class I{n}:\n    async def get(self):\n        return 1\n\n\n"
        "class S{n}:\n    def __init__(self, inner=None):\n        self.inner = inner or I{n}()\n\n"
        "    def get(self):\n        return self.inner.get()\n",
        "S{n}().get()",
        "coroutine",
    ),
    (
        "class S{n}:\n    def __getattr__(self, name):\n"
        "        async def call(*args):\n            return 1\n\n        return call\n",
        "S{n}().get(1)",
        "coroutine",
    ),
    (
        "def make{n}(a):\n    def inner(b=2):\n        return a + b\n\n    return inner\n",
        "make{n}(1)()",
        "plain",
    ),
    ("async def i{n}():\n    return 1\n\n\ns{n} = {{'get': i{n}}}\n", 's{n}["get"]()', "coroutine"),
    ("async def i{n}():\n    return 1\n\n\ns{n} = [i{n}, keep(i{n})]\n", "s{n}[-1]()", "coroutine"),
]
SOURCES = OPEN + DISGUISED

# Each use: its lines, where {e} is the expression; they add to `total`. By what the expression gives.
AWAITABLE_USES = [
    "total += await {e}",
    "x = await {e}\ntotal += x",
    "x = {e}\ntotal += await x",
    "x = {e}\ny = x\ntotal += await y",
    "x = {e}\nx = await x\ntotal += x",
    "total += (await {e}) + 0",
    "total += int(f'{{await {e}}}')",
    "total += await ({e} if YES else asyncio.sleep(0, 1))",
    "x = {e} if YES else None\nif x is not None:\n    total += await x",
    "x = None\nif YES:\n    x = {e}\nif x:\n    total += await x",
    "try:\n    x = {e}\nfinally:\n    total += 0\ntotal += await x",
    "try:\n    total += await {e}\nexcept ValueError:\n    total += 0\nelse:\n    pass",
    "for _ in range(2):\n    total += await {e}",
    "while YES:\n    total += await {e}\n    break",
    "if await {e}:\n    total += 1",
    "if (x := await {e}) and x > 0:\n    total += x",
    "match await {e}:\n    case int() as x:\n        total += x\n    case _:\n        pass",
    "match YES:\n    case 1:\n        x = {e}\n    case _:\n        x = asyncio.sleep(0)\ntotal += await x",
    "xs = [{e}, {e}]\nfor x in xs:\n    total += await x",
    "xs = []\nxs.append({e})\ntotal += await xs[0]",
    "xs = []\nxs += [{e}]\ntotal += sum([await x for x in xs])",
    "xs = {{'a': {e}}}\ntotal += await xs['a']",
    "xs = {{}}\nxs['a'] = {e}\nfor x in xs.values():\n    total += await x",
    "x, y = {e}, {e}\ntotal += await x + await y",
    "x, *ys = [{e}, {e}]\ntotal += await x\nfor y in ys:\n    total += await y",
    "total += sum([await x for x in ({e}, {e})])",
    "total += sum(await asyncio.gather({e}, {e}))",
    "total += sum(await asyncio.gather(*[{e} for _ in range(2)]))",
    "total += sum(await asyncio.gather(*({e} for _ in range(2))))",
    "x = asyncio.ensure_future({e})\ntotal += await x",
    "total += await asyncio.wait_for({e}, 5)",
    "total += await asyncio.shield({e})",
    "x = lambda: {e}\ntotal += await x()",
    "total += await (lambda: {e})()",
    "def inner():\n    return {e}\n\ntotal += await inner()",
    "async def inner():\n    return await {e}\n\ntotal += await inner()",
    "async def inner():\n    nonlocal total\n    total += await {e}\n\nawait inner()",
    "async with opened({e}) as x:\n    total += await x",
    "with entered({e}) as x:\n    total += await x",
    "async for x in numbers():\n    total += x * await {e}",
    "total += await settle({e})",
    "x = {e}\nif inspect.isawaitable(x):\n    x = await x\ntotal += x",
    "total += [x async for x in each({e})][0]",
    "queue = asyncio.Queue()\nqueue.put_nowait({e})\ntotal += await (await queue.get())",
    "box = Box({e})\ntotal += await box.value",
    "box = Box()\nbox.value = {e}\nbox.value = await box.value\ntotal += box.value",
    "x = {e}\n\nasync def inner():\n    return await x\n\ntotal += await inner()",
    "for x in [{e}]:\n    break\nelse:\n    x = asyncio.sleep(0, 0)\ntotal += await x",
    "del total\ntotal = await {e}",
]
COROUTINE_USES = [
    "x = asyncio.create_task({e})\ntotal += await x",
    "async with asyncio.TaskGroup() as group:\n    x = group.create_task({e})\ntotal += x.result()",
    "async with asyncio.TaskGroup() as group:\n    group.create_task({e})",
    "x = {e}\nx.close()",
    "x = {e}\nif asyncio.iscoroutine(x):\n    x.close()",
    "total += await asyncio.to_thread(asyncio.run, {e})",
    "total += await spawn({e})",
]
PLAIN_USES = [
    "total += {e}",
    "x = {e}\ntotal += x",
    "{e}",
    "if {e}:\n    total += 1",
    "if {e} > 0 and not {e} == 5:\n    total += 1",
    "total += [{e}, 2][0] + abs({e})",
    "total += int(f'{{{e}}}')",
    "x = {{'a': {e}}}\ntotal += x['a']",
    "while {e}:\n    break",
    "for x in range({e}):\n    total += x",
    "total += sum({e} for _ in range(2))",
    "x = {e}\nx = asyncio.sleep(0, x)\ntotal += await x",
    "x = asyncio.sleep(0)\nawait x\nx = {e}\ntotal += x",
    "match {e}:\n    case 1 | 2:\n        total += 1",
    "with entered({e}) as x:\n    total += x",
    "x = {e}\nif inspect.isawaitable(x):\n    x = await x\ntotal += x",
    "total += await asyncio.sleep(0, {e})",
    "total += await asyncio.to_thread(lambda: {e})",
    "total += {e} if YES else await asyncio.sleep(0, 1)",
    "total += await settle({e})",
    "print({e}, end='', file=NOWHERE)",
]
EITHER_USES = [
    "x = {e}\nif inspect.isawaitable(x):\n    x = await x\ntotal += x",
    "x = {e}\ntotal += (await x) if inspect.isawaitable(x) else x",
    "x = {e}\nif not inspect.isawaitable(x):\n    total += x\nelse:\n    total += await x",
    "x = {e}\nif asyncio.iscoroutine(x):\n    total += await x\nelse:\n    total += x",
    "x = {e}\nif hasattr(x, '__await__'):\n    x = await x\ntotal += x",
    "x = {e}\nif isinstance(x, int):\n    total += x\nelse:\n    total += await x",
    "total += await settle({e})",
    "x = {e}\ntry:\n    x = await x\nexcept TypeError:\n    pass\ntotal += x",
]
USES = {
    "plain": PLAIN_USES,
    "coroutine": AWAITABLE_USES + COROUTINE_USES,
    "awaitable": AWAITABLE_USES,
    "either": EITHER_USES,
}

HELPERS = """

import io

NOWHERE = io.StringIO()


class Box:
    def __init__(self, value=None):
        self.value = value


async def settle(value):
    return await value if inspect.isawaitable(value) else value


async def each(*values):
    for value in values:
        yield await value


def spawn(coroutine):
    return asyncio.get_running_loop().create_task(coroutine)
"""

# How a function that uses the sources may stand: at module level, in a class, in another function.
FRAMES = [
    ("async def u{n}():\n    total = 0\n{body}\n    return total\n", "await u{n}()"),
    (
        "class U{n}:\n    async def run(self, *args):\n        total = 0\n{body2}\n        return total\n",
        "await U{n}().run()",
    ),
    (
        "def v{n}():\n    async def inner(total=0):\n{body2}\n        return total\n\n    return inner\n",
        "await v{n}()()",
    ),
    ("@keep\nasync def u{n}(*args):\n    total = 0\n{body}\n    return total\n", "await u{n}()"),
    ("async def u{n}():\n    total = 0\n{body}\n    yield total\n", "sum([x async for x in u{n}()])"),
]


# How a function that is wrong may use a source that gives a coroutine, and one that gives a plain value.
LOST = [
    ("{e}", "DG102"),
    ("if YES:\n    {e}", "DG102"),
    ("try:\n    {e}\nfinally:\n    pass", "DG102"),
    ("for _ in range(1):\n    {e}", "DG102"),
    ("x = {e} + 1", "DG103"),
    ("return {e}['price']", "DG103"),
    ("return [{e}.price]", "DG103"),
    ("if {e}:\n    return 1", "DG103"),
]
AWAITED = [
    ("await {e}", "DG101"),
    ("x = await {e}", "DG101"),
    ("return await {e}", "DG101"),
    ("return [await {e}, 1]", "DG101"),
    ("if YES:\n    x = await {e} or 1", "DG101"),
    ("x = {e}\nawait x", "DG101"),
    ("try:\n    await {e}\nexcept ValueError as error:\n    print(error)", "DG101"),
    ("await asyncio.gather({e})", "DG106"),
]


def program_of(body: list[str]) -> str:
    """A module with these functions after the helpers."""
    return "\n\n".join([HEAD, HELPERS, *body])


def every_use(number: int) -> str:
    """A module that uses one source in every way there is, in every frame; `main` runs them all."""
    text, expression, gives = SOURCES[number]
    parts = [text.format(n=0)]
    calls = []
    for place, use in enumerate(USES[gives]):
        frame, call = FRAMES[place % len(FRAMES)]
        if not fits(use, frame):
            frame, call = FRAMES[0]
        lines = use.format(e=expression.format(n=0))
        parts.append(frame.format(n=place, body=indent(lines, 1), body2=indent(lines, 2)))
        calls.append(f"    {call.format(n=place)}\n")
    return program_of([*parts, "async def main():\n" + "".join(calls)])


def every_misuse() -> tuple[str, list[tuple[int, str]]]:
    """A module that misuses each open source, and the lines and codes that must be reported."""
    text = program_of([source.format(n=n) for n, (source, _, _) in enumerate(OPEN)]) + "\n"
    expected = []
    count = 0
    for number, (_, form, gives) in enumerate(OPEN):
        expression = form.format(n=number)
        misuses = {"coroutine": LOST, "plain": AWAITED}.get(gives, [])
        if not expression.endswith(")"):
            misuses = [misuse for misuse in misuses if misuse[1] != "DG102"]
        for misuse, code in misuses:
            lines = misuse.format(e=expression)
            first = text.count("\n") + 4
            wrong = max(
                n for n, line in enumerate(lines.split("\n")) if expression in line or "await x" in line
            )
            expected.append((first + wrong, code))
            text += f"\n\nasync def wrong{count}():\n{indent(lines, 1)}\n"
            count += 1
    return text, expected


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Programs of up to six sources and eight functions; `main` runs them all."""
    kinds = draw(st.lists(st.sampled_from(SOURCES), min_size=1, max_size=6))
    parts = [text.format(n=number) for number, (text, _, _) in enumerate(kinds)]
    asked = [(expression.format(n=number), gives) for number, (_, expression, gives) in enumerate(kinds)]
    calls = []
    for number in range(draw(st.integers(1, 8))):
        frame, call = draw(st.sampled_from(FRAMES))
        body = []
        for _ in range(draw(st.integers(1, 4))):
            expression, gives = draw(st.sampled_from(asked))
            use = draw(st.sampled_from([use for use in USES[gives] if fits(use, frame)])).format(e=expression)
            guard = draw(st.sampled_from(["", "", "", "if YES:", "try:", "for _ in (1, 2):"]))
            if guard:
                use = guard + "\n" + indent(use, 1)
            if guard == "try:":
                use += "\nfinally:\n    pass"
            body.append(use)
        lines = "\n".join(body)
        parts.append(frame.format(n=number, body=indent(lines, 1), body2=indent(lines, 2)))
        calls.append(f"    {call.format(n=number)}\n")
    return program_of([*parts, "async def main():\n" + "".join(calls)])


def fits(use: str, frame: str) -> bool:
    """Whether the use may stand there: the name `total` belongs to a parameter in some frames."""
    return not (("nonlocal" in use or "del total" in use) and ("yield" in frame or "total=0" in frame))


def indent(text: str, levels: int) -> str:
    return "\n".join("    " * levels + line if line else line for line in text.split("\n"))
