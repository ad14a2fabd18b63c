"""`diag probe` at a real venue, whose names lead to a simulator on loopback; and the ways in which a run ends."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from diag.cli import probing
from diag.record import Event, Journal, read
from diag.record.kinds.probe import Left
from probes.embedded import Embedded, embedded
from probes.market.scenario import load
from probes.venues.grvt.simulator.app import Simulator
from tests.cli.conftest import Run
from tests.rerouted import rerouted

pytestmark = pytest.mark.slow

Diag = Callable[..., Run]
ETH = ("probe", "grvt", "--ticker", "ETH")
QUICK = (*ETH, "--samples", "5")
SOURCE = Path(__file__).resolve().parents[2]


@pytest.fixture
def real(tmp_path: Path) -> Iterator[tuple[Embedded[Simulator], Journal]]:
    with (
        Journal(tmp_path / "venue") as ledger,
        embedded(Simulator(load("calm"), 1, ledger), tls=True) as venue,
    ):
        assert venue.ca_file
        with rerouted(venue.port, venue.ca_file):
            yield venue, ledger


def credentials(monkeypatch: pytest.MonkeyPatch, venue: Embedded[Simulator]) -> tuple[str, ...]:
    known = venue.simulator.credentials[0]
    monkeypatch.setenv("GRVT_API_KEY", known.api_key)
    monkeypatch.setenv("GRVT_PRIVATE_KEY", known.private_key)
    monkeypatch.setenv("GRVT_TRADING_ACCOUNT_ID", known.sub_account_id)
    return known.api_key, known.private_key, known.private_key.removeprefix("0x")


TESTNET = (*QUICK, "--env", "testnet")
ARMED = (*TESTNET, "--arm-orders", "--max-notional", "2000")


def endpoints(ledger: Journal) -> list[Any]:
    return [event.endpoint for event in ledger.events() if event.kind == "request"]


def test_a_real_venue_is_read_only(
    diag: Diag, real: tuple[Embedded[Simulator], Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(monkeypatch, real[0])
    done = diag(*TESTNET)
    assert done.code == 3
    assert "no order was placed on testnet; --probe bbo leaves this probe out" in done.out
    assert diag(*TESTNET, "--probe", "bbo").code == 0
    assert not {"create_order", "login", "cancel_order", "cancel_all_orders"} & set(endpoints(real[1]))


def test_the_cases_that_place_no_orders_are_run_at_a_real_venue(
    diag: Diag, real: tuple[Embedded[Simulator], Journal]
) -> None:
    done = diag(*TESTNET, "--probe", "order_lifecycle", "-o", "concise")
    outcomes = [line.split(": ")[1] for line in done.out.splitlines()[:-1]]
    assert (done.code, done.err, "fail" in outcomes) == (3, "", False), done.out
    assert outcomes.count("pass") > 5
    assert outcomes.count("not shown") > 40
    assert "create_order" not in endpoints(real[1])


def test_armed_cases_leave_a_real_venue_as_it_was(
    diag: Diag, real: tuple[Embedded[Simulator], Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(monkeypatch, real[0])
    monkeypatch.setenv("DIAG_ARM_ORDERS", "testnet")
    done = diag(*ARMED, "--yes", "--probe", "order_lifecycle", "-o", "concise")
    failed = [line for line in done.out.splitlines() if ": fail: " in line]
    assert (done.code, done.err, failed) == (3, "", [])
    assert "guard.position: pass: 0 " in done.out
    assert "guard.open_orders: pass: none" in done.out
    orders = {event.order_id: event.values() for event in real[1].events() if event.kind == "order"}
    assert len(orders) > 20
    assert {data["status"] for data in orders.values()} <= {"filled", "cancelled", "rejected"}


def test_armed_orders_are_worked_and_unwound(
    diag: Diag, real: tuple[Embedded[Simulator], Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(monkeypatch, real[0])
    monkeypatch.setenv("DIAG_ARM_ORDERS", "testnet")
    done = diag(*ARMED, "--yes", "-o", "concise")
    assert done.code == 0, done.out + done.err
    assert "guard.position: pass: 0 " in done.out
    assert "guard.open_orders: pass: none" in done.out
    sides = [event.side for event in real[1].events() if event.kind == "fill"]
    assert set(sides) == {"buy", "sell"}


@pytest.mark.parametrize(
    ("variables", "argv", "said"),
    [
        ({}, ("--yes",), "credentials: set GRVT_API_KEY, GRVT_PRIVATE_KEY, GRVT_TRADING_ACCOUNT_ID"),
        ({"GRVT_API_KEY": "abc"}, ("--yes",), "GRVT_PRIVATE_KEY and GRVT_TRADING_ACCOUNT_ID missing"),
        ({"GRVT_PRIVATE_KEY": "0xnothex"}, ("--yes",), "GRVT_PRIVATE_KEY"),
        ({"full": "1"}, ("--yes",), "--yes: takes DIAG_ARM_ORDERS=testnet in the environment"),
        ({"full": "1", "DIAG_ARM_ORDERS": "prod"}, ("--yes",), "--yes: takes DIAG_ARM_ORDERS=testnet"),
        ({"full": "1"}, (), "--arm-orders: confirm on a terminal"),
    ],
)
def test_orders_need_credentials_and_a_confirmation(
    diag: Diag,
    real: tuple[Embedded[Simulator], Journal],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    argv: tuple[str, ...],
    said: str,
) -> None:
    if variables.pop("full", None):
        credentials(monkeypatch, real[0])
    elif "GRVT_PRIVATE_KEY" in variables:
        variables |= {"GRVT_API_KEY": "abc", "GRVT_TRADING_ACCOUNT_ID": "1"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = diag(*ARMED, *argv)
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert said in line
    assert "nothex" not in line
    assert endpoints(real[1]) == []


class Terminal:
    """Somebody who types one line."""

    def __init__(self, line: str) -> None:
        self.line = line

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self.line + "\n"


@pytest.mark.parametrize(("typed", "code"), [("ETH", 0), ("yes", 2), ("", 2)])
def test_the_ticker_is_typed_to_confirm(
    diag: Diag,
    real: tuple[Embedded[Simulator], Journal],
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    code: int,
) -> None:
    credentials(monkeypatch, real[0])
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    done = diag(*ARMED)
    assert done.code == code
    assert (
        "real orders of ETH on testnet: buys 0.5, then sells it again, with up to 2000 at stake" in done.err
    )
    assert bool(endpoints(real[1])) == (code == 0)


def test_what_is_confirmed_is_what_will_be_done(
    diag: Diag, real: tuple[Embedded[Simulator], Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(monkeypatch, real[0])
    monkeypatch.setattr(sys, "stdin", Terminal("no"))
    done = diag(*ARMED, "--probe", "order_lifecycle")
    assert "orders of ETH on testnet: runs cases that buy, sell and cancel, dozens of orders" in done.err
    assert "buys 0.5" not in done.err
    assert endpoints(real[1]) == []


def test_too_little_notional_places_nothing(
    diag: Diag, real: tuple[Embedded[Simulator], Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(monkeypatch, real[0])
    monkeypatch.setenv("DIAG_ARM_ORDERS", "testnet")
    done = diag(*TESTNET, "--arm-orders", "--max-notional", "100", "--yes")
    assert done.code == 1
    assert "more than --max-notional 100" in done.out
    assert "create_order" not in endpoints(real[1])


def test_wrong_credentials_are_refused_by_the_venue(
    diag: Diag, real: tuple[Embedded[Simulator], Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(monkeypatch, real[0])
    monkeypatch.setenv("GRVT_API_KEY", "wrong")
    monkeypatch.setenv("DIAG_ARM_ORDERS", "testnet")
    done = diag(*ARMED, "--yes")
    assert done.code == 2
    assert "diag: error: testnet: the venue refused the credentials" in done.err
    assert len(done.err.splitlines()) == 1


def test_a_venue_that_cannot_be_reached_shows_nothing(diag: Diag, tmp_path: Path) -> None:
    with Journal(tmp_path / "v") as ledger, embedded(Simulator(load("calm"), 1, ledger), tls=True) as venue:
        ca_file, port = Path(tmp_path / "ca.pem"), venue.port
        assert venue.ca_file
        ca_file.write_bytes(venue.ca_file.read_bytes())
    with rerouted(port, ca_file):
        done = diag(*TESTNET, "--probe", "bbo")
    assert (done.code, done.out) == (3, "")
    (line,) = done.err.splitlines()
    assert line.startswith("diag: nothing shown: testnet: ")


def test_secrets_are_in_no_output_and_no_record(
    diag: Diag, real: tuple[Embedded[Simulator], Journal], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secrets = credentials(monkeypatch, real[0])
    monkeypatch.setenv("DIAG_ARM_ORDERS", "testnet")
    outputs = ("-o", "full", "-o", "json:a.json", "-o", "junit:a.xml", "-o", "github:a.txt")
    runs = [diag(*ARMED, "--yes", "--record", "r1", *outputs), diag(*QUICK, "--record", "r2")]
    runs.append(diag(*TESTNET, "--arm-orders", "--max-notional", "1", "--yes", "--record", "r3"))
    cookies = [*real[0].simulator.state.sessions._sessions]
    assert cookies
    texts = {f"run {number}": run.out + run.err for number, run in enumerate(runs)}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 6
    texts |= {path.name: path.read_text(errors="replace") for path in files}
    for name, text in texts.items():
        for secret in (*secrets, *cookies):
            assert secret not in text, name


def test_a_clock_that_is_wrong_shows_nothing_and_places_nothing(
    diag: Diag, real: tuple[Embedded[Simulator], Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(monkeypatch, real[0])
    monkeypatch.setenv("DIAG_ARM_ORDERS", "testnet")
    monkeypatch.setattr(probing, "time", SimpleNamespace(time_ns=lambda: time.time_ns() - 90 * 10**9))
    done = diag(*ARMED, "--yes")
    assert (done.code, done.out) == (3, "")
    (line,) = done.err.splitlines()
    assert re.match(r"diag: nothing shown: the clock of this machine is \d+\.\d s behind the venue's", line)
    assert "is 90." in line or "is 89." in line
    assert "create_order" not in endpoints(real[1])


# Ways to end


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 131)],
)
def test_a_signal_while_an_order_is_open_cancels_it(
    diag: Diag,
    real: tuple[Embedded[Simulator], Journal],
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
    code: int,
) -> None:
    venue, ledger = real
    credentials(monkeypatch, venue)
    monkeypatch.setenv("DIAG_ARM_ORDERS", "testnet")
    sent: list[int] = []

    def heard(event: Event) -> None:
        if event.kind == "order" and event.status == "open" and not sent:
            sent.append(number)
            os.kill(os.getpid(), number)

    ledger.listen(heard)
    done = diag(*ARMED, "--yes", "--probe", "iterative_order", "--record", "r", "-o", "json:told.json")
    assert (done.code, done.out, sent) == (code, "", [number])
    account = venue.simulator.credentials[0].sub_account_id
    exchange = venue.simulator.exchange
    assert venue.call(lambda: exchange.open_orders(account)) == []
    # What had filled by then is said, for somebody has to deal with it.
    position = venue.call(lambda: exchange.position(account, "ETH_USDT_Perp").size)
    assert ("position of ETH_USDT_Perp: 0 before" in done.err) == bool(position)
    subject = json.loads(Path("told.json").read_text(encoding="utf-8"))["subject"]
    assert subject["signal"] == number.name
    left = [problem for event in read(Path("r")).events(Left) for problem in event.problems]
    assert subject.get("left", "") == "; ".join(left)
    assert bool(left) == bool(position)
    assert any(event.kind == "state" and event.at == "after" for event in read(Path("r")).events())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_somebody_impatient_does_not_keep_the_orders_from_being_cancelled(
    diag: Diag,
    real: tuple[Embedded[Simulator], Journal],
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
) -> None:
    """Ctrl-C when an order rests, and again at each request of the way out."""
    venue, ledger = real
    credentials(monkeypatch, venue)
    monkeypatch.setenv("DIAG_ARM_ORDERS", "testnet")
    sent: list[str] = []

    def heard(event: Event) -> None:
        rests = event.kind == "order" and event.status == "open"
        if rests or (sent and event.kind == "request" and len(sent) < 5):
            sent.append(event.kind)
            os.kill(os.getpid(), number)

    ledger.listen(heard)
    done = diag(*ARMED, "--yes", "--probe", "iterative_order")
    account = venue.simulator.credentials[0].sub_account_id
    exchange = venue.simulator.exchange
    assert venue.call(lambda: exchange.open_orders(account)) == []
    assert (done.code, done.out, len(sent)) == (128 + number, "", 5)
    assert done.err.splitlines()[0] == "diag: cancelling what is open; this takes 30 s at most"


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [(signal.SIGINT, 130, "diag: interrupted\n"), (signal.SIGTERM, 143, "diag: terminated\n")],
)
def test_a_signal_ends_the_run_with_a_whole_record(
    tmp_path: Path, number: signal.Signals, code: int, said: str
) -> None:
    record = tmp_path / "r"
    argv = [sys.executable, "-m", "diag", *ETH, "--duration", "60", "--record", str(record)]
    run = subprocess.Popen(
        argv, cwd=SOURCE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    )
    try:
        deadline = threading.Timer(60, run.kill)
        deadline.start()
        events = record / "events.jsonl"
        while not (events.exists() and b'"kind":"run"' in events.read_bytes()):
            assert run.poll() is None
        run.send_signal(number)
        out, err = run.communicate()
        deadline.cancel()
    finally:
        run.kill()
    assert (run.returncode, out, err) == (code, "", said)
    found = read(record)
    list(found.events())
    assert found.torn == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of files")
def test_a_disk_that_is_full_is_one_clear_line(tmp_path: Path) -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))\n"
        f"from diag.cli import main; sys.exit(main({[*ETH, '--record', str(tmp_path / 'r')]!r}))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=SOURCE, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout) == (2, "")
    (line,) = run.stderr.splitlines()
    assert line.startswith(f"diag: error: --record: {tmp_path / 'r'}: cannot write the run record: ")
    found = read(tmp_path / "r")
    assert len(list(found.events())) > 50


SLOW = """
import signal, time
import diag.cli.probing as probing
from probes import guard

guard.WAY_OUT_S = 1.0

async def endless(self):
    while True:
        time.sleep(0.05)  # not even the loop gets its turn

guard.Guard.end = endless
from diag.cli import main
main()
"""


def test_the_way_out_ends_when_it_was_promised_though_it_hangs(tmp_path: Path) -> None:
    record = tmp_path / "r"
    argv = [sys.executable, "-c", SLOW, *ETH, "--duration", "60", "--record", str(record)]
    with subprocess.Popen(
        argv, cwd=SOURCE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as run:
        events = record / "events.jsonl"
        while not (events.exists() and b'"kind":"run"' in events.read_bytes()):
            assert run.poll() is None
            time.sleep(0.02)
        run.send_signal(signal.SIGTERM)
        _, err = run.communicate(timeout=30)
    assert run.returncode == 143
    assert "not done in 1 s: whether anything is left open is not known" in err
