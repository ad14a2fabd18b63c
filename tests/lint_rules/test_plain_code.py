"""Plain programs that use what is async: of an SDK, of an unknown library, through other files."""

import sys
from pathlib import Path

import pytest

from diag.config import Settings
from diag.lint.engine import lint

BOT = """import ccxt.pro as ccxtpro

exchange = ccxtpro.grvt({})


def place(symbol):
    order = exchange.create_order(symbol, "limit", "buy", 1, 2)
    return order["id"]


def stop():
    exchange.close()
"""
LIBRARY = {
    "venuekit/__init__.py": "from .client import Client\n",
    "venuekit/client.py": "from .base import Base\n\n\nclass Client(Base):\n    pass\n",
    "venuekit/base.py": "class Base:\n    async def halt_all(self) -> int:\n        return 1\n",
    "plainkit.py": "class Client:\n    def halt_all(self) -> int:\n        return 1\n",
}
MADE = "import venuekit\n\nclient = venuekit.Client()\n"
MAIN = "from made import client\n\n\ndef stop():\n    client.halt_all()\n"


def environment(folder: Path, files: dict[str, str]) -> Path:
    packages = folder / "lib/python3.11/site-packages"
    packages.mkdir(parents=True)
    for name, text in files.items():
        (packages / name).parent.mkdir(exist_ok=True)
        (packages / name).write_text(text)
    (folder / "pyvenv.cfg").write_text("")
    return folder


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    folder = tmp_path / "bot"
    folder.mkdir()
    return folder


def found(bot: Path, python: Path, *, cache: bool = False) -> set[tuple[str, int, str]]:
    result = lint(Settings(paths=(bot,), root=bot, python=python, cache=cache))
    assert result.problems == ()
    return {(Path(f.path).name, f.line, f.code) for f in result.findings}


@pytest.mark.parametrize("installed", [True, False])
def test_an_async_client_of_an_sdk(installed: bool, bot: Path, tmp_path: Path) -> None:
    python = Path(sys.prefix) if installed else environment(tmp_path / "env", {})

    (bot / "bot.py").write_text(BOT)
    assert found(bot, python) == {("bot.py", 8, "DG103"), ("bot.py", 12, "DG102")}

    (bot / "bot.py").write_text(BOT.replace("ccxt.pro as ccxtpro", "ccxt as ccxtpro"))
    assert found(bot, python) == set()


def test_a_client_of_an_unknown_library_that_another_plain_file_makes(bot: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "env", LIBRARY)
    (bot / "made.py").write_text(MADE)
    (bot / "main.py").write_text(MAIN)

    assert found(bot, python) == {("main.py", 5, "DG102")}


def test_the_cache_sees_an_import_that_brings_async_code_into_another_file(bot: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "env", LIBRARY)
    (bot / "main.py").write_text(MAIN)

    for kit, expected in (
        ("plainkit", set()),
        ("venuekit", {("main.py", 5, "DG102")}),
        ("plainkit", set()),
    ):
        (bot / "made.py").write_text(MADE.replace("venuekit", kit))
        assert found(bot, python, cache=True) == expected
