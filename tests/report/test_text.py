"""The formats that people read."""

import io
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from diag.lint.result import Result, Statistics
from diag.report import concise, full, summary
from diag.report.style import Line, plain, show, visible
from tests.report.conftest import finding


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def rows(text: str) -> list[str]:
    return text.split("\n")


def test_concise_is_one_line_a_finding(result: Result) -> None:
    assert plain(concise.lines(result)) == (
        "bot/grvt.py:6:18: DG101 await of a plain value, no 6\n"
        "bot/grvt.py:7:9: DG101 await of a plain value, no 7\n"
        "bot/grvt.py:8:29: DG102 100%, never\\x0aawaited: a, b\n"
        "bot/grvt.py:5:5: unknown what is x?\n"
    )


def test_full_shows_the_source_the_chain_the_sites_and_the_help(result: Result) -> None:
    text = plain(full.lines(replace(result, unknown=())))
    assert text.startswith(
        "bot/grvt.py:6:18: DG101 await of a plain value, no 6\n"
        "  |\n"
        "6 |         ticker = await self.rest.fetch_ticker(symbol)\n"
        "  |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  bot/grvt.py:3                         self.rest is GrvtCcxt, made here\n"
        "  /site-packages/pysdk/grvt_ccxt.py:120  a plain def that returns dict\n".replace(" " * 25, " " * 26)
        + "  1 more with the same cause:\n"
        "    bot/grvt.py:7:9  book = await self.rest.fetch_order_book(symbol)\n"
        '      bot/hedge.py:9  hidden by "except Exception"\n'
        "  help: run it in a thread\n"
        "\n"
        "bot/grvt.py:8:29: DG102 "
    )


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


@pytest.mark.parametrize(
    ("line", "column", "end", "expression"),
    [
        (6, 18, 54, "await self.rest.fetch_ticker(symbol)"),
        (7, 9, 49, "await self.rest.fetch_order_book(symbol)"),
        (8, 29, 67, "await self.rest.fetch_order_book(name)"),
    ],
)
def test_the_caret_stands_under_the_expression_through_tabs_and_wide_characters(
    tree: Path, line: int, column: int, end: int, expression: str
) -> None:
    site = finding(line, column, end, chain=(), cause="")
    source, carets = rows(plain(full.lines(Result(findings=(site,)))))[2:4]
    assert expression in source
    before = source[: source.index(expression)]
    assert len(carets) - len(carets.lstrip(" |")) == width(before)
    assert carets.count("^") == width(expression)


def test_an_expression_of_several_lines_is_underlined_to_the_end_of_its_first(tree: Path) -> None:
    site = finding(6, 18, 3, end_line=8, chain=(), cause="")
    source, carets = rows(plain(full.lines(Result(findings=(site,)))))[2:4]
    assert len(carets) == len(source)
    assert carets.endswith("^")


def test_a_very_long_line_is_cut_around_the_expression(tree: Path) -> None:
    (tree / "bot/grvt.py").write_text("x = '" + "a" * 5000 + "'; await f()  # " + "b" * 5000 + "\n")
    site = finding(1, 5009, 5018, chain=(), cause="")
    source, carets = rows(plain(full.lines(Result(findings=(site,)))))[2:4]
    assert len(source) < 200
    assert source[carets.index("^") : carets.rindex("^") + 1] == "await f()"


@pytest.mark.parametrize("path", ["bot/gone.py", "bot"])
def test_without_its_source_a_finding_is_shown_all_the_same(tree: Path, path: str) -> None:
    site = finding(6, 1, 5, path=path, chain=(), cause="")
    assert (
        plain(full.lines(Result(findings=(site,)))) == f"{path}:6:1: DG101 await of a plain value, no 6\n\n"
    )


def test_what_would_play_tricks_on_a_terminal_is_escaped(tree: Path) -> None:
    (tree / "bot/grvt.py").write_text("x = '\x1b[2J\u202e'\n")
    text = plain(full.lines(Result(findings=(finding(1, 5, 11, chain=(), cause=""),))))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "x = '\\x1b[2J\\u202e'" in text
    assert visible("a\tb") == "a    b"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, "Found 3 problems in 1 file (1 suppressed)\n2 paths could not be judged\n"),
        ({"problems": (), "suppressed": ()}, "Found 3 problems in 1 file\n"),
        ({"problems": (), "findings": ()}, "No problems in 2 files (1 suppressed)\n"),
        ({"problems": (), "findings": (finding(1, 1, 2),)}, "Found 1 problem in 1 file (1 suppressed)\n"),
    ],
)
def test_the_summary(result: Result, change: dict[str, object], text: str) -> None:
    assert plain(summary.lines(replace(result, **change))) == text  # type: ignore[arg-type]


def test_what_could_not_be_judged_is_said_with_its_line(result: Result) -> None:
    assert plain(summary.problems(result)) == (
        "diag: error: bot/bad.py:4: is not valid utf-8\ndiag: error: gone: does not exist\n"
    )


def test_statistics_give_the_share_of_sites_that_were_resolved(result: Result) -> None:
    text = plain(summary.statistics(result.statistics))
    assert rows(text)[0] == "files: 2"
    (awaits,) = [row.split() for row in rows(text) if row.startswith("awaits")]
    assert awaits == ["awaits", "7", "2", "1", "90.0", "%"]
    assert "100.0 %" not in plain(summary.statistics(Statistics()))


def everything(result: Result) -> list[Line]:
    return [*full.lines(result), *concise.lines(result), *summary.lines(result)]


def test_on_a_terminal_the_same_text_has_colour(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.text import Text

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "40")  # narrower than the lines: they must not be wrapped
    stream = Terminal()
    show(everything(result), stream)
    assert "\x1b[1;31mDG101\x1b[0m" in stream.getvalue()
    assert re.search(r"\x1b\[31m *\^\^\^\^+\x1b\[0m", stream.getvalue())
    assert Text.from_ansi(stream.getvalue()).plain.rstrip() == plain(everything(result)).rstrip()


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_without_colour(
    result: Result, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    stream = Terminal()
    show(everything(result), stream)
    assert stream.getvalue() == plain(everything(result))


def test_markup_in_source_is_shown_as_it_is(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    (tree / "bot/grvt.py").write_text("x = '[red]a[/red] :smile:'\n")
    stream = Terminal()
    show(full.lines(Result(findings=(finding(1, 1, 2, chain=(), cause=""),))), stream)
    assert "[red]a[/red] :smile:" in stream.getvalue()
