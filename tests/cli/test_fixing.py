"""Fixes on disk and as a patch, for findings made by hand."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from diag.cli import fixing
from diag.finding import Edit, Finding, Fix, Safety
from diag.lint.result import Result


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def replacing(line: int, old: str, new: str, *, safety: Safety = "safe", path: str = "a.py") -> Finding:
    """A finding whose fix puts `new` in the place of the first `old` characters of a line."""
    edit = Edit(line, 1, line, 1 + len(old), new)
    return Finding("DG101", path, line, 1, line, 2, "m", fix=Fix("fix", (edit,), safety))


def never() -> Result:
    raise AssertionError("nothing was written, so that there is nothing to judge anew")


def test_fixes_are_applied_and_the_tree_is_judged_anew() -> None:
    Path("a.py").write_text("one = 1\ntwo = 2\n")
    found = Result(findings=(replacing(1, "one", "eins"), replacing(2, "two", "zwei")))
    result, applied, problems = fixing.apply(found, Result)
    assert (result, applied, problems) == (Result(), 2, [])
    assert Path("a.py").read_text() == "eins = 1\nzwei = 2\n"


def test_fixes_that_touch_go_in_one_round_after_the_other() -> None:
    Path("a.py").write_text("one = 1\n")
    first = Result(findings=(replacing(1, "one", "two"), replacing(1, "one = 1", "three = 3")))
    rounds = [Result(findings=(replacing(1, "two", "four"),)), Result()]
    result, applied, _ = fixing.apply(first, lambda: rounds.pop(0))
    assert (result, applied, rounds) == (Result(), 2, [])
    assert Path("a.py").read_text().startswith("four")


def test_fixes_that_undo_each_other_end() -> None:
    Path("a.py").write_text("one = 1\n")
    to = {"one": "two", "two": "one"}

    def judge() -> Result:
        name = Path("a.py").read_text()[:3]
        return Result(findings=(replacing(1, name, to[name]),))

    _, applied, _ = fixing.apply(judge(), judge)
    assert applied == fixing.ROUNDS


def test_unsafe_fixes_are_left_alone() -> None:
    Path("a.py").write_text("one = 1\n")
    found = Result(findings=(replacing(1, "one", "two", safety="unsafe"),))
    assert fixing.apply(found, never) == (found, 0, [])
    assert fixing.preview(found) == ("", [])


def test_a_fix_that_would_break_the_file_is_refused() -> None:
    Path("a.py").write_text("one = 1\n")
    found = Result(findings=(replacing(1, "one", "def"),))
    for problems in (fixing.apply(found, never)[2], fixing.preview(found)[1]):
        (problem,) = problems
        assert problem.path == "a.py"
        assert "not be valid Python" in problem.message
    assert Path("a.py").read_text() == "one = 1\n"


def test_a_character_that_the_encoding_lacks_is_refused() -> None:
    Path("a.py").write_bytes(b"# coding: ascii\none = 1\n")
    (problem,) = fixing.apply(Result(findings=(replacing(2, "one", "é"),)), never)[2]
    assert "ascii" in problem.message


def forbid_writing(path: Path) -> None:
    path.chmod(0o444)


def take_away(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    "spoil", [pytest.param(forbid_writing, id="read-only"), pytest.param(take_away, id="gone")]
)
def test_what_cannot_be_written_is_a_problem_and_the_rest_is_fixed(spoil: Callable[[Path], None]) -> None:
    if spoil is forbid_writing and os.geteuid() == 0:
        pytest.skip("root writes everything")
    for name in ("a.py", "b.py"):
        Path(name).write_text("one = 1\n")
    spoil(Path("a.py"))
    found = Result(findings=(replacing(1, "one", "two"), replacing(1, "one", "two", path="b.py")))
    _, applied, problems = fixing.apply(found, Result)
    assert applied == 1
    assert [problem.path for problem in problems] == ["a.py"]
    assert Path("b.py").read_text() == "two = 1\n"


def test_the_patch_names_each_file_and_changes_none() -> None:
    for name in ("a.py", "b.py"):
        Path(name).write_text("one = 1\n")
    patch, problems = fixing.preview(
        Result(findings=(replacing(1, "one", "two"), replacing(1, "one", "two", path="b.py")))
    )
    assert problems == []
    assert patch.count("-one = 1\n+two = 1\n") == 2
    assert "--- a.py" in patch
    assert "--- b.py" in patch
    assert Path("a.py").read_text() == "one = 1\n"
