"""Wrong usage, help, errors that are ours, and what a start-up may import."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import diag as package
from diag.cli import main
from diag.lint import engine
from tests.cli.conftest import RIGHT, WRONG, Run, write

Diag = Callable[..., Run]


def test_version(diag: Diag) -> None:
    assert diag("--version") == (0, f"diag {package.__version__}\n", "")


@pytest.mark.parametrize("argv", [(), ("--help",), ("-h",)])
def test_help_names_the_commands(diag: Diag, argv: tuple[str, ...]) -> None:
    done = diag(*argv)
    assert (done.code, done.err) == (0, "")
    assert "lint" in done.out
    assert "rule" in done.out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["lint"], "Missing argument 'PATH'"),
        (["lnt", "."], "No such command 'lnt'"),
        (["lint", "--foo", "."], "No such option: --foo"),
        (["lint", "--select"], "--select"),
        (["lint", "--select", "DG1O1", "bot.py"], 'unknown rule code "DG1O1" (did you mean "DG101"?)'),
        (["lint", "--ignore", "XX", "bot.py"], 'unknown rule code "XX"'),
        (["lint", "--python", "nowhere", "bot.py"], "--python: nowhere does not exist"),
        (["lint", "--python", ".", "bot.py"], "is not a Python environment or interpreter"),
        (["lint", "-o", "jsn", "bot.py"], 'unknown format "jsn" (did you mean "json"?)'),
        (["lint", "-o", "zzz", "bot.py"], "known are full, concise, json, github, sarif"),
        (["lint", "-o", "json:", "bot.py"], '"json:" names no file'),
        (
            ["lint", "-o", "json", "-o", "full", "bot.py"],
            "json and full would both go to stdout; write full:FILE",
        ),
        (["lint", "-o", "json:a", "-o", "sarif:a", "bot.py"], "two reports would go to a"),
        (["lint", "--diff", "-o", "json", "bot.py"], "--diff writes the patch to stdout"),
        (["lint", "--fix", "--diff", "bot.py"], "give one of them"),
        (["lint", "-o", "json:no/such/folder/a", "bot.py"], "no/such/folder/a cannot be written"),
        (["lint", "nope.py"], "nope.py: does not exist"),
        (["lint", "empty"], "empty: holds no Python files"),
        (["rule", "DG1O1"], 'unknown rule code "DG1O1" (did you mean "DG101"?)'),
        (["rule", "DG101", "DG102"], "unexpected extra argument"),
    ],
)
def test_wrong_usage_is_one_clear_line_and_exit_code_2(diag: Diag, argv: list[str], said: str) -> None:
    write({"bot.py": RIGHT})
    Path("empty").mkdir()
    done = diag(*argv)
    assert done.code == 2
    (line,) = [line for line in done.err.splitlines() if "error" in line]
    assert line.startswith("diag: error: ")
    assert said in line
    assert "Traceback" not in done.err


def test_every_mistake_of_a_configuration_is_said_at_once(diag: Diag) -> None:
    write({"bot.py": RIGHT, "diag.toml": 'selekt = []\nignore = ["DG1O1"]\n'})
    done = diag("lint", "bot.py")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        'diag: error: diag.toml: unknown key "selekt" (did you mean "select"?)\n'
        'diag: error: diag.toml: ignore: unknown rule code "DG1O1" (did you mean "DG101"?)\n'
    )


def fails(*_: object, **__: object) -> None:
    raise KeyError("no such\nthing")


def test_an_error_of_ours_is_one_line_that_says_what_to_do(
    diag: Diag, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"bot.py": RIGHT})
    monkeypatch.setattr(engine, "lint", fails)
    done = diag("lint", "bot.py")
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert line.startswith("diag: error: internal error: KeyError: ")
    assert "test_usage.py:" in line
    assert "DIAG_DEBUG=1" in line


def test_an_error_of_ours_has_its_traceback_when_asked(diag: Diag, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"bot.py": RIGHT})
    monkeypatch.setattr(engine, "lint", fails)
    monkeypatch.setenv("DIAG_DEBUG", "1")
    with pytest.raises(KeyError):
        diag("lint", "bot.py")


def test_an_interrupt_ends_quietly(diag: Diag, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    write({"bot.py": RIGHT})
    monkeypatch.setattr(engine, "lint", interrupted)
    assert diag("lint", "bot.py")[0::2] == (130, "diag: interrupted\n")


def imported(folder: Path, *argv: str) -> tuple[int, set[str]]:
    """The exit code, and the modules that a run of its own has imported."""
    code = (
        f"import sys; from diag.cli import main; code = main({list(argv)!r}); "
        "print(code, *sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )
    code_text, *modules = done.stderr.splitlines()[-1].split()
    return int(code_text), {module.partition(".")[0] for module in modules} | set(modules)


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("DIAG_DEBUG", "VIRTUAL_ENV")}


HEAVY = {"pydantic", "rich", "libcst", "typeshed_client.parser", "importlib.metadata", "jsonschema"}


def test_a_start_imports_no_more_than_it_uses(tmp_path: Path) -> None:
    code, modules = imported(tmp_path, "--version")
    assert code == 0
    assert not modules & (HEAVY | {"diag.lint.engine", "diag.model.source.text", "json"})


def test_a_clean_tree_never_pays_for_concrete_syntax_or_colour(tmp_path: Path) -> None:
    (tmp_path / "bot.py").write_text(RIGHT)
    code, modules = imported(tmp_path, "lint", "bot.py")
    assert code == 0
    assert "diag.lint.engine" in modules
    assert not modules & {"pydantic", "rich", "libcst"}


def test_findings_alone_do_not_pay_for_them_either(tmp_path: Path) -> None:
    (tmp_path / "bot.py").write_text(WRONG)
    code, modules = imported(tmp_path, "lint", "bot.py")
    assert code == 1
    assert not modules & {"pydantic", "rich", "libcst"}


@pytest.mark.skipif(os.name == "nt", reason="pipes end differently there")
@pytest.mark.parametrize(
    "argv", [["rule"], ["rule", "DG101"], ["lint", "bot.py"], ["lint", "-o", "json", "bot.py"]]
)
def test_a_reader_that_leaves_is_no_error(tmp_path: Path, argv: list[str]) -> None:
    (tmp_path / "bot.py").write_text(WRONG)
    read, write_end = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-c", f"import sys; from diag.cli import main; sys.exit(main({argv!r}))"],
            cwd=tmp_path,
            stdout=write_end,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
    finally:
        os.close(write_end)
    assert "Error" not in done.stderr
    assert done.returncode == (1 if argv[0] == "lint" else 0)


def test_the_command_takes_its_arguments_from_the_process(
    diag: Diag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["diag", "lint", "nope"])
    assert main() == 2
