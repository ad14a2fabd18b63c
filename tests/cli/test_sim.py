"""`diag sim`: it runs, says where, ends cleanly; bad input is one line."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from diag.record import read
from probes.market.clock import SystemClock
from probes.venues.grvt.simulator.sessions import Sessions
from tests.cli.conftest import Run

Diag = Callable[..., Run]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_runs_until_it_is_told_to_end(tmp_path: Path, ending: signal.Signals) -> None:
    record = tmp_path / "record"
    command = [sys.executable, "-m", "diag", "sim", "grvt", "--seed", "7", "--record", str(record)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            said += line
        url = re.search(r"http://127\.0\.0\.1:[0-9]+", said)
        assert url is not None
        (api_key,) = re.findall(r"GRVT_API_KEY=(\S+)", said)
        assert api_key == Sessions(7, SystemClock()).credentials[0].api_key
        request = urllib.request.Request(
            f"{url[0]}/auth/api_key/login",
            json.dumps({"api_key": api_key}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            assert json.load(response)["status"] == "success"
        process.send_signal(ending)
        rest, errors = process.communicate(timeout=20)
    assert (process.returncode, rest, errors) == (0, "ended\n", "")
    assert api_key not in (record / "events.jsonl").read_text()
    assert "request" in {event.kind for event in read(record).events()}


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["grv"], 'unknown venue "grv" (did you mean "grvt"?)'),
        (["binance"], 'unknown venue "binance"; known is grvt'),
        (["grvt", "--scenario", "clam"], 'unknown scenario "clam" (did you mean "calm"?)'),
        (["grvt", "--scenario", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["grvt", "--port", "65536"], "--port"),
        (["grvt", "--seed", "-1"], "--seed"),
        (["grvt", "--record", "file/record"], "file/record: cannot write the run record"),
    ],
)
def test_bad_input_is_one_clear_line(diag: Diag, argv: list[str], said: str) -> None:
    Path("file").write_text("")
    done = diag("sim", *argv)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_a_port_in_use_is_said(diag: Diag) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = diag("sim", "grvt", "--port", str(port))
    assert done.code == 2
    assert f"127.0.0.1:{port}: cannot listen" in done.err
