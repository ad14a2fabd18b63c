from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from diag.cli import main

WRONG = """\
class Client:
    def ticker(self) -> dict[str, int]:
        return {"bid": 1}


async def main() -> None:
    client = Client()
    print(await client.ticker())
"""
RIGHT = WRONG.replace("await ", "")
BROKEN = "def f(:\n"


class Run(NamedTuple):
    """What a command gave."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRVT_API_KEY", "GRVT_PRIVATE_KEY", "GRVT_TRADING_ACCOUNT_ID", "DIAG_ARM_ORDERS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def diag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Run]:
    """Runs the command line in an empty folder that is a project of its own."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIAG_DEBUG", raising=False)

    def run(*argv: str) -> Run:
        code = main(argv)
        return Run(code, *capsys.readouterr())

    return run


def write(files: dict[str, str]) -> None:
    """Files of the working directory, by path."""
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def lines(text: str) -> Sequence[str]:
    return text.splitlines()
