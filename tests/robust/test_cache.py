"""The cache saves time and changes nothing: whatever befell it, a run says what a run without it says."""

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.config import Settings
from diag.lint import session
from diag.lint.cache import Stamp, digest
from diag.lint.engine import lint as run_lint
from diag.lint.fingerprint import fingerprint
from diag.lint.rule import Rule

from .conftest import DIAG, Lint, Run, lint_once

pytestmark = pytest.mark.slow

VENUE = "async def fetch(symbol):\n    return {'symbol': symbol}\n\n\ndef parse(row):\n    return row\n"
BOT = "from venue import fetch, parse\n\n\nasync def step():\n    fetch('ETH')\n    await parse({})\n"
SOURCES = {
    "venue.py": VENUE,
    "bot.py": BOT,
    "clean.py": "from venue import fetch\n\n\nasync def step():\n    return await fetch('ETH')\n",
    "plain.py": "import venue\n\n\ndef step():\n    venue.fetch('ETH')\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project with findings that rest on other files; its root is told by a configuration."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "diag.toml").touch()
    for name, text in SOURCES.items():
        (root / name).write_text(text)
    return root


def same(warm: Run, cold: Run) -> None:
    assert warm.report == cold.report
    assert warm.code == cold.code


def test_a_warm_run_says_what_a_cold_one_says(tree: Path, lint: Lint) -> None:
    cold = lint(tree)
    assert [name for name, _, _ in cold.found] == ["bot.py", "bot.py", "plain.py"]

    same(lint(tree, cache=True), cold)
    assert (tree / ".diag_cache").is_dir()
    same(lint(tree, cache=True), cold)


def test_no_cache_leaves_nothing_behind(tree: Path, lint: Lint) -> None:
    lint(tree)
    assert not (tree / ".diag_cache").exists()


def test_a_warm_run_of_other_paths_or_rules(tree: Path, lint: Lint) -> None:
    for paths in (
        [tree],
        [tree / "bot.py"],
        [tree / "bot.py", tree / "plain.py"],
        [tree / "clean.py"],
        [tree],
    ):
        cold = lint(*paths)
        same(lint(*paths, cache=True), cold)
    for options in (["--select", "DG101"], ["--ignore", "DG101"], [], ["--select", "DG2"], []):
        same(lint(tree, cache=True, options=options), lint(tree, options=options))


def edited(tree: Path, name: str, text: str | None) -> None:
    """A new content (None removes the file), with a time of change that differs, as an editor leaves it."""
    path = tree / name
    if text is None:
        path.unlink()
        return
    path.write_text(text)
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + next(CLOCK)))


CLOCK = itertools.count(1_000_000, 1_000_000)

PLAIN = VENUE.replace("async def", "def")
SHADOW = "def sleep(n):\n    return n\n"
ALIAS = "import alias\n\n\nasync def step():\n    alias.fetch('ETH')\n"
EDITS: dict[str, list[tuple[str, str | None]]] = {
    "colour_changes": [("venue.py", PLAIN), ("venue.py", VENUE)],
    "callee_gone": [("venue.py", "x = 1\n")],
    "file_gone": [("venue.py", None)],
    "caller_gone": [("bot.py", None)],
    "file_comes": [("other.py", "from venue import fetch\nfetch('ETH')\n")],
    "broken_and_mended": [("venue.py", "def (:\n"), ("venue.py", VENUE)],
    "broken_caller": [("bot.py", "def (:\n"), ("bot.py", BOT)],
    "shadowed": [("asyncio.py", SHADOW), ("bot.py", "import asyncio\nasyncio.sleep(1)\n")],
    "suppressed": [("bot.py", BOT.replace("('ETH')", "('ETH')  # diag: ignore[DG102] tried out"))],
    "plain_then_async": [("venue.py", PLAIN), ("plain.py", SOURCES["plain.py"] + "\n"), ("venue.py", VENUE)],
    "alias_module": [
        ("bot.py", ALIAS),
        ("alias.py", "from venue import *\n"),
        ("alias.py", "from venue import parse as fetch\n"),
    ],
    "package_beside_module": [("venue/__init__.py", "def fetch(symbol):\n    return 1\n")],
    "function_comes_and_goes": [
        ("venue.py", "def new(row):\n    return row\n\n\n" + VENUE),
        ("venue.py", "def newer(row, more):\n    return more\n\n\n" + VENUE),
        ("venue.py", VENUE),
    ],
    "new_function_calls": [
        ("bot.py", "async def step(go):\n    await go()\n"),
        ("venue.py", VENUE + "\n\ndef start(row):\n    from bot import step\n    step(parse)\n"),
        ("venue.py", VENUE + "\n\nimport bot\n\n\ndef start(row):\n    bot.step(parse)\n"),
        ("venue.py", VENUE + "\n\nimport bot\n\n\ndef start(row):\n    bot.step(fetch)\n"),
        ("venue.py", VENUE + "\n\nimport bot\n"),
    ],
    "new_function_hides_a_builtin": [
        ("venue.py", VENUE + "\n\ndef size(row):\n    return len(row)\n"),
        ("bot.py", BOT + "    await size()\n\n\nfrom venue import size\n"),
        (
            "venue.py",
            "def len(row):\n    return fetch(row)\n\n\n"
            + VENUE
            + "\n\ndef size(row):\n    return len(row)\n",
        ),
        ("venue.py", VENUE + "\n\ndef size(row):\n    return len(row)\n"),
    ],
    "new_function_stores": [
        (
            "bot.py",
            "class Bot:\n    def __init__(self):\n        self.go = print\n\n"
            "    async def step(self):\n        await self.go()\n",
        ),
        ("venue.py", VENUE + "\n\ndef wire(bot):\n    bot.go = fetch\n"),
        ("venue.py", VENUE + "\n\ndef wire(bot):\n    bot.go = parse\n"),
        ("venue.py", VENUE),
    ],
    "lines_move": [
        ("venue.py", "def one(row):\n    return row\n\n\n" + VENUE),
        ("venue.py", "def one(row):\n    return row\n\n\ndef two(row):\n    return row\n\n\n" + VENUE),
        ("bot.py", "def three(row):\n    return row\n\n\n" + BOT),
    ],
    "text_in_a_string": [
        ("venue.py", 'TEXT = """\ndef old(row):\n    return row\n"""\n' + VENUE),
        (
            "venue.py",
            'TEXT = """\ndef old(row):\n    return row\n\n\ndef fetch(x):\n    return x\n"""\n' + VENUE,
        ),
    ],
    "encoding": [("venue.py", "# coding: klingon\n"), ("venue.py", "# coding: utf-8\n" + VENUE)],
}


@pytest.mark.parametrize("name", EDITS)
def test_after_edits(name: str, tree: Path, lint: Lint) -> None:
    lint(tree, cache=True)
    for file, text in EDITS[name]:
        (tree / file).parent.mkdir(exist_ok=True)
        edited(tree, file, text)
        cold = lint(tree)
        same(lint(tree, cache=True), cold)
        same(lint(tree, cache=True), cold)


@pytest.mark.parametrize("name", ["bot.py", "venue.py"])
def test_other_content_of_the_same_size_and_time(name: str, tree: Path, lint: Lint) -> None:
    """As `rsync --times` or `cp --preserve` leave it."""
    lint(tree, cache=True)
    path = tree / name
    status = path.stat()
    if name == "bot.py":
        path.write_text(BOT.replace("fetch('ETH')", "parse('ETH')"))
    else:
        path.write_text(
            "async def parse(row):\n    return row\n\n\ndef fetch(symbol):\n    return {'symbol': symbol}\n"
        )
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)

    same(lint(tree, cache=True), lint(tree))


def test_two_versions_within_one_tick_of_the_clock(
    tree: Path, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system that tells all versions of a file to be of one moment, which is hardly gone."""
    moment = Stamp(1, time.time_ns(), time.time_ns(), 1)
    monkeypatch.setattr(session, "stamp", lambda path, source: moment)
    lint(tree, cache=True)
    (tree / "venue.py").write_text(PLAIN)
    same(lint(tree, cache=True), lint(tree))
    (tree / "venue.py").write_text(VENUE)

    same(lint(tree, cache=True), lint(tree))


def test_files_that_have_aged_are_not_read_again(
    tree: Path, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold = lint(tree, cache=True)
    now = time.time_ns()
    monkeypatch.setattr(session.time, "time_ns", lambda: now + 10 * 10**9)
    same(lint(tree, cache=True), cold)  # compares the contents, and says that the times can be trusted
    monkeypatch.setattr(session, "read", lambda path, source: pytest.fail(f"{path} was read"))

    same(lint(tree, cache=True), cold)


def test_a_module_that_comes_beside_the_judged_file(tree: Path, lint: Lint) -> None:
    (tree / "venue.py").unlink()
    bot = tree / "bot.py"
    same(lint(bot, cache=True), lint(bot))
    (tree / "venue.py").write_text(VENUE)

    warm = lint(bot, cache=True)

    assert [code for _, _, code in warm.found] == ["DG102", "DG101"]
    same(warm, lint(bot))


def test_a_library_that_comes_and_changes(tree: Path, lint: Lint, tmp_path: Path) -> None:
    """The environment given to the run counts as much as the files."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = tmp_path / "env" / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    (tmp_path / "env" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (tree / "bot.py").write_text("import somelib\n\n\nasync def step():\n    somelib.fetch('ETH')\n")
    options = ["--python", str(tmp_path / "env")]

    found = []
    for text in (None, "async def fetch(s):\n    return s\n", "def fetch(s):\n    return s\n"):
        if text is not None:
            edited(packages, "somelib.py", text)
        cold = lint(tree, options=options)
        same(lint(tree, cache=True, options=options), cold)
        same(lint(tree, cache=True, options=options), cold)
        found.append([code for name, _, code in cold.found if name == "bot.py"])
    assert found == [[], ["DG102"], []]


PIECES = [
    "{colour}def f{k}(a=1):\n    return 1\n",
    "class C{k}:\n    {colour}def get(self):\n        return 1\n",
    "from m{j} import C{i}\n\n\nclass C{k}(C{i}):\n    pass\n",
    "from m{j} import f{i}\n\n\nclass C{k}:\n    def get(self):\n        return f{i}()\n",
    "import m{j}\n\n\ndef f{k}():\n    return m{j}.f{i}()\n",
    "from m{j} import f{k}\n",
    "from m{j} import f{i} as f{k}\n",
    "from m{j} import *\n",
    "import m{j} as alias\n\n\nasync def use{k}():\n    alias.f{i}()\n    await alias.C{i}().get()\n",
    "async def use{k}():\n    f{i}()\n    await f{i}()\n",
    "def use{k}():\n    f{i}()\n    return C{i}().get()['x']\n",
    "from m{j} import C{k}\n\n\nclass U{k}:\n    def __init__(self, c=None):\n        self.c = C{k}()\n\n"
    "    async def go(self):\n        self.c.get()\n        await self.c.get()\n",
    "from m{j} import U{k}\n\nU{k}().c = None\n",
    "from m{j} import f{k}, deco\n\n\n@deco\ndef f{i}():\n    return 1\n",
    "def deco(function):\n    {colour}def wrapper(*a):\n        return function(*a)\n    return wrapper\n",
    "import asyncio\n\nf{k} = asyncio.sleep\n",
    "import time\n\n\ndef f{k}():\n    time.sleep(1)\n",
    "def (:\n",
]
numbers = st.integers(0, 1)
contents = st.lists(
    st.builds(
        lambda piece, i, j, k, colour: piece.format(i=i, j=j, k=k, colour=colour),
        st.sampled_from(PIECES),
        numbers,
        numbers,
        numbers,
        st.sampled_from(["", "async "]),
    ),
    min_size=1,
    max_size=5,
).map("\n\n".join)
FLIP = "every function changes its colour"
files = st.sampled_from(["m0.py", "m1.py", "m2.py"])
edits_of_files = st.lists(st.tuples(files, st.just(FLIP) | contents | st.none()), min_size=1, max_size=4)


def flipped(text: str) -> str:
    return (
        text.replace("async def", "await def").replace("def", "async def").replace("await async def", "def")
    )


@settings(max_examples=int(os.environ.get("DIAG_EXAMPLES", "25")), deadline=None)
@given(st.tuples(contents, contents), edits_of_files)
def test_after_any_edits(first: tuple[str, ...], edits: list[tuple[str, str | None]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        (tree / "diag.toml").touch()
        for number, text in enumerate(first):
            (tree / f"m{number}.py").write_text(text)
        same(lint_once(tree, cache=True), lint_once(tree))
        for name, content in edits:
            there = (tree / name).exists()
            if content == FLIP:
                content = flipped((tree / name).read_text()) if there else ""
            if content is not None or there:
                edited(tree, name, content)
            same(lint_once(tree, cache=True), lint_once(tree))


def cache_files(tree: Path) -> list[Path]:
    found = [
        path for path in (tree / ".diag_cache").rglob("*") if path.is_file() and path.name != ".gitignore"
    ]
    assert found
    return found


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda raw: b"",
    "truncated": lambda raw: raw[: len(raw) // 2],
    "last_byte_gone": lambda raw: raw[:-1],
    "garbage": lambda raw: random.Random(0).randbytes(len(raw)),
    "nul": lambda raw: b"\0" * len(raw),
    "not_utf8": lambda raw: b"\xff\xfe" + raw,
    "null": lambda raw: b"null",
    "list": lambda raw: b"[]",
    "object": lambda raw: b"{}",
    "number": lambda raw: b"1e999",
    "deep": lambda raw: b"[" * 100_000,
    "twice": lambda raw: raw + raw,
    "appended": lambda raw: raw + b"x",
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_cache(name: str, tree: Path, lint: Lint) -> None:
    cold = lint(tree)
    lint(tree, cache=True)
    for path in cache_files(tree):
        path.write_bytes(DAMAGE[name](path.read_bytes()))

    same(lint(tree, cache=True), cold)
    same(lint(tree, cache=True), cold)


def test_a_cache_with_flipped_bits(tree: Path, lint: Lint) -> None:
    """Not only what is no longer readable: a changed line number or code must not be believed either."""
    cold = lint(tree)
    lint(tree, cache=True)
    whole = {path: path.read_bytes() for path in cache_files(tree)}
    chance = random.Random(1)
    for _ in range(40):
        for path, raw in whole.items():
            place = chance.randrange(len(raw))
            flipped = raw[place] ^ (1 << chance.randrange(7))
            path.write_bytes(raw[:place] + bytes([flipped]) + raw[place + 1 :])
        same(lint(tree, cache=True), cold)


def emptied(document: Any, names: set[str]) -> Any:
    """The document without the contents of its lists below these names."""
    if isinstance(document, dict):
        return {
            k: [] if k in names and isinstance(v, list) else emptied(v, names) for k, v in document.items()
        }
    return [emptied(item, names) for item in document] if isinstance(document, list) else document


def test_a_cache_of_another_version(tree: Path, lint: Lint) -> None:
    """What another version of diag left behind is not believed: here it says that all is well."""
    cold = lint(tree)
    lint(tree, cache=True)
    for path in cache_files(tree):
        document = emptied(json.loads(path.read_bytes().partition(b"\n")[2]), {"findings"})
        document["version"] = "another"
        body = json.dumps(document).encode()
        path.write_bytes(digest(body).encode() + b"\n" + body)

    same(lint(tree, cache=True), cold)


def test_a_folder_in_place_of_a_cache_file(tree: Path, lint: Lint) -> None:
    cold = lint(tree)
    lint(tree, cache=True)
    for path in cache_files(tree):
        path.unlink()
        (path / "inside").mkdir(parents=True)

    run = lint(tree, cache=True)

    same(run, cold)
    assert "cache" in run.stderr


def test_a_file_in_place_of_the_cache_folder(tree: Path, lint: Lint) -> None:
    (tree / ".diag_cache").write_text("not a folder")

    run = lint(tree, cache=True)

    same(run, lint(tree))
    assert "cache" in run.stderr
    assert (tree / ".diag_cache").read_text() == "not a folder"


def test_a_cache_that_cannot_be_written(tree: Path, lint: Lint) -> None:
    if os.geteuid():
        (tree / ".diag_cache").mkdir(mode=0o500)
    elif Path("/proc/self").exists():  # there even root makes no folder
        (tree / ".diag_cache").symlink_to("/proc/self/diag_cache", target_is_directory=True)
    else:
        pytest.skip("root writes everywhere")

    run = lint(tree, cache=True)

    same(run, lint(tree))
    assert len([line for line in run.stderr.splitlines() if "cache" in line]) == 1


def test_two_runs_at_once_share_a_cache(tree: Path, lint: Lint) -> None:
    for number in range(30):
        for name, text in SOURCES.items():
            (tree / f"{number}_{name}").write_text(text)
    cold = lint(tree)
    command = [*DIAG, "lint", "--output-format", "json", str(tree)]

    for _ in range(3):
        runs = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        for run in runs:
            out, err = run.communicate()
            assert "Traceback" not in err
            assert json.loads(out) == cold.report
            assert run.returncode == cold.code
        edited(tree, "venue.py", VENUE + f"# {next(CLOCK)}\n")
        cold = lint(tree)
    leftovers = [path for path in cache_files(tree) if path.suffix != ".json"]
    assert leftovers == []


def test_the_cache_moves_with_the_project(tree: Path, lint: Lint) -> None:
    lint(tree, cache=True)
    moved = tree.parent / "moved"
    shutil.move(tree, moved)
    edited(moved, "venue.py", PLAIN)

    same(lint(moved, cache=True), lint(moved))


NO_RULES: dict[str, Rule] = {}


def judged_again(tree: Path, rules: dict[str, Rule] | None = NO_RULES) -> int:
    """How many modules a run judges; the rest comes from the cache. No `rules`: those that are installed."""
    totals = [0]
    settings = Settings(paths=(tree,), root=tree)
    run_lint(settings, rules=rules, progress=lambda _, total: totals.append(total))
    return max(totals)


def test_only_what_an_edit_reaches_is_judged_again(tree: Path) -> None:
    assert judged_again(tree) == len(SOURCES)
    assert judged_again(tree) == 0
    edited(tree, "venue.py", VENUE + "\n\ndef another(row):\n    return row\n")
    assert judged_again(tree) == 1
    edited(tree, "plain.py", SOURCES["plain.py"] + "\n\ndef another_step():\n    return 1\n")
    assert judged_again(tree) == 1
    edited(tree, "venue.py", PLAIN)
    assert judged_again(tree) == len(SOURCES)


def large(tree: Path, count: int) -> None:
    """So many modules, large enough to be judged in two processes."""
    filler = f"NOTE = {'x' * 60_000!r}\n"
    for number in range(count):
        (tree / f"large{number}.py").write_text(
            f"{filler}\n\nasync def step{number}():\n    return {number}\n"
        )


def test_the_progress_counts_what_both_processes_have_done(tree: Path) -> None:
    large(tree, 20)
    total = len(SOURCES) + 20
    calls: list[tuple[int, int]] = []

    run_lint(Settings((tree,), tree, cache=False), progress=lambda *call: calls.append(call))

    done = [number for number, _ in calls]
    assert {number for _, number in calls} == {total}
    assert (done[0], done[-1]) == (0, total)
    assert done == sorted(done)


@pytest.mark.parametrize(("count", "at"), [(0, 2), (20, 5)], ids=["one process", "two processes"])
def test_what_was_judged_before_an_interrupt_is_kept(tree: Path, lint: Lint, count: int, at: int) -> None:
    large(tree, count)
    cold = lint(tree)

    def interrupt(done: int, total: int) -> None:
        if done >= at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_lint(Settings((tree,), tree), progress=interrupt)

    assert len(cache_files(tree)) == 1
    left = judged_again(tree, None)
    assert 0 < left <= len(SOURCES) + count - at
    same(lint(tree, cache=True), cold)


@pytest.mark.parametrize(
    "name", ["diag/model/infer/infer.py", "diag/model/facts/sdk/ccxt.json", "lint_rules/x.py"]
)
def test_every_file_of_ours_counts(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diag.lint.fingerprint._HOME", tmp_path)
    (tmp_path / "lint_rules").mkdir()
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "diag").mkdir(exist_ok=True)
    without = fingerprint({})
    path.write_text("x")
    first = fingerprint({})
    edited(path.parent, path.name, "y")

    assert len({without, first, fingerprint({})}) == 3
    assert fingerprint({}) == fingerprint({})
