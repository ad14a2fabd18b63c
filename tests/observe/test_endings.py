"""However a program ends, the record is well-formed and holds what was seen until then."""

import json
import marshal
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from diag.record import read
from tests.observe.conftest import Watch

pytestmark = pytest.mark.slow

MISTAKE = "try:\n    None.x\nexcept AttributeError:\n    pass\n"


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9),
        ("import os; os._exit(3)", 3),
        ("import sys; sys.exit(4)", 4),
        ("import os; os.abort()", -6),
        ("raise KeyboardInterrupt", -2),
        ("raise RuntimeError('x')", 1),
    ],
)
def test_what_was_seen_before_the_end_is_recorded(watch: Watch, end: str, code: int) -> None:
    seen = watch(MISTAKE + end)
    assert (seen.ended.code, seen.ended.how) == (code, "exited")
    assert len(seen.of("caught")) == 1
    assert seen.events[-1].kind == "exit"


def test_a_program_that_hangs_is_asked_to_stop_and_may_clean_up(watch: Watch) -> None:
    seen = watch(
        MISTAKE
        + """
import time
try:
    while True:
        time.sleep(60)
except KeyboardInterrupt:
    print("cancelled my orders")
""",
        timeout_s=4.0,  # by then it has started, on a busy machine too
    )
    assert seen.ended.how == "timed out"
    assert "cancelled my orders" in seen.output()
    assert len(seen.of("caught")) == 1


def test_a_program_that_ignores_signals_is_killed(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diag.observe.run._GRACE_S", 0.2)
    seen = watch(
        "import signal, time\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('deaf')\nwhile True: time.sleep(60)\n",
        timeout_s=4.0,  # by then it has started, on a busy machine too
    )
    assert (seen.ended.how, seen.ended.code) == ("timed out", -signal.SIGKILL)
    assert "deaf" in seen.output()


def test_signals_are_passed_on(watch: Watch) -> None:
    seen = watch(
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('got it'), sys.exit(7)))\n"
        f"os.kill({os.getpid()}, signal.SIGTERM)\n"
        "while True: time.sleep(60)\n"
    )
    assert (seen.ended.how, seen.ended.code) == ("interrupted", 7)
    assert "got it" in seen.output()


def test_a_flood_of_output_and_of_logs_is_cut_and_counted(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diag.observe.run._OUTPUT_LIMIT", 100)
    seen = watch(
        """
        import logging, sys
        line = "x" * 1000 + "\\n"
        for _ in range(20_000):
            sys.stdout.write(line)
        sys.stdout.write("y" * 20_000_000)
        log = logging.getLogger(); log.addHandler(logging.NullHandler())
        for number in range(30_000):
            log.warning("line %d", number)
        log.warning("z" * 1_000_000)
        """
    )
    assert seen.ended.code == 0
    dropped = {data["stream"]: data["lines"] for data in seen.of("dropped")}
    assert dropped["stdout"] == 19_901
    assert 0 < dropped["log"] <= 29_901
    assert len(seen.of("stdout")) == len(seen.of("log")) == 100


def test_long_lines_are_cut_at_their_end(watch: Watch) -> None:
    seen = watch(
        """
        import logging, sys, time
        sys.stdout.write("start " + "x" * 300_000)
        sys.stdout.flush()
        time.sleep(0.1)
        sys.stdout.write("y" * 300_000 + "\\nnext\\n")
        logging.warning("start " + "z" * 1_000_000)
        try:
            raise ValueError("q" * 3_000_000)
        except ValueError:
            logging.exception("after")
        """
    )
    first, second = seen.of("stdout")
    assert first["text"].startswith("start xxx")
    assert len(first["text"]) == 8192
    assert second["text"] == "next"
    assert [len(log["text"]) for log in seen.of("log")] == [8192, 5]
    assert seen.of("torn") == []


def test_descriptors_that_the_program_closes_are_not_missed(watch: Watch) -> None:
    seen = watch(
        MISTAKE
        + "import os\nos.closerange(3, 64)\nown = open('own.bin', 'wb')\n"
        + MISTAKE
        + "own.write(b'mine')\nown.close()\n"
    )
    assert seen.ended.code == 0
    assert len(seen.of("caught")) == 2
    assert (seen.folder / "own.bin").read_bytes() == b"mine"


def test_forks_report_for_themselves(watch: Watch) -> None:
    seen = watch("import os\n" + MISTAKE + "pid = os.fork()\n" + MISTAKE + "if pid: os.wait()\n")
    assert len({data["pid"] for data in seen.of("caught")}) == 2


def test_a_process_that_is_left_behind_holds_nothing_up(watch: Watch) -> None:
    seen = watch(
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\nprint('gone')\n"
    )
    assert (seen.ended.code, seen.ended.how) == (0, "exited")
    assert "gone" in seen.output()


def test_a_program_without_hooks_is_stopped(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diag.observe.run._BOOT_S", 3.0)
    seen = watch("", command=("sh", "-c", "echo running; sleep 60"))
    assert seen.ended.how == "no hooks"


SLEEPER = """
import os, signal, subprocess, sys, time
def leave():
    signal.signal(signal.SIGTERM, lambda *_: (open("ended", "a").write("x"), os._exit(0)))
    print(os.getpid(), flush=True)
    open("ready", "w").close()
    time.sleep(60)
"""


def runs(pid: int) -> bool:
    """Whether there is such a process, and not only its exit code that nobody asked for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


LEFT = {
    "a daemon": "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        leave()\n    os._exit(0)\nos.wait()\n",
    "a child": "if os.fork() == 0:\n    leave()\n",
    "another program in a session of its own": (
        "if 'again' in sys.argv:\n    leave()\nsubprocess.Popen([sys.executable, __file__, 'again'], start_new_session=True)\n"
    ),
}


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


@linux
@pytest.mark.parametrize("left", LEFT)
def test_what_is_left_behind_is_ended_politely(watch: Watch, left: str) -> None:
    wait = "while not os.path.exists('ready'):\n    time.sleep(0.01)\n"
    seen = watch(SLEEPER + LEFT[left] + wait)
    assert (seen.folder / "ended").read_text() == "x"
    assert not runs(int(seen.output()))


@linux
def test_the_program_ends_with_its_observer(tmp_path: Path) -> None:
    (tmp_path / "bot.py").write_text(
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (open('ended', 'w').close(), sys.exit()))\n"
        "print(os.getpid(), flush=True)\nwhile True: time.sleep(60)\n"
    )
    command = [sys.executable, "-m", "diag", "run", "--record", "rec", "--", "python", "bot.py"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, env=environment) as observer:
        assert observer.stdout is not None
        bot = int(observer.stdout.readline())
        observer.kill()
    until = time.monotonic() + 10
    while runs(bot) and time.monotonic() < until:
        time.sleep(0.01)
    assert not runs(bot)
    assert (tmp_path / "ended").exists()


def test_all_that_was_reported_before_a_kill_is_read(watch: Watch) -> None:
    seen = watch(
        """
        import logging, os, signal
        log = logging.getLogger(); log.addHandler(logging.NullHandler())
        for number in range(800):
            log.warning("line %d %s", number, "x" * 500)
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    assert len(seen.of("log")) == 800
    assert seen.events[-1].kind == "exit"


def test_a_long_temporary_folder_is_no_trouble(
    watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 60) / ("y" * 60)
    long.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert watch(MISTAKE).of("caught")


def test_garbage_on_the_channel_is_left_out(watch: Watch) -> None:
    seen = watch(
        """
        import json, os, socket
        path = json.load(open(os.environ["DIAG_CHILD"]))["channel"]
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(path)
            channel.sendall(b"\\xff\\x00 nonsense\\n[]\\n" + b'{"kind": "log", "pid')
        """
        + MISTAKE.replace("\n", "\n        ")
    )
    assert seen.ended.code == 0
    assert len(seen.of("torn")) == 3
    assert len(seen.of("caught")) == 1


@linux
def test_daemons_of_other_languages_are_ended(watch: Watch) -> None:
    seen = watch(
        """
        import subprocess, sys, time
        run = "trap 'echo x > ended; exit' TERM; echo $$ > pid; while :; do sleep 0.05; done"
        subprocess.run(["setsid", "--fork", "sh", "-c", run], stdout=subprocess.DEVNULL)
        import os
        while not os.path.exists("pid") or not open("pid").read():
            time.sleep(0.01)
        """
    )
    assert (seen.folder / "ended").read_text() == "x\n"
    assert not runs(int((seen.folder / "pid").read_text()))


OBSERVED = [sys.executable, "-m", "diag", "run", "--record", "rec"]
WAITING = "import time\nprint('ready', flush=True)\nwhile True:\n    time.sleep(60)\n"


def start(folder: Path, program: str, *options: str) -> subprocess.Popen[str]:
    (folder / "bot.py").write_text(program)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(
        [*OBSERVED, *options, "--", "python", "bot.py"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"])
def test_the_exit_code_of_a_signal_is_the_signals(tmp_path: Path, name: str) -> None:
    number = getattr(signal, name)
    with start(tmp_path, WAITING, "-o", "json:told.json") as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        run.send_signal(number)
        _, err = run.communicate(timeout=60)
    assert run.returncode == 128 + number, err
    assert json.loads((tmp_path / "told.json").read_text())["subject"]["signal"] == name
    assert list(read(tmp_path / "rec").events())[-1].kind == "exit"


def test_a_killed_run_has_its_record_up_to_the_last_second(tmp_path: Path) -> None:
    with start(tmp_path, WAITING) as run:
        events = tmp_path / "rec" / "events.jsonl"
        until = time.monotonic() + 30
        while not (events.exists() and b"ready" in events.read_bytes()) and time.monotonic() < until:
            time.sleep(0.05)
        run.kill()
    assert b"ready" in events.read_bytes()


def test_code_is_taken_from_no_folder_that_others_may_write(watch: Watch, tmp_path: Path) -> None:
    beside = tmp_path / "bot" / "beside.py"
    beside.parent.mkdir()
    beside.write_text("print('written')\n")
    assert watch("import beside\n").output() == "written"
    planted = marshal.dumps(compile("print('planted')\n", "beside.py", "exec"))
    for cached in (tmp_path / "cache").iterdir():
        head, ending, _ = cached.read_bytes().partition(b"\n\n")
        if b"beside.py" in head:
            cached.write_bytes(head + ending + planted)
    assert watch("import beside\n", record="own").output() == "planted"
    (tmp_path / "cache").chmod(0o777)
    assert watch("import beside\n", record="shared").output() == "written"
