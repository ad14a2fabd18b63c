"""Files that are broken, odd or huge: each gets a clear line, and the files beside it keep their findings."""

import json
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from diag.finding import Finding
from diag.lint.checked import Fact
from diag.lint.context import Context
from lint_rules.awaits.dg102_coroutine_never_awaited import CoroutineNeverAwaited

from .conftest import Lint, in_process

GOOD = "async def f():\n    return 1\n\n\nasync def g():\n    f()\n"
AT = 6  # the line of GOOD where a coroutine is dropped


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A file with a defect, whose finding must not get lost."""
    path = tmp_path / "beside.py"
    path.write_text(GOOD)
    return path


BROKEN = {
    "syntax": (b"def f(:\n", "invalid syntax", 1),
    "indentation": (b"def f():\n  x = 1\n y = 2\n", "indent", 3),
    "tabs": (b"if x:\n\ty = 1\n        z = 2\n", "tabs", 3),
    "open_bracket": (b"x = 1\ny = (2,\n", "never closed", 2),
    "open_string": (b"x = 1\ny = 'a\n", "unterminated", 2),
    "python2": (b'x = 1\nprint "hello"\n', "Missing parentheses", 2),
    "merge_conflict": (b"x = 1\n<<<<<<< HEAD\nx = 2\n", "invalid syntax", 2),
    "template": (b"x = {{ cookiecutter.name }}\nclass {{ y }}:\n", "invalid syntax", 2),
    "deep_indentation": (b"".join(b" " * n + b"if x:\n" for n in range(101)), "too many levels", 101),
    "nul": (b"x = 1\ny = '\0'\n", "NUL", 2),
    "nul_only": (b"\0" * 100, "NUL", 1),
    "utf16": ("\ufeffx = 1\n".encode("utf-16-le"), "UTF-16", 1),
    "latin1_unsaid": ("# caf\xe9\n".encode("latin-1"), "utf-8", 1),
    "unknown_codec": (b"# -*- coding: klingon -*-\nx = 1\n", "encoding", 1),
    "not_a_text_codec": (b"# -*- coding: rot13 -*-\nx = 1\n", "encoding", 1),
    "bom_against_cookie": (b"\xef\xbb\xbf# coding: latin-1\nx = 1\n", "encoding", 1),
    "broken_utf8": (b"x = 1\ny = '\xff\xfe'\n", "utf-8", 2),
    "surrogate": (b"x = '\xed\xa0\x80'\n", "utf-8", 1),
    "bad_name": ("x = 1\n\u20ac = 2\n".encode(), "invalid", 2),
    "bad_escape": (rb"x = '\N{no such name}'" + b"\n", "unicode error", 1),
    "form_feed_indent": (b"if x:\n\x0c  y = 1\n   z = 2\n", "indent", 3),
    "huge_int": (b"x = " + b"9" * 5000 + b"\n", "integer", 1),
    "brackets_1000": (b"x = " + b"(" * 1000 + b")" * 1000 + b"\n", "nested parentheses", 1),
    "await_outside": (b"def f(x):\n    return await x\n", "'await' outside async function", 2),
    "async_with_outside": (b"x = 1\nasync with x:\n    pass\n", "outside async function", 2),
    "async_comprehension_outside": (b"def f(x):\n    return [y async for y in x]\n", "asynchronous", 2),
    "yield_from_in_async": (b"async def f(x):\n    yield from x\n", "'yield from'", 2),
    "return_outside": (b"x = 1\nreturn x\n", "'return' outside function", 2),
    "return_in_class": (b"class C:\n    return 1\n", "'return' outside function", 2),
    "yield_outside": (b"yield 1\n", "'yield' outside function", 1),
    "break_outside": (b"if 1:\n    break\n", "'break' outside loop", 2),
    "nonlocal_at_top": (b"nonlocal x\n", "nonlocal", 1),
    "argument_twice": (b"def f(a, a):\n    pass\n", "duplicate argument", 1),
    "future_too_late": (b"x = 1\nfrom __future__ import annotations\n", "__future__", 2),
    "unmatched_1000": (b"x = " + b"[" * 1000 + b"\n", "nested parentheses", 1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_python_is_a_problem_with_its_line(
    name: str, tmp_path: Path, beside: Path, lint: Lint
) -> None:
    raw, word, line = BROKEN[name]
    (tmp_path / "bad.py").write_bytes(raw)

    run = lint(tmp_path)

    assert run.code == 2
    (problem,) = run.report["problems"]
    assert Path(problem["path"]).name == "bad.py"
    assert word.casefold() in problem["message"].casefold()
    assert problem["line"] == line
    assert "\n" not in problem["message"]
    assert run.found == [("beside.py", AT, "DG102")]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads it")
@pytest.mark.parametrize(
    "source", ["def first[T](x: T) -> T:\n    return x\n", "type Price = int\n", "x = f'{'a'}'\n"]
)
def test_newer_syntax_than_that_of_the_running_python(
    source: str, tmp_path: Path, beside: Path, lint: Lint
) -> None:
    (tmp_path / "new.py").write_text(source)

    run = lint(tmp_path)

    assert run.code == 2
    assert list(run.problems) == ["new.py"]
    assert "Python 3." in run.problems["new.py"]  # which one reads it, so that the user can help himself
    assert run.found == [("beside.py", AT, "DG102")]


ODD = {
    "bom": b"\xef\xbb\xbf" + GOOD.encode(),
    "bom_and_cookie": b"\xef\xbb\xbf# coding: utf-8\n" + GOOD.encode()[:-1],
    "crlf": GOOD.replace("\n", "\r\n").encode(),
    "cr": GOOD.replace("\n", "\r").encode(),
    "mixed_ends": GOOD.replace("\n", "\r\n", 2).encode(),
    "no_last_newline": GOOD.rstrip("\n").encode(),
    "form_feeds": GOOD.replace("\n\n\n", "\n\x0c\n\n").encode(),
    "form_feed_in_string": b"x = 'a\x0cb'; y = '\x1c\x1d\x85'\n".replace(b"\x85", b"\xc2\x85")
    + GOOD.encode(),
    "line_separator": "x = 'a\u2028b\u2029c'\n".encode() + GOOD.encode(),
    "latin1": "# coding: latin-1\nx = 'caf\xe9'\n".encode("latin-1") + GOOD.encode(),
    "cookie_second_line": "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\u20ac'\n".encode(
        "cp1252"
    )
    + GOOD.encode(),
    "shift_jis": "# coding: shift_jis\nx = '\u8868'\n".encode("shift_jis") + GOOD.encode(),
    "wide_text_before": b"",
    "tabs": GOOD.replace("    ", "\t").encode(),
    "backslashes": GOOD.replace("    f()", "    f\\\n()").encode(),
    "names": "caf\xe9 = \u5909\u6570 = '\U0001f4b0'\n".encode() + GOOD.encode(),
    "trailing_backslash_comment": GOOD.encode() + b"# end \\",
    "ctrl_z_comment": GOOD.encode() + b"# \x1a\n",
}
ODD["wide_text_before"] = GOOD.replace("    f()", "    '\U0001f4b0\xe9\u5909'; f()").encode()


@pytest.mark.parametrize("name", ODD)
def test_odd_but_valid_files_are_judged(name: str, tmp_path: Path, lint: Lint) -> None:
    raw = ODD[name]
    path = tmp_path / "odd.py"
    path.write_bytes(raw)

    run = lint(path)

    assert run.report["problems"] == []
    (finding,) = run.report["findings"]
    assert finding["code"] == "DG102"
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    (line,) = [number for number, text in enumerate(lines, 1) if b"f()" in text or text.endswith(b"f\\")][-1:]
    assert finding["line"] == line
    column = len(lines[line - 1].decode(errors="replace").rpartition("f")[0]) + 1
    assert finding["column"] == column, "columns count characters"


@pytest.mark.parametrize("raw", [b"", b"\n", b"\xef\xbb\xbf", b"# nothing\n", b"\x0c\n", b"'''doc'''\n"])
def test_files_with_nothing_in_them_are_clean(raw: bytes, tmp_path: Path, lint: Lint) -> None:
    (tmp_path / "empty.py").write_bytes(raw)

    run = lint(tmp_path)

    assert (run.code, run.found, run.problems) == (0, [], {})


def test_an_unreadable_file(tmp_path: Path, beside: Path, lint: Lint) -> None:
    path = tmp_path / "secret.py"
    if os.geteuid():
        path.write_text(GOOD)
        path.chmod(0)
    elif Path("/proc/self/mem").exists():  # this even root cannot read from its start
        path.symlink_to("/proc/self/mem")
    else:
        pytest.skip("root reads everything")

    run = lint(tmp_path)

    assert run.code == 2
    (message,) = run.problems.values()
    assert "cannot be read" in message
    assert run.found == [("beside.py", AT, "DG102")]


def test_links_in_a_circle(tmp_path: Path, beside: Path, lint: Lint) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "pkg" / "self").symlink_to("self")
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")

    run = lint(tmp_path)

    assert run.found == [("beside.py", AT, "DG102")]
    assert run.code == 1


@pytest.mark.parametrize("target", ["loop.py", "gone.py"])
def test_links_that_lead_nowhere(target: str, tmp_path: Path, beside: Path, lint: Lint) -> None:
    (tmp_path / "loop.py").symlink_to(target)

    run = lint(tmp_path)

    assert list(run.problems) == ["loop.py"]
    assert run.code == 2
    assert run.found == [("beside.py", AT, "DG102")]


def test_folders_and_pipes_with_the_name_of_a_file(tmp_path: Path, beside: Path, lint: Lint) -> None:
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "folder.py" / "inner.py").write_text(GOOD)
    os.mkfifo(tmp_path / "pipe.py")

    run = lint(tmp_path)

    assert run.found == [("beside.py", AT, "DG102"), ("inner.py", AT, "DG102")]


def test_a_file_that_shadows_the_standard_library(tmp_path: Path, lint: Lint) -> None:
    for name in (
        "asyncio",
        "typing",
        "logging",
        "builtins",
        "diag",
        "lint_rules",
        "ast",
        "__init__",
        "__main__",
    ):
        (tmp_path / f"{name}.py").write_text(GOOD)

    run = lint(tmp_path)

    assert run.problems == {}
    assert {line for _, line, _ in run.found} == {AT}
    assert len(run.found) == 9


def test_names_that_are_no_modules(tmp_path: Path, lint: Lint) -> None:
    for name in (
        "a-b.py",
        "1.py",
        "x y.py",
        "class.py",
        ".hidden.py",
        "a.b.py",
        "caf\xe9.py",
        "-x.py",
        "..py",
    ):
        (tmp_path / name).write_text(GOOD)

    run = lint(tmp_path)

    assert run.problems == {}
    assert len(run.found) == 9


def test_ten_megabytes(tmp_path: Path, lint: Lint) -> None:
    row = f"    {'x' * 120!r},\n"
    table = "TABLE = [\n" + row * (10_000_000 // len(row) + 1) + "]\n\n\n"
    path = tmp_path / "big.py"
    path.write_text(table + GOOD)
    assert path.stat().st_size > 10_000_000

    started = time.monotonic()
    run = lint(path)

    assert time.monotonic() - started < 20
    assert run.problems == {}
    assert run.found == [("big.py", table.count("\n") + AT, "DG102")]


def _knot(name: str, margin: str, head: str) -> str:
    """Sixteen names, each made of three others, over and over."""
    names = [name.format(n) for n in range(16)]
    lines = head.format(" = ".join(names))
    for n, target in enumerate(names):
        first, second, third = (names[(n + step) % 16] for step in (1, 2, 3))
        lines += f"{margin}    {target} = {first} + {second}\n"
        lines += f"{margin}    {target} = {third}.g({second})\n"
    return lines + f"{margin}    await {names[0]}\n{margin}    {names[1]}()"


DEEP = {
    "plus": "x = " + " + ".join(["1"] * 1000),
    "strings": "x = (" + "\n    + ".join(["'a'"] * 1000) + ")",
    "attributes": "x = a" + ".b" * 1000,
    "calls": "x = a" + ".b()" * 1000,
    "curried": "x = a" + "()" * 1000,
    "subscripts": "x = a" + "[0]" * 1000,
    "and": "x = " + " and ".join(["a"] * 1000),
    "comparisons": "x = " + " < ".join(["a"] * 1000),
    "ternaries": "x = " + "1 if a else " * 1000 + "2",
    "nots": "x = " + "not " * 1000 + "a",
    "minuses": "x = " + "-" * 1000 + "a",
    "powers": "x = " + "**".join(["a"] * 1000),
    "lambdas": "x = " + "lambda: " * 1000 + "1",
    "awaits": "async def h():\n    " + "await (" * 190 + "f()" + ")" * 190,
    "elifs": "if a:\n    pass\n" + "elif a:\n    pass\n" * 1000,
    "lists": "x = " + "[" * 190 + "]" * 190,
    "parentheses": "x = " + "(" * 190 + "1" + ")" * 190,
    "blocks": "".join(" " * n + "if a:\n" for n in range(99)) + " " * 99 + "pass",
    "functions": "".join(" " * n + "def d():\n" for n in range(99)) + " " * 99 + "pass",
    "async_functions": "".join(" " * n + "async def d():\n" for n in range(99)) + " " * 99 + "d()",
    "classes": "".join(" " * n + "class D:\n" for n in range(99)) + " " * 99 + "pass",
    "functions_in_classes": "".join(
        " " * n + ("class D:\n" if n % 2 else "def d(self):\n") for n in range(99)
    )
    + " " * 99
    + "pass",
    "loops": "".join(" " * n + "for i in a:\n" for n in range(20)) + " " * 20 + "pass",
    "comprehension": "x = [i " + "for i in a " * 1000 + "]",
    "targets": "x = " + " = ".join(f"y{n}" for n in range(1000)) + " = 1",
    "star_targets": "(" * 100 + "x" + ",)" * 100 + " = a",
    "patterns": "match a:\n    case " + "[" * 100 + "x" + "]" * 100 + ":\n        pass",
    "or_patterns": "match a:\n    case " + " | ".join(str(n) for n in range(1000)) + ":\n        pass",
    "decorators": "@a\n" * 1000 + "def d():\n    pass",
    "arguments": "a(" + ", ".join(f"k{n}={n}" for n in range(1000)) + ")",
    "parameters": "def d(" + ", ".join(f"k{n}={n}" for n in range(1000)) + "):\n    pass",
    "bases": "class D(" + ", ".join(f"B{n}" for n in range(1000)) + "):\n    pass",
    "dotted_import": "import a" + ".b" * 1000,
    "relative_import": "from " + "." * 1000 + " import a",
    "semicolons": "; ".join(["x = 1"] * 1000),
    "returned_functions": "x = " + "a(" * 190 + ")" * 190,
    "chain_of_classes": "class C0: pass\n" + "\n".join(f"class C{n}(C{n - 1}): pass" for n in range(1, 1000)),
    "chain_of_names": "x0 = f\n" + "\n".join(f"x{n} = x{n - 1}" for n in range(1, 1000)),
    "chain_of_functions": "def c0(): return 1\n"
    + "\n".join(f"def c{n}(): return c{n - 1}()" for n in range(1, 1000)),
    "ring_of_functions": "\n".join(f"def c{n}(): return c{(n + 1) % 1000}()" for n in range(1000)),
    "ring_of_classes": "\n".join(f"class C{n}(C{(n + 1) % 1000}): pass" for n in range(1000)),
    "rebound": "x = f\n" + "x = [x]\n" * 1000,
    "rebound_call": "def w(*a): return a\nx = f\n" + "x = w(x, x)\n" * 1000,
    "doubled": "x = f\n" + "x = (x, x)\n" * 1000,
    "wrapped": "def deco(c):\n    def w(): return c()\n    return w\nx = f\n" + "x = deco(x)\n" * 1000,
    "partials": "from functools import partial\nx = f\n" + "x = partial(x)\n" * 1000,
    "attributes_of_self": "class D:\n    def d(self):\n" + "        self.a = self.a.b\n" * 1000,
    "knot_of_names": _knot("v{}", "    ", "async def d(xs):\n    {0} = xs\n    while xs:\n"),
    "knot_of_attributes": _knot(
        "self.v{}", "        ", "class D:\n    async def d(self, xs):\n        while xs:\n"
    ),
    "knot_of_functions": "\n".join(
        f"def k{n}(a, b):\n    return k{(n + 1) % 20}(b, k{(n + 7) % 20}(a, b)) or k{(n + 3) % 20}(a, a)"
        for n in range(20)
    )
    + "\n\n\nasync def d():\n    await k0(f, f())\n    k1(f, g)\n",
    "knot_of_classes": "\n".join(
        f"class K{n}:\n    def __init__(self, a):\n        self.a = K{(n + 1) % 20}(self)\n"
        f"        self.b = a.b.a or self.a.b\n\n    def k(self):\n        return self.a.k() or self.b.k()"
        for n in range(20)
    )
    + "\n\n\nasync def d():\n    await K0(1).k()\n    K1(2).a.b.k()\n",
    "union": "def d(x: " + " | ".join(f"C{n}" for n in range(1000)) + "): pass",
    "annotation": "def d(x: " + "list[" * 190 + "int" + "]" * 190 + "): pass",
    "quoted_annotation": "def d(x: '" + "list[" * 190 + "int" + "]" * 190 + "'): pass",
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting(name: str, tmp_path: Path, beside: Path, lint: Lint) -> None:
    """What Python can compile is judged, in time; what it cannot is a problem. The other file is safe."""
    source = GOOD + "\n\n" + DEEP[name] + "\n"
    (tmp_path / "deep.py").write_text(source)
    try:
        compile(source, "deep.py", "exec")
    except (SyntaxError, RecursionError, MemoryError):
        compiles = False
    else:
        compiles = True

    started = time.monotonic()
    run = lint(tmp_path)

    assert time.monotonic() - started < 30
    assert ("beside.py", AT, "DG102") in run.found
    if compiles:
        assert run.problems == {}
        assert ("deep.py", AT, "DG102") in run.found
    else:
        assert run.code in (1, 2)
        assert ("deep.py", AT, "DG102") in run.found or list(run.problems) == ["deep.py"]


def test_one_huge_expression(tmp_path: Path, lint: Lint) -> None:
    items = ",\n".join(
        f"    'k{n}': lambda a, b={n}: [a + b, (f, {n}), {{'x': a.b[{n}]}}]" for n in range(3000)
    )
    path = tmp_path / "table.py"
    path.write_text(GOOD + "TABLE = {\n" + items + "\n}\n")

    run = lint(path)

    assert run.problems == {}
    assert run.found == [("table.py", AT, "DG102")]


def test_many_problems_at_once(tmp_path: Path, beside: Path, lint: Lint) -> None:
    for name, (raw, _, _) in BROKEN.items():
        (tmp_path / f"{name}.py").write_bytes(raw)

    run = lint(tmp_path, tmp_path / "nowhere")

    assert run.code == 2
    assert set(run.problems) == {f"{name}.py" for name in BROKEN} | {"nowhere"}
    assert run.found == [("beside.py", AT, "DG102")]


def test_a_crash_in_one_file_is_a_problem_of_that_file(
    tmp_path: Path, beside: Path, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd.py").write_text(GOOD)
    judge = CoroutineNeverAwaited.check

    def breaks(self: CoroutineNeverAwaited, context: Context) -> Iterable[Finding | Fact]:
        if context.module.path is not None and context.module.path.name == "odd.py":
            raise RecursionError("going\nround")
        return judge(self, context)

    monkeypatch.setattr(CoroutineNeverAwaited, "check", breaks)

    code, out, said = in_process(tmp_path)

    assert code == 2
    (problem,) = json.loads(out)["problems"]
    assert Path(problem["path"]).name == "odd.py"
    assert problem["message"].startswith("could not be judged: internal error: RecursionError: going round (")
    assert "please report it" in problem["message"]
    assert [Path(f["path"]).name for f in json.loads(out)["findings"]] == ["beside.py"]
    assert "Traceback" not in said


@pytest.mark.parametrize("body", ["return again(n - 1)", "return other(n)"])
def test_coroutines_that_return_each_other(body: str, tmp_path: Path, lint: Lint) -> None:
    (tmp_path / "loop.py").write_text(
        f"async def again(n):\n    {body}\n\n\nasync def other(n):\n    return again(n)\n\n\n"
        "async def use():\n    return (again(3)).price.last[0]\n"
    )

    run = lint(tmp_path)

    assert not run.problems
    assert ("loop.py", 10, "DG103") in run.found
