"""Calls that block the loop of a test are reported when they are asked for, and not otherwise."""

from pathlib import Path

import pytest

from diag.cli import main

BLOCKING = """\
import time


async def wait() -> None:
    time.sleep(1)
"""
WRONG = """\
async def fetch() -> int:
    return 1


async def both() -> None:
    fetch()
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("test_bot.py", "bot_test.py", "conftest.py", "tests/helpers.py", "test/deep/helpers.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(BLOCKING + "\n\n" + WRONG)
    return tmp_path


def reported(capsys: pytest.CaptureFixture[str], *options: str) -> list[tuple[str, str]]:
    main(["lint", "--no-cache", "--output-format", "concise", *options, "."])
    rows = [line.split(" ") for line in capsys.readouterr().out.splitlines() if ": DG" in line]
    return sorted((row[0].split(":")[0], row[1]) for row in rows)


def test_only_the_awaits_of_tests_are_judged(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = reported(capsys)

    assert {code for _, code in found} == {"DG102"}
    assert len(found) == 5


@pytest.mark.parametrize("asked", ["DG201", "DG2"])
def test_a_selected_code_counts_in_tests_too(
    tree: Path, capsys: pytest.CaptureFixture[str], asked: str
) -> None:
    assert [code for _, code in reported(capsys, "--select", asked)] == ["DG201"] * 5


@pytest.mark.parametrize("name", ["bot.py", "testing.py", "latest/bot.py", "contest.py"])
def test_other_files_are_no_tests(tree: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (tree / name).parent.mkdir(exist_ok=True)
    (tree / name).write_text(BLOCKING)

    assert (name, "DG201") in reported(capsys)


FIXTURES = """\
import pytest


class Client:
    async def send(self) -> int:
        return 1

    def size(self) -> int:
        return 2


@pytest.fixture
def client():
    return Client()


@pytest.fixture
async def ready():
    yield Client()
"""
USES = """\
import pytest


@pytest.fixture
def wrapped(client):
    yield client


async def test_wrong(client, ready, wrapped):
    client.send()  # wrong
    await client.size()  # wrong
    ready.send()  # wrong
    wrapped.send()  # wrong
    await wrapped.send()


@pytest.mark.parametrize("client", [1])
async def test_of_its_own(client, absent):
    client.send()
    absent.send()


async def helper(client):
    client.send()
"""


def test_fixtures_are_what_tests_are_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "conftest.py").write_text(FIXTURES)
    (tmp_path / "tests" / "test_bot.py").write_text(USES)

    main(["lint", "--no-cache", "--output-format", "concise", "."])

    lines = [line for line in capsys.readouterr().out.splitlines() if ": DG" in line]
    wrong = [number for number, line in enumerate(USES.split("\n"), 1) if line.endswith("# wrong")]
    assert [int(line.split(":")[1]) for line in lines] == wrong
