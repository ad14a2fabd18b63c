"""Bad input of every kind: one line that says what and where, exit code 2, nothing overwritten."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import RIGHT, WRONG

DIAG = [sys.executable, "-c", "import sys, exchange_diag; sys.exit(exchange_diag.main())"]
SCENARIO = 'about = "x"\nexpects = "success"\n'
ADAPTER = "class Adapter: pass\n"
PROBE = ["probe", "grvt", "--ticker", "ETH"]
RUN = ["run"]
BOT = ["--", "python", "bot.py"]
LONG = "x" * 5000


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "KEY" not in name and name != "DIAG_DEBUG"}
    return kept | more


def diag(
    folder: Path, *argv: str, timeout: float = 60, **streams: object
) -> subprocess.CompletedProcess[str]:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL} | streams
    return subprocess.run(
        [*DIAG, *argv], cwd=folder, env=environment(), text=True, timeout=timeout, check=False, **streams
    )  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a file of each kind that is wrong."""
    (tmp_path / ".git").mkdir()
    for name, text in {
        "bot.py": RIGHT,
        "wrong.py": WRONG,
        "my.env": "A=1\n",
        "mine.toml": SCENARIO,
        "adapter.py": ADAPTER,
        "nan.toml": SCENARIO + "[latency]\ndefault = { ms = nan }\n",
        "inf.toml": SCENARIO + "[dynamics]\nvolatility_bps = inf\n",
        "unknown.toml": SCENARIO + "[dynamics]\nvolatilty = 1\n",
        "unknown_top.toml": SCENARIO + "[dynamik]\nx = 1\n",
        "deep.toml": SCENARIO + "x = " + "[" * 5000 + "]" * 5000 + "\n",
    }.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "latin.toml").write_bytes(b'about = "M\xfcller"\n')
    (tmp_path / "latin.env").write_bytes(b"A=M\xfcller\n")
    (tmp_path / "latin.py").write_bytes(b'x = "M\xfcller"\n')
    (tmp_path / "nul.env").write_bytes(b"A=x\0y\n")
    (tmp_path / "nul.toml").write_bytes(SCENARIO.encode() + b"\0")
    (tmp_path / "nul.py").write_bytes(b"x = 1\0\n")
    for name in ("pipe", "pipe.toml", "pipe.env", "pipe.py"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.py").write_text(RIGHT)
    return tmp_path


TABLE: list[tuple[list[str], str]] = [
    # numbers that are none
    ([*RUN, "--timeout", "nan", *BOT], "--timeout"),
    ([*RUN, "--timeout", "inf", *BOT], "--timeout"),
    ([*RUN, "--stall-ms", "nan", *BOT], "--stall-ms"),
    ([*RUN, "--stall-ms", "-inf", *BOT], "--stall-ms"),
    ([*RUN, "--bound", "stall-share=nan", *BOT], "--bound"),
    ([*PROBE, "--duration", "nan"], "--duration"),
    ([*PROBE, "--duration", "inf"], "--duration"),
    ([*PROBE, "--size", "nan"], "--size"),
    ([*PROBE, "--size", "1e400"], "--size"),
    ([*PROBE, "--samples", "0"], "--samples"),
    ([*PROBE, "--samples", "nan"], "--samples"),
    ([*PROBE, "--scenario", "./nan.toml"], "nan.toml"),
    ([*PROBE, "--scenario", "./inf.toml"], "inf.toml"),
    # keys that nobody knows
    ([*PROBE, "--scenario", "unknown.toml"], "unknown key"),
    ([*PROBE, "--scenario", "unknown_top.toml"], "unknown key"),
    # files that are no text, or no files
    ([*PROBE, "--scenario", "latin.toml"], "is not UTF-8"),
    ([*PROBE, "--scenario", "nul.toml"], "not valid TOML"),
    ([*PROBE, "--scenario", "deep.toml"], "deep.toml"),
    ([*PROBE, "--scenario", "pipe.toml"], "is not a file"),
    ([*PROBE, "--scenario", "./folder"], "is not a file"),
    ([*PROBE, "--scenario", LONG + ".toml"], "name too long"),
    ([*RUN, "--env-file", "latin.env", *BOT], "is not UTF-8"),
    ([*RUN, "--env-file", "nul.env", *BOT], "NUL byte"),
    ([*RUN, "--env-file", "pipe.env", *BOT], "not a file"),
    ([*RUN, "--env-file", "folder", *BOT], "not a file"),
    ([*RUN, "--env-file", LONG, *BOT], "no such file"),
    ([*RUN, "--record", LONG, *BOT], "name too long"),
    ([*RUN, "--record", "bot.py", *BOT], "is not a folder"),
    ([*RUN, "--record", "pipe", *BOT], "is not a folder"),
    ([*PROBE, "--client", "x:Y", "--adapter", "pipe.py"], "no such file"),
    ([*PROBE, "--client", "x:Y", "--adapter", "latin.py"], "is not UTF-8"),
    (["lint", "pipe.py"], "pipe.py"),
    (["lint", "nul.py"], "nul.py"),
    (["lint", LONG + ".py"], "oo long"),
    (["lint", "latin.py"], "latin.py"),
    # options without the one they belong to
    ([*RUN, "--scenario", "calm", *BOT], "--scenario"),
    ([*RUN, "--seed", "2", *BOT], "--seed"),
    ([*RUN, "--allow-real-credentials", *BOT], "--allow-real-credentials"),
    ([*PROBE, "--adapter", "adapter.py"], "--client"),
    ([*PROBE, "--python", sys.executable], "--client"),
    ([*PROBE, "--allow-real-credentials"], "--client"),
    ([*PROBE, "--yes"], "--arm-orders"),
    ([*PROBE, "--arm-orders"], "--arm-orders"),
    ([*PROBE, "--max-notional", "5"], "--max-notional"),
    # reports over what is read, or over what is no report
    (["lint", "bot.py", "-o", "json:bot.py"], "bot.py"),
    (["lint", "folder", "-o", "json:folder/a.py"], "a.py"),
    (["lint", "bot.py", "-o", "json:wrong.py"], "wrong.py"),
    (["lint", "bot.py", "-o", "json:pipe"], "pipe is not a file"),
    (["lint", "bot.py", "-o", "json:folder"], "folder"),
    ([*RUN, "-o", "json:bot.py", *BOT], "bot.py"),
    ([*RUN, "-o", "json:./my.env", "--env-file", "my.env", *BOT], "my.env"),
    ([*RUN, "-o", "json:rec/events.jsonl", "--record", "rec", *BOT], "events.jsonl"),
    ([*PROBE, "--scenario", "mine.toml", "-o", "junit:mine.toml"], "mine.toml"),
    ([*PROBE, "-o", "junit:pipe"], "pipe is not a file"),
    (["sim", "grvt", "--scenario", "pipe.toml"], "is not a file"),
]  # fmt: skip


def content(folder: Path) -> dict[str, bytes]:
    files = [
        path for path in folder.rglob("*") if path.is_file() and ".diag" not in str(path.relative_to(folder))
    ]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize(("argv", "said"), TABLE, ids=[" ".join(argv)[:60] for argv, _ in TABLE])
def test_it_is_one_line_and_exit_code_2_and_nothing_is_overwritten(
    project: Path, argv: list[str], said: str
) -> None:
    before = content(project)
    done = diag(project, *argv)
    lines = [line for line in done.stderr.splitlines() if "error" in line]
    assert done.returncode == 2, done.stderr
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("diag: error: ")
    assert "internal error" not in lines[0]
    assert said in lines[0]
    assert len(lines[0]) < 11_000
    assert {name: text for name, text in content(project).items() if name in before} == before


@pytest.mark.parametrize("argv", [["lint", "bot.py"], ["rule"], ["--version"], [*RUN, *BOT]])
def test_a_full_stdout_is_said(project: Path, argv: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = diag(project, *argv, stdout=full)
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if "error" in line]
    assert errors == ["diag: error: stdout cannot be written: No space left on device"]


@pytest.mark.parametrize("argv", [["lint", "wrong.py"], ["rule"], [*RUN, *BOT]])
def test_a_closed_stdout_is_said(project: Path, argv: list[str]) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" "$@" >&-', *DIAG, *argv],
        cwd=project,
        env=environment(),
        stderr=subprocess.PIPE,
    )
    assert (done.returncode, done.stderr) == (2, b"diag: error: stdout is closed; lead it somewhere\n")


@pytest.mark.parametrize("end", ["2>&-", "2>/dev/full"])
def test_without_stderr_the_exit_code_stays(project: Path, end: str) -> None:
    for argv, code in (
        (["lint", "wrong.py"], 1),
        (["lint", "nope.py"], 2),
        (["lint", "bot.py"], 0),
        ([*RUN, *BOT], 0),
    ):
        done = subprocess.run(
            ["/bin/sh", "-c", f'exec "$0" "$@" {end}', *DIAG, *argv],
            cwd=project,
            env=environment(),
            stdout=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == code, argv


@pytest.mark.parametrize("argv", [["lint", "."], ["rule"], [*PROBE], [*RUN, *BOT]])
def test_a_working_directory_that_is_gone_is_said(tmp_path: Path, argv: list[str]) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["/bin/sh", "-c", 'rmdir "$PWD"; exec "$0" "$@"', *DIAG, *argv],
        cwd=gone,
        env=environment(),
        capture_output=True,
    )
    assert done.returncode == 2
    assert done.stderr == b"diag: error: the working directory is gone; change to one that is there\n"


@pytest.mark.parametrize("argv", [["lint", "bot\0.py"], [*RUN, "--", "python", "a\0b"]])
def test_a_nul_byte_in_an_argument_is_said(diag: Callable[..., object], argv: list[str]) -> None:
    code, _, said = diag(*argv)  # type: ignore[misc]
    assert (code, said) == (2, "diag: error: an argument holds a NUL byte\n")


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.05, 0.1, 0.2, 0.3])
def test_an_interrupt_in_the_first_moments_is_one_line(project: Path, after_s: float) -> None:
    """Counted from our first line: what Python does before is not ours."""
    ours, theirs = socket.socketpair()
    code = (
        f"import os, sys, exchange_diag; claim = exchange_diag.claim_packages\n"
        f"exchange_diag.claim_packages = lambda: (os.write({theirs.fileno()}, b'!'), claim())\n"
        "sys.exit(exchange_diag.main())"
    )
    with ours, theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *RUN, "--", "python", "-c", "import time; time.sleep(20)"],
            cwd=project,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=[theirs.fileno()],
        )
        ours.recv(1)
        time.sleep(after_s)  # the moment is what is tested
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert "Traceback" not in said or "time.sleep(20)" in said  # that of the program itself
    assert process.returncode in (1, 130, 2, 3, -signal.SIGINT)
