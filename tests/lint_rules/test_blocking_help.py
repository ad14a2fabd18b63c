"""The help of DG202 works when it is followed."""

import json
from pathlib import Path

import pytest

from diag.cli import main

PROGRAM = """\
import asyncio
import sqlite3
import time


class Store:
    def __init__(self) -> None:
        self.db = sqlite3.connect("fills.db")

    def fills(self) -> list:
        time.sleep(1)
        return self.db.execute("select 1").fetchall()


class Feed:
    def again(self) -> None:
        time.sleep(1)
        self.task = asyncio.ensure_future(self.run())

    async def run(self) -> None:
        await asyncio.sleep(1)

    def from_further_up(self) -> None:
        self.again()


def opened() -> list:
    time.sleep(1)
    return sqlite3.connect("fills.db").execute("select 1").fetchall()


async def bot() -> None:
    {call}
"""
NEEDS_LOOP = (
    "make `Feed.again` an `async def`; in place of `time.sleep` use await asyncio.sleep(...); "
    "no thread: `Feed.again` calls `ensure_future`, which needs the running loop"
)


@pytest.mark.parametrize(
    ("call", "help_"),
    [
        ("opened()", "use `await asyncio.to_thread(opened, ...)`"),
        ("Feed().again()", NEEDS_LOOP),
        ("Feed().from_further_up()", NEEDS_LOOP),
        (
            "Store().fills()",
            "open the connection in what runs in the thread, or use `aiosqlite`: `Store.fills` uses a "
            "sqlite3 connection, which works only in the thread that opened it",
        ),
    ],
)
def test_a_thread_is_advised_only_where_it_works(
    call: str, help_: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bot.py").write_text(PROGRAM.replace("{call}", call))

    main(["lint", "--no-cache", "--output-format", "json", str(tmp_path)])

    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [(f["code"], f["help"]) for f in findings] == [("DG202", help_)]
