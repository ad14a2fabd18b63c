"""The example bot: what lint finds in the broken one, line by line, and nothing in the mended one.

A line of `examples/hedge/broken` that must be reported ends with the comment `# <- CODE...`.
"""

import json
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from diag.cli import main

HEDGE = Path(__file__).resolve().parents[2] / "examples" / "hedge"
MARK = re.compile(r"# <- (DG\d+(?: DG\d+)*)$")
SIDES = ("broken", "mended")


@pytest.fixture(scope="module")
def no_sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment: what is known of the SDK comes with the tool."""
    folder = tmp_path_factory.mktemp("environment") / "empty"
    venv.create(folder, with_pip=False)
    return folder


def lint(folder: Path, environment: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict]]:
    code = main(["lint", "--no-cache", "--python", str(environment), "--output-format", "json", str(folder)])
    return code, json.loads(capsys.readouterr().out)["findings"]


def marked(folder: Path) -> list[tuple[str, int, str]]:
    found = []
    for path in sorted(folder.rglob("*.py")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if match := MARK.search(line):
                found += [(path.relative_to(folder).as_posix(), number, code) for code in match[1].split()]
    return sorted(found)


def places(findings: list[dict], folder: Path) -> list[tuple[str, int, str]]:
    return sorted(
        (Path(f["path"]).resolve().relative_to(folder).as_posix(), f["line"], f["code"]) for f in findings
    )


def test_broken(no_sdk: Path, capsys: pytest.CaptureFixture[str]):
    code, findings = lint(HEDGE / "broken", no_sdk, capsys)
    assert places(findings, HEDGE / "broken") == marked(HEDGE / "broken")
    assert {f["code"] for f in findings} == {"DG101", "DG202", "DG203"}
    assert code == 1


def test_both_at_once(no_sdk: Path, capsys: pytest.CaptureFixture[str]):
    """Two import roots whose modules have the same names: neither is taken for the other."""
    code, findings = lint(HEDGE, no_sdk, capsys)
    assert places(findings, HEDGE) == marked(HEDGE)
    assert code == 1


def test_chain_of_the_defect_that_hides(no_sdk: Path, capsys: pytest.CaptureFixture[str]):
    _, findings = lint(HEDGE / "broken", no_sdk, capsys)
    source = (HEDGE / "broken/exchanges/grvt.py").read_text("utf-8").splitlines()
    line = next(n for n, text in enumerate(source, 1) if "await self.rest_client.fetch_ticker" in text)
    (finding,) = [f for f in findings if f["line"] == line and f["code"] == "DG101"]
    assert "GrvtCcxt.fetch_ticker" in finding["message"]
    assert "dict" in finding["message"]
    told = " / ".join(step["message"] for step in finding["chain"])
    assert "place_iterative_market_order" in told
    assert "except Exception" in told


def test_mended(no_sdk: Path, capsys: pytest.CaptureFixture[str]):
    assert lint(HEDGE / "mended", no_sdk, capsys) == (0, [])
    assert marked(HEDGE / "mended") == []


@pytest.mark.parametrize("side", SIDES)
def test_runs_without_the_sdk_up_to_the_client(side: str):
    """Only the GRVT client needs the SDK: everything else can be imported, and says what it takes."""
    blocked = (
        "import sys; sys.modules['pysdk'] = None; sys.dont_write_bytecode = True; sys.path.insert(0, '.'); "
    )
    imports = (
        blocked
        + "import exchanges.base, exchanges.factory, strategy, hedge; sys.argv = ['hedge.py', '--help']; "
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", imports + "hedge.parse_arguments()"],
        cwd=HEDGE / side,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "--ticker" in done.stdout
