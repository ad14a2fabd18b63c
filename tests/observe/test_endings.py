"""However a program ends, the record is well-formed and holds what was seen until then."""

import os
import signal
import threading

import pytest

from tests.observe.conftest import Watch

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
        timeout_s=1.0,
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
        timeout_s=1.0,
    )
    assert (seen.ended.how, seen.ended.code) == ("timed out", -signal.SIGKILL)
    assert "deaf" in seen.output()


def test_signals_are_passed_on(watch: Watch) -> None:
    timer = threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    seen = watch(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('got it'), sys.exit(7)))\n"
        "while True: time.sleep(60)\n"
    )
    timer.join()
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
    [dropped] = seen.of("dropped")
    assert dropped["lines"] >= 19_900
    logs = seen.of("log")
    assert len(logs) + sum(log.get("dropped_before", 0) for log in logs) <= 30_001
    assert max(len(log["text"]) for log in logs) <= 8192


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
    monkeypatch.setattr("diag.observe.run._BOOT_S", 0.5)
    seen = watch("", command=("sh", "-c", "echo running; sleep 60"))
    assert seen.ended.how == "no hooks"


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
