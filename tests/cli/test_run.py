"""`diag run`: a whole program under observation."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import write

pytestmark = pytest.mark.slow

TRADER = """\
import os, sys
from decimal import Decimal
from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv

client = GrvtCcxt(GrvtEnv("prod"), parameters={
    name: os.environ["GRVT_" + name.upper()] for name in ("trading_account_id", "private_key", "api_key")})
client.create_order("ETH_USDT_Perp", "market", "buy", Decimal("0.5"))
client.create_order("ETH_USDT_Perp", "limit", "buy", Decimal("0.1"), Decimal("2900.00"))
print("traded", sys.argv[1:])
"""


def checks(text: str) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in json.loads(text)["checks"]}


def test_a_program_trades_at_the_simulated_venue_and_what_it_holds_is_told(diag) -> None:
    write({"bot.py": TRADER})
    ran = diag("run", "--sim", "grvt", "--", "python", "bot.py", "--ticker", "ETH")
    assert ran.code == 1, ran.err
    assert "1 order  (nothing)  grvt:" in ran.out
    assert "ETH_USDT_Perp 0.5" in ran.out
    assert "net exposure  0.5 ETH" in ran.out
    assert "2 orders, 1 fills, 1 open at the end" in ran.out


def test_without_sim_it_only_watches(diag) -> None:
    write({"bot.py": "try:\n    None.x\nexcept Exception:\n    pass\n"})
    ran = diag("run", "-o", "json", "--record", "rec", "--", "python", "bot.py")
    assert ran.code == 1
    assert checks(ran.out)["observed.swallowed"] == "fail"
    assert "bot.py:2" in ran.out


def test_a_program_that_fails_is_no_pass(diag) -> None:
    write({"bot.py": "raise SystemExit(5)"})
    ran = diag("run", "-o", "json", "--", "python", "bot.py")
    assert ran.code == 1
    assert checks(ran.out)["observed.ended"] == "fail"


def test_what_it_could_not_reach_is_not_shown(diag) -> None:
    write(
        {
            "bot.py": "import socket\ntry:\n    socket.getaddrinfo('api.exchange.example', 443)\nexcept OSError:\n    pass\n"
        }
    )
    ran = diag("run", "--sim", "grvt", "-o", "json", "--", "python", "bot.py")
    assert ran.code == 3
    assert checks(ran.out)["observed.outside"] == "not shown"


def test_variables_of_a_file_reach_the_program_and_its_secrets_no_record(diag, tmp_path) -> None:
    write(
        {
            "bot.py": "import os\nprint('key is', os.environ['VENUE_SECRET'])\n",
            "my.env": "VENUE_SECRET=a-very-quiet-thing\n",
        }
    )
    ran = diag("run", "--env-file", "my.env", "--record", "rec", "-o", "concise", "--", "python", "bot.py")
    assert ran.code == 0
    assert "a-very-quiet-thing" not in (tmp_path / "rec" / "events.jsonl").read_text(encoding="utf-8")


def test_bad_input_is_one_line_each(diag) -> None:
    write({"bot.py": ""})
    for options, said in (
        (("--", "nosuchprogram"), "nosuchprogram: no such program"),
        (("--", "gone.py"), "gone.py: no such script"),
        (("--", "python"), "name a script or -m MODULE"),
        (("--sim", "grvtt", "--", "python", "bot.py"), 'unknown venue "grvtt"'),
        (("--sim", "grvt", "--scenario", "clam", "--", "python", "bot.py"), "calm"),
        (("--env-file", "none.env", "--", "python", "bot.py"), "none.env: no such file"),
    ):
        ran = diag("run", *options)
        assert (ran.code, len(ran.err.strip().splitlines())) == (2, 1), ran.err
        assert said in ran.err


READS = """\
from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv

print(GrvtCcxt(GrvtEnv("prod")).fetch_ticker("ETH_USDT_Perp")["last_price"])
"""


def trading() -> dict[str, str]:
    found = checks(Path("report.json").read_text(encoding="utf-8"))
    return {name: outcome for name, outcome in found.items() if name.startswith("trading.")}


def test_a_program_that_never_reaches_the_venue_shows_nothing(diag) -> None:
    report = ("-o", "json:report.json", "--", "python", "-c", "print(1)")
    assert diag("run", "--sim", "grvt", *report).code == 3
    assert set(trading().values()) == {"not shown"}
    diag("run", *report)
    assert not trading()


def test_a_program_that_only_reads_passes_unless_orders_are_expected(diag) -> None:
    write({"bot.py": READS})
    report = ("-o", "json:report.json", "--", "python", "bot.py")
    assert diag("run", "--sim", "grvt", *report).code == 0
    assert trading()["trading.repeats"] == "not applicable"
    assert diag("run", "--sim", "grvt", "--expect-orders", *report).code == 3
    assert trading()["trading.repeats"] == "not shown"


def test_the_position_is_held_against_what_is_expected(diag) -> None:
    closes = TRADER.replace(
        '"limit", "buy", Decimal("0.1"), Decimal("2900.00")', '"market", "buy", Decimal("0.1")'
    )
    write({"bot.py": closes})
    for options, code in (
        (("--expect-position", "0.6", "--max-position", "ETH_USDT_Perp=0.6"), 0),
        (("--expect-position", "ETH_USDT_Perp=0.5"), 1),
        (("--max-position", "0.5"), 1),
    ):
        ran = diag("run", "--sim", "grvt", *options, "--", "python", "bot.py")
        assert ran.code == code, ran.out


def test_an_order_sent_again_on_a_lost_answer_fails_with_its_rows(diag) -> None:
    again = (
        TRADER.partition("client.create_order")[0]
        + """\
for attempt in range(3):
    try:
        client.create_order("ETH_USDT_Perp", "market", "buy", Decimal("0.5"))
        break
    except Exception:
        pass
"""
    )
    write({"bot.py": again})
    ran = diag("run", "--sim", "grvt", "--scenario", "lost-acks", "--", "python", "bot.py")
    assert ran.code == 1
    assert "placed again at grvt:" in ran.out
    assert ", both filled" in ran.out


def test_expectations_are_of_a_simulated_venue(diag) -> None:
    write({"bot.py": ""})
    for options, said in (
        (("--expect-orders",), "give --sim VENUE"),
        (("--sim", "grvt", "--max-position", "-1"), '--max-position: "-1" is not SIZE'),
        (("--sim", "grvt", "--expect-position", "nan"), '--expect-position: "nan" is not SIZE'),
    ):
        ran = diag("run", *options, "--", "python", "bot.py")
        assert (ran.code, len(ran.err.strip().splitlines())) == (2, 1), ran.err
        assert said in ran.err
