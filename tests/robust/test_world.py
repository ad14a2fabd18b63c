"""The standard library and what is installed beside it: no crash, no hang, nothing lost.

`make test` takes a sample; `DIAG_WORLD=all` takes everything (at least some thousand files).
"""

import json
import os
import random
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from .conftest import DIAG

pytestmark = pytest.mark.slow

EVERYTHING = os.environ.get("DIAG_WORLD") == "all"
SAMPLE = 300


def files_of(*folders: str) -> list[Path]:
    return sorted(
        path
        for name in folders
        for path in Path(sysconfig.get_path(name)).rglob("*.py")
        if "__pycache__" not in path.parts and (name != "stdlib" or "site-packages" not in path.parts)
    )


def compiles(path: Path) -> bool:
    try:
        compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
def test_installed_code(tmp_path: Path) -> None:
    """In a process of its own, so that a hang fails the test and ends."""
    files = files_of("stdlib", "purelib")
    if not EVERYTHING:
        files = sorted(random.Random(2).sample(files, min(SAMPLE, len(files))))
    report = tmp_path / "report.json"
    size = sum(path.stat().st_size for path in files)

    run = subprocess.run(
        [*DIAG, "lint", "--no-cache", "-o", f"json:{report}", *map(str, files)],
        capture_output=True,
        text=True,
        timeout=600 + size / 50_000,
    )

    assert "internal error" not in run.stderr
    found = json.loads(report.read_text())
    broken = {str(path) for path in files if not compiles(path)}
    assert {problem["path"] for problem in found["problems"]} == broken
    assert found["statistics"]["files"] == len(files) - len(broken)
    assert run.returncode == (2 if broken else 1 if found["findings"] else 0)


WRONG = "class Client:\n    def ticker(self): return 1\n\nasync def main():\n    client = Client()\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_a_run_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    """The second process has more to say than a pipe holds, and nobody is there any more to read it."""
    paths = [tmp_path / f"m{number}.py" for number in range(4)]
    for path in paths:
        path.write_text(WRONG + "    await client.ticker()\n" * 1000 + f"# {'long' * 30_000}\n")
    command = [*DIAG, "lint", "--no-cache", "-o", f"json:{tmp_path / 'report.json'}", *map(str, paths)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as run:
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
        while not (child := children.read_text().split()):
            assert run.poll() is None, "it took one process alone"
            time.sleep(0.001)
        run.kill()
        try:
            run.communicate(timeout=120)  # the child holds the other end, too
        except subprocess.TimeoutExpired:
            os.kill(int(child[0]), 9)
            pytest.fail("the second process is still there")
