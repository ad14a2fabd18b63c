"""Folders of the user's that bear the names of our packages: every command works, and the program is theirs."""

import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import WRONG

WAYS = {
    "console script": [str(Path(sysconfig.get_path("scripts"), "diag"))],
    "python -m": [sys.executable, "-m", "diag"],
}
BOT = """\
import diag, lint_rules, probes
from probes.quotes import BEST

print(diag.OWNER, lint_rules.OWNER, probes.OWNER, BEST)
"""
CLIENT = """\
import diag, lint_rules, probes


class Client:
    def __init__(self, *_, **__):
        raise RuntimeError("made of " + diag.OWNER + lint_rules.OWNER + probes.OWNER)
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose folders are called as ours."""
    (tmp_path / ".git").mkdir()
    for name in ("diag", "lint_rules", "probes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("OWNER = 'the user'\n")
    (tmp_path / "probes" / "quotes.py").write_text("BEST = 1\n")
    (tmp_path / "bot.py").write_text(BOT)
    (tmp_path / "client.py").write_text(CLIENT)
    (tmp_path / "wrong.py").write_text(WRONG)
    return tmp_path


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def start(request: pytest.FixtureRequest, project: Path) -> Start:
    """Starts `diag` in the project, with the project on the path."""
    return lambda *arguments: started([*request.param, *arguments], project)


def started(command: list[str], folder: Path) -> "subprocess.Popen[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRVT_", "DIAG_"))}
    return subprocess.Popen(
        command,
        cwd=folder,
        env=kept | {"PYTHONPATH": "."},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    with process:
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_lint(start: Start) -> None:
    code, out, err = ended(start("lint", "-o", "concise", "."))
    assert (code, err) == (1, "")
    assert out.startswith("wrong.py:8:")


@pytest.mark.parametrize(
    "options", [["-X", "dev", "-m", "diag"], ["-u", "-W", "ignore", "-m", "diag"], ["-mdiag"], ["-umdiag"]]
)
def test_options_of_the_interpreter(options: list[str], project: Path) -> None:
    code, out, err = ended(started([sys.executable, *options, "lint", "-o", "concise", "."], project))
    assert (code, err) == (1, "")
    assert out.startswith("wrong.py:8:")


@pytest.mark.parametrize("options", [["-mxmdiag"], ["-m", "xmdiag"], ["-m", "xmdiag", "-m", "diag"]])
def test_another_module_has_the_users_folders(options: list[str], project: Path) -> None:
    (project / "xmdiag.py").write_text(BOT)
    assert ended(started([sys.executable, *options], project)) == (0, "the user the user the user 1\n", "")


def test_rule(start: Start) -> None:
    code, out, err = ended(start("rule", "DG101"))
    assert (code, err) == (0, "")
    assert "await-of-plain-value" in out


def test_probe(start: Start) -> None:
    pytest.importorskip("aiohttp")
    code, out, err = ended(start("probe", "grvt", "--ticker", "ETH", "--samples", "2", "--probe", "bbo"))
    assert (code, err) == (0, ""), out


def test_run_starts_the_program_with_the_users_folders(start: Start) -> None:
    pytest.importorskip("aiohttp")
    code, out, err = ended(start("run", "--python", sys.executable, "--", "python", "bot.py"))
    assert (code, err) == (0, ""), out
    assert "the user the user the user 1" in out


def test_a_client_imports_the_users_folders(start: Start) -> None:
    pytest.importorskip("aiohttp")
    client = ("--python", sys.executable, "--client", "client:Client")
    code, out, err = ended(start("probe", "grvt", "--ticker", "ETH", *client))
    assert code == 3, out
    assert "RuntimeError: made of the userthe userthe user" in err


def test_sim(start: Start) -> None:
    pytest.importorskip("aiohttp")
    process = start("sim", "grvt")
    assert process.stdout is not None
    assert process.stderr is not None
    assert "listens on" in (process.stdout.readline() or process.stderr.read())
    process.send_signal(signal.SIGINT)
    assert ended(process)[0::2] == (0, "")


@pytest.mark.parametrize("files", [("diag.py",), ("diag/__init__.py", "diag/__main__.py")])
def test_a_diag_of_the_users_that_can_be_run_is_run(tmp_path: Path, files: tuple[str, ...]) -> None:
    for name in files:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("if __name__ == '__main__':\n    print('the user')\n")
    done = subprocess.run([*WAYS["python -m"]], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "the user\n"
