"""`diag lint` from the outside: exit code, stdout, stderr."""

import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from diag.cli.progress import Progress
from tests.cli.conftest import BROKEN, RIGHT, WRONG, Run, write

Diag = Callable[..., Run]


class Case(NamedTuple):
    """A directory, its configuration, arguments, and what must come of it."""

    files: dict[str, str]
    argv: tuple[str, ...]
    code: int
    concise: tuple[str, ...] = ()  # `path:line CODE` of what is reported
    said: str = ""  # on stderr


SUPPRESSED = WRONG.replace("ticker())", "ticker())  # diag: ignore[DG101] shows the error")
FOUND = "bot.py:8 DG101"

CASES = {
    "clean": Case({"bot.py": RIGHT}, (".",), 0),
    "findings": Case({"bot.py": WRONG}, (".",), 1, (FOUND,)),
    "findings in a file by name": Case({"bot": WRONG}, ("bot",), 1, ("bot:8 DG101",)),
    "exit-zero": Case({"bot.py": WRONG}, ("--exit-zero", "."), 0, (FOUND,)),
    "not selected": Case({"bot.py": WRONG}, ("--select", "DG2", "."), 0),
    "selected by prefix": Case({"bot.py": WRONG}, ("--select", "DG1, DG2", "."), 1, (FOUND,)),
    "ignored": Case({"bot.py": WRONG}, ("--ignore", "DG101", "."), 0),
    "ignored by configuration": Case({"bot.py": WRONG, "diag.toml": "ignore = ['DG101']"}, (".",), 0),
    "the option replaces the configuration": Case(
        {"bot.py": WRONG, "diag.toml": "ignore = ['DG101']"}, ("--ignore", "DG2", "."), 1, (FOUND,)
    ),
    "pyproject": Case({"bot.py": WRONG, "pyproject.toml": "[tool.diag]\nselect = ['DG2']"}, (".",), 0),
    "per path": Case(
        {"bot.py": WRONG, "tests/t.py": WRONG, "diag.toml": "[per-path-ignores]\n'tests/' = ['DG1']"},
        (".",),
        1,
        (FOUND,),
    ),
    "excluded": Case({"a.py": RIGHT, "gen/bot.py": WRONG, "diag.toml": "exclude = ['gen']"}, (".",), 0),
    "gitignore": Case({"a.py": RIGHT, "gen/bot.py": WRONG, ".gitignore": "gen/\n"}, (".",), 0),
    "suppressed": Case({"bot.py": SUPPRESSED}, (".",), 0),
    "suppression unused": Case(
        {"bot.py": "x = 1  # diag: ignore[DG101] nothing here\n"}, (".",), 1, ("bot.py:1 DG001",)
    ),
    "suppression blanket": Case(
        {"bot.py": WRONG.replace("ticker())", "ticker())  # diag: ignore")},
        (".",),
        1,
        ("bot.py:8 DG002", FOUND),
    ),
    "unreadable beside findings": Case(
        {"bot.py": WRONG, "broken.py": BROKEN}, (".",), 2, (FOUND,), "broken.py:1: "
    ),
    "unreadable beats exit-zero": Case({"broken.py": BROKEN}, ("--exit-zero", "."), 2, (), "broken.py:1: "),
    "a path that is not there beside findings": Case(
        {"bot.py": WRONG}, ("bot.py", "gone"), 2, (FOUND,), "gone: does not exist"
    ),
    "notebook": Case({"n.ipynb": "{}"}, ("n.ipynb",), 2, (), "n.ipynb: is a notebook"),
    "a path that is not there": Case({}, ("gone.py",), 2, (), "gone.py: does not exist"),
    "no cache": Case({"bot.py": WRONG}, ("--no-cache", "."), 1, (FOUND,)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_directory_configuration_exit_code(diag: Diag, case: Case) -> None:
    write(case.files)
    done = diag("lint", "-o", "concise", *case.argv)
    found = sorted(
        line.split(": ")[0].rpartition(":")[0] + " " + line.split()[1] for line in findings(done.out)
    )
    assert found == sorted(case.concise)
    assert done.code == case.code
    assert case.said in done.err
    assert bool(done.err) is bool(case.said)


def findings(out: str) -> list[str]:
    return [line for line in out.splitlines() if not line.startswith(("Found ", "No ", "1 path"))]


def test_the_default_shows_source_and_chain_and_a_summary(diag: Diag) -> None:
    write({"bot.py": WRONG})
    done = diag("lint", "bot.py")
    assert done.code == 1
    head, _, source, carets, *rest = done.out.splitlines()
    assert head.startswith("bot.py:8:")
    assert "DG101" in head
    assert source == "8 |     print(await client.ticker())"
    assert source[carets.index("^") : carets.rindex("^") + 1] == "await client.ticker()"
    assert any("bot.py:2" in line for line in rest)
    assert rest[-1] == "Found 1 problem in 1 file"


def test_suppressed_findings_are_counted(diag: Diag) -> None:
    write({"bot.py": SUPPRESSED})
    assert diag("lint", "bot.py").out == "No problems in 1 file (1 suppressed)\n"
    document = json.loads(diag("lint", "-o", "json", "bot.py").out)
    assert (document["findings"], len(document["suppressed"])) == ([], 1)


@pytest.mark.parametrize("format", ["json", "sarif", "github"])
def test_when_a_machine_reads_stdout_people_read_stderr(diag: Diag, format: str) -> None:
    write({"bot.py": WRONG})
    done = diag("lint", "--output-format", format, "--statistics", "bot.py")
    assert done.code == 1
    assert "Found 1 problem" not in done.out
    assert "Found 1 problem in 1 file" in done.err
    assert "resolved" in done.err
    if format != "github":
        json.loads(done.out)


def test_several_reports_at_once(diag: Diag) -> None:
    write({"bot.py": WRONG})
    done = diag(
        "lint", "-o", "concise", "-o", "json:a.json", "-o", "sarif:a.sarif", "--output", "full:a.txt", "."
    )
    assert done.out.startswith("bot.py:8:")
    assert json.loads(Path("a.json").read_text())["findings"][0]["code"] == "DG101"
    assert json.loads(Path("a.sarif").read_text())["runs"][0]["results"][0]["ruleId"] == "DG101"
    assert "^^^^" in Path("a.txt").read_text()


def test_reports_to_files_alone_leave_the_summary_on_stdout(diag: Diag) -> None:
    write({"bot.py": WRONG})
    assert diag("lint", "-o", "json:a.json", "bot.py").out == "Found 1 problem in 1 file\n"


def test_a_run_is_repeated_to_the_byte_with_and_without_cache(diag: Diag) -> None:
    write({"bot.py": WRONG, "a.py": WRONG, "b/c.py": WRONG, "broken.py": BROKEN})
    runs = [
        diag("lint", "-o", name, *more, ".") for name in ("json", "full") for more in ([], [], ["--no-cache"])
    ]
    assert len(set(runs[:3])) == 1
    assert len(set(runs[3:])) == 1


def test_statistics_count_the_sites(diag: Diag) -> None:
    write({"bot.py": WRONG})
    assert "Found" in diag("lint", "bot.py").out
    rows = diag("lint", "--statistics", "bot.py").out.splitlines()
    assert "files: 1" in rows
    (awaits,) = [row.split() for row in rows if row.startswith("awaits")]
    assert awaits[:4] == ["awaits", "0", "1", "0"]


BLOCKING = """\
import time


def pause() -> None:
    time.sleep(1)


async def main() -> None:
    time.sleep(1)
    pause()
"""


def test_statistics_count_what_the_rules_of_blocking_calls_found(diag: Diag) -> None:
    write({"bot.py": BLOCKING})
    for _ in range(2):  # the second time from the cache
        done = diag("lint", "--statistics", "-o", "concise", "bot.py")
        assert [line.split()[1] for line in findings(done.out)[:2]] == ["DG201", "DG202"]
        (calls,) = [row.split() for row in done.out.splitlines() if row.startswith("calls")]
        assert calls[2] == "2"


def test_where_nothing_was_judged_nothing_is_counted(diag: Diag) -> None:
    done = diag("lint", "--statistics", "gone.py")
    assert (done.code, "files: 0" in done.out.splitlines()) == (2, True)
    assert "problems" not in done.out
    write({"a.py": RIGHT})
    assert diag("lint", "gone.py", "a.py").out == "No problems in 1 file\n1 path could not be judged\n"


def test_the_python_of_the_system_is_an_environment(diag: Diag, tmp_path: Path) -> None:
    """Its packages lie in `dist-packages` where the distribution derives from Debian."""
    for name in ("usr/bin", "usr/lib/python3.11", "usr/lib/python3/dist-packages"):
        Path(name).mkdir(parents=True)
    write({"usr/lib/python3/dist-packages/venue.py": "def ask(): return 1\n", "usr/bin/python3": ""})
    Path("usr/bin/python3").chmod(0o755)
    write({"bot.py": "import venue\n\n\nasync def main():\n    await venue.ask()\n"})
    done = diag("lint", "-o", "concise", "--python", "usr/bin/python3", "bot.py")
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("bot.py:5:")
    bare = Path("opt/bin/python3")
    bare.parent.mkdir(parents=True)
    bare.touch(mode=0o755)
    done = diag("lint", "--python", "opt/bin/python3", "bot.py")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("diag: error: opt/bin/python3: no library of Python beside it")


UNKNOWN = "async def f(client):\n    await client.go()\n"


def test_unknown_sites_are_shown_when_asked_and_are_no_findings(diag: Diag) -> None:
    write({"bot.py": UNKNOWN})
    assert "unknown" not in diag("lint", "bot.py").out
    assert json.loads(diag("lint", "-o", "json", "bot.py").out)["unknown"] == []
    done = diag("lint", "--show-unknown", "-o", "concise", "bot.py")
    assert done.code == 0
    assert done.out.startswith("bot.py:2:")
    (site,) = json.loads(diag("lint", "--show-unknown", "-o", "json", "bot.py").out)["unknown"]
    assert (site["line"], site["path"]) == (2, "bot.py")


UNKNOWNS = """\
import nowhere


class Bot:
    def __init__(self, client):
        self.client = client
        self.feed = nowhere.connect()

    async def run(self):
        await self.client.ask()
        await self.feed.read()
        self.feed.close()
"""


def test_unknown_sites_stand_under_their_reasons_with_what_would_resolve_them(diag: Diag) -> None:
    write({"bot.py": UNKNOWNS})
    sites = json.loads(diag("lint", "--show-unknown", "-o", "json", "bot.py").out)["unknown"]
    absent, unpassed = "`nowhere` is not installed", "no call in sight passes `client` of `Bot.__init__`"
    assert [(site["line"], site["cause"]) for site in sites] == [(11, absent), (12, absent), (10, unpassed)]
    assert "install `nowhere`" in sites[0]["help"]
    assert "lint what calls `Bot`" in sites[2]["help"]
    full = diag("lint", "--show-unknown", "bot.py").out
    assert full.index(f"unknown: {absent} (2 sites)") < full.index("self.feed.close()") < full.index(unpassed)
    concise = diag("lint", "--show-unknown", "-o", "concise", "bot.py").out.splitlines()
    assert concise[0] == f"bot.py:11:9: unknown `await self.feed.read()`: {absent}"


def test_diff_is_a_patch_and_changes_nothing(diag: Diag) -> None:
    write({"bot.py": WRONG})
    done = diag("lint", "--diff", "bot.py")
    assert done.code == 1
    assert [line for line in done.out.splitlines() if line.startswith(("-", "+"))] == [
        "--- bot.py",
        "+++ bot.py",
        "-    print(await client.ticker())",
        "+    print(client.ticker())",
    ]
    assert "Found 1 problem" in done.err
    assert Path("bot.py").read_text() == WRONG


def test_fix_applies_fixes_and_reports_what_remains(diag: Diag) -> None:
    write({"bot.py": WRONG})
    done = diag("lint", "--fix", "bot.py")
    assert (done.code, done.err) == (0, "")
    assert Path("bot.py").read_text() == RIGHT
    assert done.out == "Fixed 1 problem\nNo problems in 1 file\n"


@pytest.mark.parametrize(
    ("encode", "mode"),
    [
        (lambda text: text.encode(), 0o755),
        (lambda text: text.replace("\n", "\r\n").encode(), 0o600),
        (lambda text: ("\ufeff" + text).encode(), 0o644),
        (lambda text: ("# coding: latin-1\nname = 'é'\n" + text).encode("latin-1"), 0o644),
    ],
)
def test_fix_keeps_encoding_line_ends_and_permissions(
    diag: Diag, encode: Callable[[str], bytes], mode: int
) -> None:
    path = Path("bot.py")
    path.write_bytes(encode(WRONG))
    path.chmod(mode)
    assert diag("lint", "--fix", "bot.py").code == 0
    assert path.read_bytes() == encode(RIGHT)
    assert path.stat().st_mode & 0o777 == mode
    assert [file.name for file in Path().iterdir() if file.is_file()] == ["bot.py"]


def test_fix_writes_through_a_link(diag: Diag) -> None:
    write({"real/bot.py": WRONG})
    Path("bot.py").symlink_to("real/bot.py")
    diag("lint", "--fix", "bot.py")
    assert Path("bot.py").is_symlink()
    assert Path("real/bot.py").read_text() == RIGHT


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_progress_is_drawn_on_a_terminal_after_a_second_only(clock: list[float]) -> None:
    with Progress(Terminal()) as progress:
        progress(1, 10)
        assert progress.stream.getvalue() == ""  # type: ignore[attr-defined]
        clock[0] = 1.5
        progress(2, 10)
        progress(9, 10)
    assert "9/10" in progress.stream.getvalue()  # type: ignore[attr-defined]


def test_progress_is_not_drawn_elsewhere(clock: list[float]) -> None:
    with Progress(io.StringIO()) as progress:
        clock[0] = 60.0
        progress(2, 10)
    assert progress.stream.getvalue() == ""  # type: ignore[attr-defined]


def test_colour_on_a_terminal(diag: Diag, monkeypatch: pytest.MonkeyPatch) -> None:
    from diag.cli import main

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    write({"bot.py": WRONG})
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["lint", "bot.py"]) == 1
    assert "\x1b[1;31mDG101" in stream.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    monkeypatch.setattr(sys, "stdout", plain)
    main(["lint", "bot.py"])
    assert "\x1b" not in plain.getvalue()
