"""A program runs as Python itself would run it, however it is named."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from diag.observe.command import CommandError
from tests.observe.conftest import Watch

pytestmark = pytest.mark.slow

MAIN = """\
import __main__, inspect, os, pickle, sys

class Order:
    pass

def told():
    spec = __spec__.name if __spec__ else None
    print(type(__builtins__).__name__, __name__, __file__, __package__, spec, sys.argv, sys.path[0])
    print(type(pickle.loads(pickle.dumps(Order()))) is Order, __main__.Order is Order, inspect.getsource(Order))

told()
"""


@pytest.mark.parametrize(
    "words",
    [
        ("bot.py", "x"),
        ("-u", "bot.py"),
        ("-m", "bot"),
        ("-um", "bot"),
        ("-mbot", "x"),
        ("-m", "package", "-x"),
        ("package",),
        ("app.pyz",),
        ("-W", "error", "-X", "dev", "bot.py"),
        ("-m", "nowhere"),
    ],
)
def test_what_a_program_knows_of_itself_is_what_python_says(watch: Watch, tmp_path, words) -> None:
    folder = tmp_path / "bot"
    (folder / "package").mkdir(parents=True)
    (folder / "package" / "__init__.py").touch()
    (folder / "package" / "__main__.py").write_text(MAIN, encoding="utf-8")
    with zipfile.ZipFile(folder / "app.pyz", "w") as archive:
        archive.writestr("__main__.py", MAIN)
    (folder / "bot.py").write_text(MAIN, encoding="utf-8")
    bare = subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=30
    )
    seen = watch(MAIN, command=("python", *words))
    assert seen.ended.code == bare.returncode
    assert seen.output().split() == bare.stdout.split()
    assert [str(data["text"]) for data in seen.of("stderr")] == bare.stderr.splitlines()


@pytest.mark.parametrize(
    "source",
    [
        "x = (\n",
        "return 5\n",
        "def f():\n    nonlocal x\n",
        "import broken\n",
        "def f():\n    raise KeyError('x')\ntry:\n    f()\nexcept KeyError as e:\n    raise ValueError from e\n",
        "x = '\\xff'\n# caf\u00e9\nraise SystemExit('bye')\n",
    ],
)
def test_errors_are_told_as_python_tells_them(watch: Watch, tmp_path: Path, source: str) -> None:
    folder = tmp_path / "bot"
    folder.mkdir()
    (folder / "broken.py").write_text("def f(:\n", encoding="utf-8")
    (folder / "bot.py").write_text(source, encoding="utf-8")
    bare = subprocess.run(
        [sys.executable, "bot.py"], cwd=folder, capture_output=True, text=True, check=False, timeout=30
    )
    seen = watch(source, command=("python", "bot.py"))
    assert seen.ended.code == bare.returncode
    told = [str(data["text"]) for data in seen.of("stderr")]
    assert told == [line for line in bare.stderr.splitlines() if line]


@pytest.mark.parametrize(
    "head",
    ["", "from __future__ import annotations\n", "\ufeff", "# -*- coding: latin-1 -*-\n", '"""Doc."""\n'],
)
def test_the_head_of_a_file_stays_what_it_is(watch: Watch, head: str) -> None:
    seen = watch(head + "def f(x: undefined_name = 1): pass\n" if "annotations" in head else head)
    assert seen.ended.code == 0, seen.of("stderr")


def test_a_script_in_another_folder_is_the_users_own(watch: Watch, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "bot.py").write_text("import os, beside\nos.chdir('/')\nprint(open(__file__).readline())\n")
    (other / "beside.py").write_text("try:\n    None.x\nexcept AttributeError:\n    pass\n")
    seen = watch("", command=("python", "../elsewhere/bot.py"))
    assert "import os, beside" in seen.output()
    assert len(seen.of("caught")) == 1


def test_the_main_file_is_watched_in_spawned_processes_too(watch: Watch) -> None:
    seen = watch(
        """
        import multiprocessing

        def work(number):
            try:
                return {}[number]
            except Exception:
                return 0

        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(work, [1]))
        """
    )
    assert "[0]" in seen.output()
    [caught] = seen.of("caught")
    assert caught["handler"].split("bot.py:")[1].startswith("7:")


def test_deeply_nested_code_runs(watch: Watch) -> None:
    chain = "class A:\n    def f(self): return self\nx = A()" + ".f()" * 600 + "\nprint('ran')\n"
    assert "ran" in watch(chain).output()


def test_input_that_is_piped_in_reaches_the_program(tmp_path: Path) -> None:
    (tmp_path / "bot.py").write_text("import sys\nprint('read', sys.stdin.read())\n")
    ran = subprocess.run(
        [sys.executable, "-m", "diag", "run", "--record", "rec", "--", "python", "bot.py"],
        cwd=tmp_path,
        input="ETH",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
    )
    assert "read ETH" in ran.stdout, ran.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("python", "gone.py"), "gone.py: no such script"),
        (("python", "-m"), "python -m: what to run is missing"),
        (("python", "-u"), "name a script or -m MODULE"),
        (("python", "-"), "name a script or -m MODULE"),
    ],
)
def test_what_cannot_be_run_is_one_line(watch: Watch, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said) as raised:
        watch("", command=words)
    assert "\n" not in str(raised.value)
