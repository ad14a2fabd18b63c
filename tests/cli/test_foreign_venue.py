"""A venue that another package brings along goes through every command; what it lacks is never a pass.

It is Corner of docs/add-a-venue.md: spot, without positions, streams or sessions.
"""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from diag.record import read
from diag.record.kinds import child, venue
from probes.lifecycle.case import CASES
from probes.market.scenario import names
from probes.venue import load
from tests.cli.conftest import write

SOURCE = Path(__file__).parents[2]
PAGE = SOURCE / "docs" / "add-a-venue.md"
ETH = ("probe", "corner", "--ticker", "ETH", "--samples", "5", "-o", "json")

SDK = """\
import json, urllib.error, urllib.parse, urllib.request

class Client:
    def __init__(self, key):
        self.key, self.count = key, 0

    def ask(self, method, endpoint, **data):
        url = f"https://api.corner.example/{endpoint}?{urllib.parse.urlencode(data)}"
        request = urllib.request.Request(url, headers={"X-Key": self.key}, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def bbo(self, instrument):
        answer = self.ask("GET", "ticker", instrument=instrument)
        return {"bid": answer["bid_price"], "ask": answer["ask_price"]}

    def place(self, instrument, side, size, price):
        self.count += 1
        data = dict(instrument=instrument, side=side, size=size, price=price, client_order_id=self.count)
        return self.ask("POST", "order", **data)["order_id"]

    def order(self, order_id):
        return self.ask("GET", "order", order_id=order_id)

    def cancel(self, order_id):
        try:
            self.ask("DELETE", "order", order_id=order_id)
        except urllib.error.HTTPError:
            pass
"""
# It speaks the wire of the other venue by hand.
BOT = """\
import json, os, urllib.request
import corner_sdk

client = corner_sdk.Client(os.environ["CORNER_API_KEY"])
print(client.place("ETH-USD", "buy", "2", "9000"))
print(client.place("BTC-USD", "sell", "1", "9000"))
body = json.dumps({"api_key": os.environ["GRVT_API_KEY"]}).encode()
login = urllib.request.Request("https://edge.grvt.io/auth/api_key/login", body, {"Content-Type": "application/json"})
print(json.load(urllib.request.urlopen(login, timeout=10))["status"])
"""


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The distribution `corner` of the document, as pip would install it."""
    site = tmp_path / "site"
    info = site / "corner-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: corner\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[diag.venues]\ncorner = corner.venue:Corner\n")
    for name, text in re.findall(
        r"^<!-- (\S+\.py) -->\n\n```python\n(.*?)^```$", PAGE.read_text(), re.M | re.S
    ):
        file = site / "corner" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (site / "corner" / "__init__.py").touch()
    monkeypatch.delenv("CORNER_API_KEY", raising=False)
    monkeypatch.syspath_prepend(str(site))
    yield site
    for name in [name for name in sys.modules if name.partition(".")[0] == "corner"]:
        del sys.modules[name]


def checks(text: str) -> dict[str, dict[str, str]]:
    return {check["name"]: check for check in json.loads(text)["checks"]}


def test_the_probes_judge_it_and_its_positions_are_not_shown(diag) -> None:
    ran = diag(*ETH)
    assert ran.code == 3, ran.err
    found = checks(ran.out)
    assert [n for n, check in found.items() if check["outcome"] != "pass"] == ["iterative_order.position"]
    assert "bbo.agreement" not in found  # there is but one source to ask
    assert found["iterative_order.filled"]["outcome"] == "pass"
    assert found["iterative_order.position"]["observed"] == "the venue has no positions"
    assert json.loads(ran.out)["subject"]["instrument"] == "ETH-USD"


def test_what_it_lacks_is_not_shown_in_the_lifecycle_and_says_why(diag) -> None:
    ran = diag(*ETH, "--probe", "order_lifecycle")
    found = checks(ran.out)
    assert len(found) == len(CASES) == 95
    outcomes = Counter(check["outcome"] for check in found.values())
    assert outcomes["fail"] == 0, {n: c["observed"] for n, c in found.items() if c["outcome"] == "fail"}
    assert outcomes["pass"] > 30
    lacks = load("corner").lacks(None)  # type: ignore[arg-type]  # of whatever instrument
    for number, case in CASES.items():
        check = found[f"order_lifecycle.{number}"]
        missing = [lacks[feature] for feature in case.features if feature in lacks]
        if missing:
            assert check["outcome"] == "not shown", number
            assert all(why in check["observed"] for why in missing), check["observed"]
    assert found["order_lifecycle.E22"]["observed"] == "orders are not post-only"
    passed = found["order_lifecycle.E91"]
    assert passed["outcome"] == "pass"
    assert "no position to compare: spot: there are balances, no positions" in passed["observed"]


def test_a_client_of_its_sdk_is_driven_by_the_adapter_in_its_folder(diag) -> None:
    write({"corner_sdk.py": SDK})
    ran = diag(*ETH, "--client", "corner_sdk:Client")
    assert ran.code == 3, ran.err
    found = checks(ran.out)
    assert [n for n, check in found.items() if check["outcome"] != "pass"] == ["iterative_order.position"]
    assert found["iterative_order.claim"]["outcome"] == "pass"


def test_a_program_trades_at_two_venues_at_once(diag) -> None:
    write({"corner_sdk.py": SDK, "bot.py": BOT})
    ran = diag("run", "--sim", "grvt", "--sim", "corner", "--record", "rec", "--", "python", "bot.py")
    assert ran.code == 0, ran.out + ran.err
    assert "ETH-USD 2" in ran.out
    assert "BTC-USD -1" in ran.out
    events = list(read(Path("rec")).events())
    asked = {(event.speaker, event.operation) for event in events if isinstance(event, venue.Request)}
    assert {("grvt", "login"), ("corner", "place")} <= asked
    for name in ("grvt", "corner"):  # each venue counts its own rows
        rows = [event for event in events if event.speaker == name]
        assert [row.where for row in rows] == [f"{name}:{seq}" for seq in range(1, len(rows) + 1)]
    said = [event.text for event in events if isinstance(event, child.Stdout)]
    assert any("success" in text for text in said), said


def test_credentials_that_look_real_are_refused_for_each_venue(diag, monkeypatch) -> None:
    monkeypatch.setenv("CORNER_API_KEY", "k9Dw2Lq8Zr5Tn1Vb6Xc3")
    for argv in (
        ("run", "--sim", "grvt", "--sim", "corner", "--", "python", "-c", "1"),
        (*ETH, "--client", "a:B"),
    ):
        ran = diag(*argv)
        assert ran.code == 2
        assert "the environment holds CORNER_API_KEY, which look real" in ran.err


def test_its_simulator_runs_on_its_own(installed: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "diag", "sim", "corner", "--seed", "7"]
    environment = {**os.environ, "PYTHONPATH": f"{installed}{os.pathsep}{SOURCE}"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            said += line
        assert "A simulated Corner listens on" in said
        assert "export CORNER_API_KEY=simulated-corner-00000007" in said
        url = re.findall(r"http://127\.0\.0\.1:[0-9]+", said)[0]
        with urllib.request.urlopen(f"{url}/ticker?instrument=ETH-USD", timeout=10) as answer:
            assert set(json.load(answer)) >= {"bid_price", "ask_price"}
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{url}/open_orders?instrument=ETH-USD", timeout=10)
        assert json.load(refused.value)["code"] == "KEY"
        refused.value.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("sim", "cornr"), 'unknown venue "cornr" (did you mean "corner"?)'),
        (("probe", "cornr", "--ticker", "ETH"), 'unknown venue "cornr" (did you mean "corner"?)'),
        (("run", "--sim", "cornr", "--", "python"), '--sim: unknown venue "cornr" (did you mean "corner"?)'),
        (("sim", "zzzzz"), 'unknown venue "zzzzz"; known are corner, grvt'),
        ((*ETH, "--env", "testnet"), '--env: unknown environment "testnet"; known are embedded'),
        ((*ETH[:2], "--ticker", "ETG"), 'the venue does not list "ETG" (did you mean "ETH"?)'),
    ],
)
def test_wrong_names_are_one_line(diag, argv, said) -> None:
    ran = diag(*argv)
    assert ran.code == 2
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("scenario", names())
def test_scenarios_go_through_it(diag, scenario: str) -> None:
    """Whatever the scenario does, the reference client does nothing wrong; a bad quote is the venue's."""
    ran = diag(*ETH, "--scenario", scenario)
    failed = {
        name: check["observed"] for name, check in checks(ran.out).items() if check["outcome"] == "fail"
    }
    assert all("as the venue served it" in observed for observed in failed.values()), failed
    assert len(failed) == (scenario in ("crossed-book", "stale-book"))
