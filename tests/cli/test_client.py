"""`diag probe --client`: the user's own client, unmodified, held against the venue's ledger."""

import json
import os
import shutil
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import write

pytestmark = pytest.mark.slow

pytest.importorskip("pysdk")

EXAMPLE = Path(__file__).parents[2] / "examples" / "hedge"
BOUGHT = ("--ticker", "ETH", "--size", "0.5", "--samples", "3", "-o", "json")


class Verdict:
    """The report, by the name of each check."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        self.checks = {check["name"]: check for check in json.loads(text)["checks"]}

    def __getitem__(self, name: str) -> dict[str, Any]:
        return self.checks[name]

    def failed(self) -> set[str]:
        return {name for name, check in self.checks.items() if check["outcome"] == "fail"}


def probe(diag, *options: str) -> Verdict:
    ran = diag("probe", "grvt", *options, *BOUGHT)
    assert ran.out, ran.err
    return Verdict(ran.code, ran.out)


@pytest.fixture
def bot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A copy of the example bot as the working directory; `change` edits its client."""

    def copy(which: str, *changes: tuple[str, str]) -> None:
        shutil.copytree(EXAMPLE / which, tmp_path, dirs_exist_ok=True)
        shutil.copy(EXAMPLE / "adapter.py", tmp_path)
        client = tmp_path / "exchanges" / "grvt.py"
        text = client.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        client.write_text(text, encoding="utf-8")

    return copy


CLIENT = ("--client", "exchanges.grvt:GrvtClient", "--adapter", "adapter.py")


def test_the_await_that_no_log_names_is_named_with_its_handler(diag, bot) -> None:
    bot("broken")
    verdict = probe(diag, *CLIENT)
    assert verdict.code == 1
    assert "exchanges/grvt.py:45" in verdict["observed.awaits"]["evidence"][0]["text"]
    hidden = verdict["observed.swallowed"]["evidence"][0]["text"]
    assert "raised at exchanges/grvt.py:45" in hidden
    assert "exchanges/grvt.py:86" in hidden
    # Every order became a market order, and the client reads its fill as nothing.
    assert "market order" in verdict["iterative_order.distance"]["observed"]
    assert verdict["iterative_order.claim"]["outcome"] == "fail"


def test_with_the_await_mended_the_size_is_ordered_over_and_over(diag, bot) -> None:
    bot("broken", ("await self.rest_client.", "self.rest_client."))
    verdict = probe(diag, *CLIENT)
    assert verdict["observed.awaits"]["outcome"] == "pass"
    assert {
        "iterative_order.filled",
        "iterative_order.claim",
        "iterative_order.over_fill",
    } <= verdict.failed()
    assert "over-filled" in verdict["iterative_order.filled"]["observed"]


def test_the_mended_client_passes(diag, bot) -> None:
    bot("mended")
    verdict = probe(diag, *CLIENT)
    assert verdict.failed() == set()
    assert verdict["iterative_order.filled"]["outcome"] == "pass"
    assert verdict.code == 0


@pytest.mark.parametrize(
    "client", ["pysdk.grvt_ccxt:GrvtCcxt", "pysdk.grvt_ccxt_pro:GrvtCcxtPro", "ccxt.async_support:grvt"]
)
def test_libraries_pass_as_clients(diag, client: str) -> None:
    pytest.importorskip(client.partition(".")[0])
    verdict = probe(diag, "--client", client)
    assert verdict.failed() == set()
    assert verdict["iterative_order.filled"]["outcome"] == "pass"


SHAPE = """\
from decimal import Decimal

class Client:
    def __init__(self, config):
        self.config = config
    async def fetch_bbo_prices(self, instrument):
        return Decimal("2999.95"), Decimal("3000.05")
    async def place_iterative_market_order(self, instrument, size, side):
        {order}
    async def get_account_positions(self):
        return Decimal(0)
"""


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (
            "return {'success': True, 'total_filled': size, 'average_price': 3000}",
            "0 of 0.5, reported as success",
        ),
        ("raise RuntimeError('no such order')", "RuntimeError: no such order"),
        ("import os; os._exit(3)", "process ended (exited, exit code 3)"),
        ("return {'success': False, 'total_filled': 'much'}", "where a number was due"),
    ],
)
def test_what_a_client_claims_is_never_believed(diag, order: str, said: str) -> None:
    write({"client.py": SHAPE.format(order=order)})
    verdict = probe(diag, "--client", "client:Client")
    assert verdict.code == 1
    assert said in verdict["iterative_order.filled"]["observed"]


def test_a_client_that_hangs_is_left_and_its_process_ended(diag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.iterative_order.GRACE_S", 0.0)
    monkeypatch.setattr("probes.user_client._LEAVE_S", 0.5)
    monkeypatch.setattr("diag.observe.run._GRACE_S", 0.2)
    order = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)"
    write({"client.py": SHAPE.format(order=order)})
    verdict = probe(diag, "--client", "client:Client", "--bound", "max-order-seconds=2")
    assert verdict.code == 1
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path("pid").read_text()), 0)


def test_a_client_that_never_connects_is_told_in_one_line(diag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.user_client._CONNECT_S", 0.5)
    monkeypatch.setattr("probes.user_client._LEAVE_S", 0.5)
    connect = "    async def connect(self):\n        import asyncio; await asyncio.sleep(600)\n"
    write({"client.py": SHAPE.format(order="return {}") + connect})
    ran = diag("probe", "grvt", "--ticker", "ETH", "--client", "client:Client")
    assert ran.code == 3
    assert "did not connect within" in ran.err


def test_secrets_in_what_a_client_says_reach_no_record_and_no_report(diag, monkeypatch) -> None:
    monkeypatch.setenv("VENUE_SECRET", "a-very-quiet-thing")
    order = "import os; raise RuntimeError(os.environ['VENUE_SECRET'] + ' and another-quiet-thing')"
    write({"client.py": SHAPE.format(order=order), ".env": "OTHER_SECRET=another-quiet-thing\n"})
    ran = diag("probe", "grvt", "--client", "client:Client", *BOUGHT, "--record", "rec")
    told = ran.out + ran.err + Path("rec", "events.jsonl").read_text(encoding="utf-8")
    assert "RuntimeError" in told
    assert "quiet-thing" not in told


def test_an_adapter_of_ones_own_names_the_methods(diag) -> None:
    write(
        {
            "client.py": "class Odd:\n    def bid_and_ask(self):\n        return '2999.95', '3000.05'\n",
            "mine.py": textwrap.dedent(
                """
                def construct(kind, order): return kind()
                def connect(client, order): pass
                def fetch_bbo(client, order): return client.bid_and_ask()
                def work_order(client, order): return {"success": False, "filled": 0}
                def position(client, order): return 0
                def disconnect(client, order): print("bye")
                """
            ),
        }
    )
    verdict = probe(diag, "--client", "client:Odd", "--adapter", "mine.py")
    assert verdict["bbo.answered"]["outcome"] == "pass"


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--client", "client"), 2, "is not MODULE:CLASS"),
        (("--client", "nowhere:Client"), 3, "No module named 'nowhere'"),
        (("--client", "client:Nobody"), 3, "has no attribute 'Nobody'"),
        (("--client", "client:Client", "--adapter", "none.py"), 2, "none.py: no such file"),
        (("--client", "client:Client", "--python", "/nowhere"), 2, "neither a Python nor an environment"),
        (("--client", "client:Client", "--env", "testnet"), 2, "embedded venue only"),
    ],
)
def test_bad_input_is_one_line(diag, options: tuple[str, ...], code: int, said: str) -> None:
    write({"client.py": SHAPE.format(order="return {}")})
    ran = diag("probe", "grvt", "--ticker", "ETH", *options)
    assert ran.code == code
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_credentials_that_look_real_are_refused(diag, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "0123456789abcdef" * 4
    write({"client.py": SHAPE.format(order="return {}"), ".env": f"GRVT_PRIVATE_KEY={key}"})
    ran = diag("probe", "grvt", "--ticker", "ETH", "--client", "client:Client")
    assert ran.code == 2
    assert "GRVT_PRIVATE_KEY" in ran.err
    assert key not in ran.err
    Path(".env").unlink()
    monkeypatch.setenv("GRVT_API_KEY", "2xKq8Zr4Lm9Pw3Tn6Vb1")
    assert diag("probe", "grvt", "--ticker", "ETH", "--client", "client:Client").code == 2
