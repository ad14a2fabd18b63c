"""Generated code: what was executed without a fault is never reported, and nothing makes diag fall over."""

import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from .conftest import DIAG, Lint, Run, lint_once
from .modules import modules
from .programs import SOURCES, every_misuse, every_use, programs

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("DIAG_EXAMPLES", "15"))  # more for a long run
AWAITS = ["--select", "DG1"]
slow = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def execute(text: str, *names: str) -> list[str]:
    """Runs these coroutine functions of a program and gives back the faults: errors and warnings."""
    faults: list[str] = []
    hook = sys.unraisablehook
    sys.unraisablehook = lambda fault: faults.append(repr(fault.exc_value))
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            space: dict[str, Any] = {}
            exec(compile(text, "program", "exec"), space)
            for name in names:
                try:
                    asyncio.run(space[name]())
                except Exception as error:
                    faults.append(repr(error))
            space.clear()
            gc.collect(1)  # what a program made is young
    finally:
        sys.unraisablehook = hook
    return faults + [str(warning.message) for warning in caught]


def lint_text(text: str, **options: Any) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "program.py")
        path.write_text(text)
        return lint_once(path, **options)


def lines(run: Run, text: str) -> list[str]:
    """The findings with their source line, to be read in the output of a failed test."""
    return [f"{code} {line}: {text.splitlines()[line - 1].strip()}" for _, line, code in run.found]


@pytest.mark.parametrize("number", range(len(SOURCES)))
def test_every_source_in_every_right_use(number: int) -> None:
    text = every_use(number)
    assert execute(text, "main") == []

    run = lint_text(text, options=AWAITS)

    assert lines(run, text) == []
    assert run.problems == {}


def test_every_open_source_in_every_wrong_use() -> None:
    text, expected = every_misuse()

    run = lint_text(text, options=AWAITS)

    found = [(line, code) for _, line, code in run.found]
    missed = [
        f"{code} {line}: {text.splitlines()[line - 1]}" for line, code in sorted(set(expected) - set(found))
    ]
    more = [
        f"{code} {line}: {text.splitlines()[line - 1]}" for line, code in sorted(set(found) - set(expected))
    ]
    assert (missed, more) == ([], [])


def test_every_wrong_use_is_wrong() -> None:
    text, expected = every_misuse()
    for number in range(len(expected)):
        assert execute(text, f"wrong{number}") != [], number


@slow
@given(programs())
def test_programs_that_run_are_silent(text: str) -> None:
    assert execute(text, "main") == []

    run = lint_text(text, options=AWAITS)

    assert lines(run, text) == []
    assert run.problems == {}


def compiles(text: str) -> bool:
    """Some of what is generated is a tree that no program has, such as an `await` outside of functions."""
    try:
        compile(text, "program", "exec")
    except SyntaxError:
        return False
    return True


@slow
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@given(modules())
def test_modules_that_make_no_sense(text: str) -> None:
    """No crash; twice the same; warm as cold."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "diag.toml").touch()
        for name in ("module0.py", "module1.py"):
            (root / name).write_text(text, encoding="utf-8")

        cold = lint_once(root)

        assert len(cold.problems) == (0 if compiles(text) else 2)
        assert lint_once(root) == cold
        assert lint_once(root, cache=True).report == cold.report
        assert lint_once(root, cache=True).report == cold.report


def test_the_order_of_hashes_is_no_matter(lint: Lint) -> None:
    """The same findings in the same order, and the same words, in every process."""
    wrong = Path(__file__).parents[1] / "traps" / "wrong"
    expected = lint(wrong).report
    for seed in ("1", "2"):
        run = subprocess.run(
            [*DIAG, "lint", "--no-cache", "--output-format", "json", str(wrong)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
        )
        assert json.loads(run.stdout) == expected


def test_the_order_of_paths_is_no_matter(lint: Lint, tmp_path: Path) -> None:
    text, _ = every_misuse()
    paths = [tmp_path / f"m{number}.py" for number in range(3)]
    for path in paths:
        path.write_text(text)

    together = lint(*paths)

    assert together.found
    assert lint(*reversed(paths)) == together
    assert lint(tmp_path) == together
    assert lint(tmp_path, *paths, tmp_path / "." / "m0.py") == together
