"""The texts that are judged: from the disk, from an editor, from a revision of the repository."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from diag.config import ConfigError, Settings
from diag.lint.engine import lint
from diag.model.source.discovery import discover
from diag.model.source.revision import Revision
from diag.model.source.source import DISK, Source, Unsaved
from diag.model.source.text import SourceError, read

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not there")

ASYNC = "async def fetch(symbol):\n    return {'symbol': symbol}\n"
PLAIN = ASYNC.replace("async ", "")
BOT = "from venue import fetch\n\n\nasync def step():\n    fetch('ETH')\n    await fetch('ETH')\n"


def found(tree: Path, source: Source = DISK, *, cache: bool = False) -> list[tuple[str, int, str]]:
    result = lint(Settings((tree,), tree, cache=cache), source=source)
    assert result.problems == ()
    return [(Path(finding.path).name, finding.line, finding.code) for finding in result.findings]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "venue.py").write_text(ASYNC)
    (tmp_path / "bot.py").write_text(BOT)
    (tmp_path / "diag.toml").touch()
    return tmp_path


def test_unsaved_text_is_judged_in_place_of_the_file(tree: Path) -> None:
    assert found(tree) == [("bot.py", 5, "DG102")]
    assert found(tree, Unsaved({tree / "venue.py": PLAIN.encode()})) == [("bot.py", 6, "DG101")]
    assert (tree / "venue.py").read_text() == ASYNC


def test_unsaved_text_of_a_new_file(tree: Path) -> None:
    new = tree / "new.py"
    assert found(tree, Unsaved({new: BOT.encode()})) == [("bot.py", 5, "DG102"), ("new.py", 5, "DG102")]
    (tree / "venue.py").unlink()
    venue = Unsaved({tree / "venue.py": PLAIN.encode()})
    result = lint(Settings((tree / "bot.py",), tree, cache=False), source=venue)
    assert [finding.code for finding in result.findings] == ["DG101"]


def test_unsaved_text_and_the_cache_of_the_saved(tree: Path) -> None:
    plain = Unsaved({tree / "venue.py": PLAIN.encode()})
    for _ in range(2):
        assert found(tree, cache=True) == [("bot.py", 5, "DG102")]
        assert found(tree, plain, cache=True) == [("bot.py", 6, "DG101")]
        assert found(tree, plain, cache=True) == [("bot.py", 6, "DG101")]


def git(tree: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=false")
    subprocess.run(["git", "-C", str(tree), *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tree: Path) -> Path:
    """Two commits; then the working tree differs from both."""
    git(tree, "init", "-q")
    (tree / "pkg with space").mkdir()
    (tree / "pkg with space" / "naïve.py").write_text("x = 1\n")
    (tree / "link.py").symlink_to("bot.py")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "first")
    (tree / "venue.py").write_text(PLAIN)
    (tree / "gone.py").write_text("y = 1\n")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "second")
    (tree / "venue.py").write_text("fetch = None\n")
    (tree / "untracked.py").write_text(BOT)
    (tree / "gone.py").unlink()
    return tree


@needs_git
def test_a_revision_is_judged_as_it_was(repository: Path) -> None:
    with Revision(repository, "HEAD~1") as first, Revision(repository, "HEAD") as second:
        assert found(repository, first) == [("bot.py", 5, "DG102")]
        assert found(repository, second) == [("bot.py", 6, "DG101")]
        assert read(repository / "gone.py", second) == b"y = 1\n"
        with pytest.raises(SourceError, match="cannot be read: No such file"):
            read(repository / "gone.py", first)


@needs_git
def test_the_files_of_a_revision(repository: Path) -> None:
    with Revision(repository / "pkg with space", "HEAD") as source:
        files, problems = discover([repository], root=repository, source=source)
        assert [file.relative_to(repository).as_posix() for file in files] == [
            "bot.py",
            "gone.py",
            "pkg with space/naïve.py",
            "venue.py",
        ]
        assert problems == []
        (problem,) = discover([repository / "untracked.py"], root=repository, source=source)[1]
        assert problem.message == "does not exist"


@needs_git
def test_two_processes_read_a_revision(repository: Path) -> None:
    """Modules that are not judged are read while others are judged, in both processes."""
    for number in range(12):
        (repository / f"lib{number}.py").write_text(PLAIN)
        (repository / f"big{number}.py").write_text(
            f"NOTE = {'x' * 60_000!r}\n{BOT}".replace("venue", f"lib{number}")
        )
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "third")
    for number in range(12):
        (repository / f"lib{number}.py").unlink()
    paths = tuple(repository / f"big{number}.py" for number in range(12))
    with Revision(repository, "HEAD") as source:
        result = lint(Settings(paths, repository, cache=False), source=source)
    assert result.problems == ()
    assert [finding.code for finding in result.findings] == ["DG101"] * 12


@needs_git
def test_what_is_installed_is_read_from_the_disk(repository: Path) -> None:
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = repository / ".venv" / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    (repository / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (packages / "somelib.py").write_text(PLAIN)
    (repository / "bot.py").write_text(BOT.replace("venue", "somelib"))
    git(repository, "add", "bot.py")
    git(repository, "commit", "-qm", "third")
    with Revision(repository, "HEAD") as source:
        settings = Settings((repository / "bot.py",), repository, cache=False, python=repository / ".venv")
        assert [finding.code for finding in lint(settings, source=source).findings] == ["DG101"]


@needs_git
def test_what_is_no_revision_is_said(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("nowhere", "--all", "HEAD:bot.py"):
        with pytest.raises(ConfigError, match=f"no such revision: {name}"):
            Revision(repository, name)
    with pytest.raises(ConfigError, match="not a git repository"):
        Revision(tmp_path_factory.mktemp("plain"), "HEAD")
