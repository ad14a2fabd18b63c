"""The standard library and what is installed beside it: no crash, no hang, nothing lost.

`make test` takes a sample; `DIAG_WORLD=all` takes everything (at least some thousand files).
"""

import os
import random
import subprocess
import sysconfig
import time
from pathlib import Path

import pytest

from .conftest import DIAG, Lint

EVERYTHING = os.environ.get("DIAG_WORLD") == "all"
SAMPLE = 300


def files_of(*folders: str) -> list[Path]:
    return sorted(
        path
        for name in folders
        for path in Path(sysconfig.get_path(name)).rglob("*.py")
        if "__pycache__" not in path.parts and (name != "stdlib" or "site-packages" not in path.parts)
    )


def parses(path: Path) -> bool:
    try:
        compile(path.read_bytes(), str(path), "exec", flags=0x400, dont_inherit=True)  # only the syntax tree
    except (SyntaxError, ValueError):
        return False
    return True


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
def test_installed_code(lint: Lint) -> None:
    files = files_of("stdlib", "purelib")
    if not EVERYTHING:
        files = sorted(random.Random(2).sample(files, min(SAMPLE, len(files))))

    started = time.monotonic()
    run = lint(*files)
    took = time.monotonic() - started

    size = sum(path.stat().st_size for path in files)
    assert took < 60 + size / 20_000, f"{took:.0f} s for {size:,} bytes"
    broken = {str(path) for path in files if not parses(path)}
    assert {problem["path"] for problem in run.report["problems"]} == broken
    assert run.report["statistics"]["files"] == len(files) - len(broken)


@pytest.mark.skipif(not EVERYTHING, reason="takes minutes; DIAG_WORLD=all runs it")
def test_all_at_once_as_a_folder(tmp_path: Path) -> None:
    """As a user would: one folder, a process of its own."""
    folders = [sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")]
    run = subprocess.run(
        [*DIAG, "lint", "--no-cache", "--exit-zero", "-o", f"json:{tmp_path / 'report.json'}", *folders],
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert "internal error" not in run.stderr
    assert run.returncode in (0, 2)
