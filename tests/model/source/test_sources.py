import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.model.source.discovery import discover
from diag.model.source.globs import Globs
from diag.model.source.text import SourceError, decode, encoding, read, split_lines


def tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")


def found(root: Path, *paths: str, exclude: tuple[str, ...] = ()) -> list[str]:
    files, problems = discover([root / path for path in paths or (".",)], root=root, exclude=exclude)
    assert problems == []
    return [file.relative_to(root).as_posix() for file in files]


def said(root: Path, path: str) -> str:
    files, problems = discover([root / path], root=root)
    assert files == []
    (problem,) = problems
    assert problem.path == (root / path).as_posix()
    return problem.message


def test_folders_are_searched_for_python_only_in_stable_order(tmp_path: Path) -> None:
    tree(tmp_path, "b.py", "a.py", "a/z.py", "a/note.txt", "c/d/e.py", "x.pyi", "n.ipynb")
    assert found(tmp_path) == ["a/z.py", "a.py", "b.py", "c/d/e.py"]


def test_environments_and_caches_are_left_out_unless_given(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "env/pyvenv.cfg", "env/lib/x.py", "node_modules/y.py", "__pycache__/z.py")
    tree(tmp_path, ".git/hook.py", ".diag_cache/c.py", "conda/conda-meta/h.json", "conda/w.py")
    assert found(tmp_path) == ["a.py"]
    assert found(tmp_path, "env") == ["env/lib/x.py"]


def test_a_file_given_by_name_is_taken_whatever_its_suffix_or_patterns(tmp_path: Path) -> None:
    tree(tmp_path, "tool", "gen.py")
    (tmp_path / ".gitignore").write_text("gen.py\n")
    assert found(tmp_path, "tool", "gen.py") == ["gen.py", "tool"]


def test_each_file_once_however_it_is_named(tmp_path: Path) -> None:
    tree(tmp_path, "pkg/a.py", "pkg/sub/b.py")
    assert found(tmp_path, "pkg/sub", "pkg", "pkg/a.py", "pkg/../pkg/sub/b.py") == [
        "pkg/a.py",
        "pkg/sub/b.py",
    ]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nope", "does not exist"),
        ("empty", "holds no Python files"),
        ("book.ipynb", "notebook"),
        ("pipe", "neither a file nor a folder"),
    ],
)
def test_what_cannot_be_judged_is_a_problem(tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "book.ipynb").write_text("{}")
    os.mkfifo(tmp_path / "pipe")
    assert message in said(tmp_path, path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_folder_is_a_problem(tmp_path: Path) -> None:
    tree(tmp_path, "shut/a.py")
    (tmp_path / "shut").chmod(0)
    try:
        assert "cannot be read" in said(tmp_path, "shut")
    finally:
        (tmp_path / "shut").chmod(0o700)


def test_links_are_followed_once_and_loops_end(tmp_path: Path) -> None:
    tree(tmp_path, "pkg/a.py")
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    tree(outside, "o.py")
    (tmp_path / "pkg/loop").symlink_to(tmp_path)
    (tmp_path / "pkg/again.py").symlink_to("a.py")
    (tmp_path / "alias").symlink_to("pkg")
    (tmp_path / "out").symlink_to(outside)
    (tmp_path / ".#lock.py").symlink_to("user@host.123")
    assert found(tmp_path) == ["out/o.py", "pkg/a.py"]


def test_a_broken_link_is_a_problem(tmp_path: Path) -> None:
    tree(tmp_path, "a.py")
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    (tmp_path / "self.py").symlink_to("self.py")
    files, problems = discover([tmp_path], root=tmp_path)
    assert [file.name for file in files] == ["a.py"]
    assert [(Path(problem.path).name, problem.message) for problem in problems] == [
        ("gone.py", "is a link to nothing that can be read"),
        ("self.py", "is a link to nothing that can be read"),
    ]


def test_ignore_files_hold_at_every_level(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "build/b.py", "pkg/build/c.py", "pkg/gen_x.py", "pkg/gen_keep.py", "pkg/sub/d.py")
    tree(tmp_path, "hidden/e.py", "pkg/deep/er/f.py", ".git/info/x")
    (tmp_path / ".gitignore").write_text("# comment\n/build/\ngen_*.py\n\n")
    (tmp_path / "pkg/.gitignore").write_text("!gen_keep.py\nsub\ndeep/**/f.py\n")
    (tmp_path / ".git/info/exclude").write_text("hidden\n")
    assert found(tmp_path) == ["a.py", "pkg/build/c.py", "pkg/gen_keep.py"]
    assert found(tmp_path, "pkg") == ["pkg/build/c.py", "pkg/gen_keep.py"]


def test_a_folder_that_is_ignored_is_searched_when_given(tmp_path: Path) -> None:
    tree(tmp_path, "corpus/a.py", "corpus/b.py", ".git/HEAD")
    (tmp_path / ".gitignore").write_text("corpus/\n")
    (tmp_path / "corpus/.gitignore").write_text("b.py\n")
    assert found(tmp_path, "corpus") == ["corpus/a.py"]


def test_exclude_counts_from_the_root(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "tests/b.py", "pkg/tests/c.py", "pkg/d_pb2.py")
    assert found(tmp_path, exclude=("/tests", "*_pb2.py")) == ["a.py", "pkg/tests/c.py"]


PARTS = [
    "a",
    "b.py",
    "ab",
    "c.log",
    "*",
    "**",
    "?b",
    "*.py",
    "[ab]",
    "[!c]b",
    "a*",
    r"\[ab]",
    "[]b]*",
    "b.py ",
]
patterns = st.lists(
    st.builds(
        lambda negate, lead, parts, tail: negate + lead + "/".join(parts) + tail,
        st.sampled_from(["", "", "!"]),
        st.sampled_from(["", "", "/"]),
        st.lists(st.sampled_from(PARTS), min_size=1, max_size=3),
        st.sampled_from(["", "", "/"]),
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not there to ask")
def test_patterns_decide_as_git_does(tmp_path: Path) -> None:
    """Git itself is the oracle."""
    files = ["a/b.py", "b.py", "ab/a/c.log", "ab/b.py", "c.log", "a/ab/b.py", "ab/ab/ab/b.py", "[ab]"]
    tree(tmp_path, *files)
    subprocess.run(["git", "init", "-q", tmp_path], check=True, capture_output=True)

    @settings(deadline=None, max_examples=150)
    @given(patterns)
    def check(lines: list[str]) -> None:
        (tmp_path / ".gitignore").write_text("\n".join(lines) + "\n")
        asked = subprocess.run(
            ["git", "-c", "core.excludesFile=/dev/null", "check-ignore", "--no-index", *files],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        ignored = set(asked.stdout.split("\n")) - {""}
        globs = Globs(lines, tmp_path.as_posix())
        ours = {file for file in files if globs.matches(f"{tmp_path.as_posix()}/{file}")}
        assert ours == ignored

    check()


@pytest.mark.parametrize(
    ("raw", "name", "text"),
    [
        (b"x = 1\r\n", "utf-8", "x = 1\r\n"),
        ("\ufeffé = 1\n".encode(), "utf-8-sig", "é = 1\n"),
        ("# -*- coding: latin-1 -*-\né\n".encode("latin-1"), "iso-8859-1", "# -*- coding: latin-1 -*-\né\n"),
        ("#!x\n# vim: set fileencoding=cp1252 :\n€\n".encode("cp1252"), "cp1252", None),
        (b"# nothing about encoding here\n", "utf-8", None),
        (b"", "utf-8", ""),
    ],
)
def test_text_is_decoded_as_python_does_and_goes_back_as_it_was(
    raw: bytes, name: str, text: str | None
) -> None:
    assert encoding(raw) == name
    assert decode(raw).encode(name) == raw
    if text is not None:
        assert decode(raw) == text


@pytest.mark.parametrize(
    ("raw", "line", "message"),
    [
        (b"a\n\xff\xe9\n", 2, "not valid utf-8"),
        (b"a\r\n\rb\0\n", 3, "NUL"),
        (b"# coding: no-such-thing\n", 1, "encoding that cannot be used"),
        (b"# coding: rot13\nk = 1\n", 1, "encoding that cannot be used"),
        (b"\xef\xbb\xbf# coding: latin-1\n", 1, "encoding that cannot be used"),
        ("a = 1\n".encode("utf-16"), 1, "UTF-16"),
        (b"# coding: ascii\n\n\xe9\n", 3, "not valid ascii"),
    ],
)
def test_text_that_python_refuses_is_refused_with_the_line(raw: bytes, line: int, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        decode(raw, "some/path.py")
    problem = caught.value.problem
    assert (problem.path, problem.line) == ("some/path.py", line)
    assert message in problem.message


@given(st.binary(max_size=60))
def test_decoding_gives_text_or_one_clear_problem(raw: bytes) -> None:
    problem = None
    try:
        text = decode(raw, "p")
    except SourceError as error:
        problem = error.problem
        text = ""
    assert "\0" not in text
    assert problem is None or (problem.path == "p" and "\n" not in problem.message)


def test_reading_what_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read(tmp_path / "gone.py")


def test_lines_end_as_python_ends_them() -> None:
    assert split_lines("a\r\nb\rc\nd\x0ce\u2028f") == ["a", "b", "c", "d\x0ce\u2028f"]
