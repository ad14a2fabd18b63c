"""Runs `diag lint` as a user would and gives back everything that it said."""

import contextlib
import io
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from diag.cli import main

# The command in a process of its own.
DIAG = [sys.executable, "-c", "from diag.cli import main; raise SystemExit(main())"]


@dataclass(frozen=True)
class Run:
    """What one run said."""

    code: int
    report: dict[str, Any]
    stderr: str

    @property
    def found(self) -> list[tuple[str, int, str]]:
        """File name, line and code of each finding."""
        return [(Path(f["path"]).name, f["line"], f["code"]) for f in self.report["findings"]]

    @property
    def problems(self) -> dict[str, str]:
        """What is wrong with each file that could not be judged, by its name."""
        return {Path(p["path"]).name: p["message"] for p in self.report["problems"]}


Lint = Callable[..., Run]


def in_process(*paths: Path, cache: bool = False, options: Sequence[str] = ()) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    options = ["--output-format", "json", *options, *([] if cache else ["--no-cache"])]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["lint", *options, *map(str, paths)])
    return code, out.getvalue(), err.getvalue()


def lint_once(*paths: Path, cache: bool = False, options: Sequence[str] = ()) -> Run:
    code, out, said = in_process(*paths, cache=cache, options=options)
    assert "internal error" not in said + out, said
    assert "Traceback" not in said, said
    return Run(code, json.loads(out), said)


@pytest.fixture(scope="session")
def lint() -> Lint:
    return lint_once
