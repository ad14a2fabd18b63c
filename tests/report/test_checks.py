"""Reports of checks, and the live table."""

import io
import json
from collections import deque
from decimal import Decimal
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.record import Journal
from diag.record.kinds import client
from diag.report import checks as reports
from diag.report.checks import Report
from diag.report.live import Live, sparkline
from diag.report.style import plain
from diag.verdict import Check, Evidence, Outcome
from probes.market.ledger import Ledger
from probes.market.order import ZERO, Fill, Order, Side, Status

SUBJECT = {"venue": "grvt", "env": "embedded", "client": "reference", "instrument": "ETH_USDT_Perp"}
SUBJECT |= {"scenario": "calm", "seed": 1, "record": "r"}  # type: ignore[dict-item]
NASTY = "\x1b[31mred\x00 <&>\"' ]]> %0A\nnext, line: ::error::"

texts = st.text(min_size=1)
made = st.builds(
    Check,
    st.sampled_from(["bbo.latency", "iterative_order.filled", "order_lifecycle.O-12"]),
    texts,
    st.sampled_from(Outcome),
    texts,
    st.text(),
    st.lists(st.builds(Evidence, texts, st.text()), max_size=3).map(tuple),
)


@given(st.lists(made, max_size=4).map(tuple))
def test_every_format_holds_every_check_whatever_it_says(checks: tuple[Check, ...]) -> None:
    report = Report(SUBJECT, checks)
    document = json.loads(reports.text("json", report))
    schema = json.loads((resources.files("diag.report") / "verdict.schema.json").read_text())
    jsonschema.validate(document, schema)
    assert [check["observed"] for check in document["checks"]] == [check.observed for check in checks]
    suite = ElementTree.fromstring(reports.text("junit", report).encode("utf-8", "replace"))
    assert len(list(suite.iter("testcase"))) == len(checks)
    github = reports.text("github", report)
    said = sum(check.outcome in (Outcome.FAIL, Outcome.NOT_SHOWN) for check in checks)
    assert len(github.splitlines()) >= said
    assert len(plain(reports.lines("concise", report)).split("\n")) == len(checks) + 1


def test_what_a_client_said_moves_no_cursor_and_starts_no_command() -> None:
    check = Check("bbo.answered", "answered", Outcome.FAIL, NASTY, NASTY, (Evidence("grvt:1", NASTY),))
    report = Report(SUBJECT, (check,))
    assert "\x1b" not in plain(reports.lines("full", report))
    assert "\x1b" not in plain(reports.lines("concise", report))
    assert [line[:8] for line in reports.text("github", report).splitlines()] == ["::error "]
    assert "\x1b" not in reports.text("junit", report)


HIDING = "a\u202e\u2066b\u200fc\u009b31m\x1b]8;;http://x\x07 ##[error]x\n::error::y\r::warning::z"


@pytest.mark.parametrize("format", reports.FORMATS)
def test_nothing_that_hides_or_commands_stands_in_any_format(format: str) -> None:
    cited = (Evidence(HIDING, HIDING), Evidence("::error::", "::error::"))
    checks = tuple(Check("bbo.x", HIDING, outcome, HIDING, HIDING, cited) for outcome in Outcome)
    report = Report(SUBJECT | {"command": HIDING}, checks)
    lines = format in ("full", "concise")
    text = plain(reports.lines(format, report)) if lines else reports.text(format, report)
    assert not set(text) & set("\x1b\x07\r\u009b\u202e\u2066\u200f")
    begun = [line.lstrip() for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line]
    if format == "github":
        assert [line.partition(" ")[0] for line in begun] == ["::error", "::warning"]
    elif format != "json":
        assert begun == []


def test_suites_of_two_runs_are_not_taken_for_one() -> None:
    check = Check("bbo.x", "x", Outcome.PASS, "1", "1")
    suites = [
        ElementTree.fromstring(reports.text("junit", Report(SUBJECT | more, (check,), 1.0, 2.5)))[0]
        for more in ({}, {"scenario": "lost-acks"}, {"client": "mine:Client"}, {"seed": 2})
    ]
    assert len({suite.get("name") for suite in suites}) == 4
    case = suites[1].find("testcase")
    assert case is not None
    assert (case.get("time"), suites[1].get("time"), suites[1].get("timestamp")) == (
        "2.500",
        "2.500",
        "1970-01-01T00:00:01",
    )
    told = {each.get("name"): each.get("value") for each in suites[1].iter("property")}
    assert told == {name: str(value) for name, value in (SUBJECT | {"scenario": "lost-acks"}).items()}


def test_the_summary_counts_and_says_when_there_is_nothing() -> None:
    passed = Check("a.b", "b", Outcome.PASS, "1", "1")
    failed = Check("a.c", "c", Outcome.FAIL, "2", "1")
    assert plain([reports.summary([passed, failed, failed])]) == "1 passed, 2 failed\n"
    assert plain([reports.summary([])]) == "no checks\n"


def test_full_shows_the_evidence_of_what_did_not_pass() -> None:
    cited = (Evidence("grvt:17", "sell 0.5 at 3000"),)
    lines = plain(
        reports.lines(
            "full",
            Report(
                SUBJECT,
                (
                    Check("bbo.tick", "on the tick", Outcome.PASS, "5 of 5", "multiples of 0.01", cited),
                    Check("bbo.age", "age", Outcome.FAIL, "9 s", "<= 2 s", cited),
                ),
            ),
        )
    )
    assert lines.splitlines() == [
        "bbo",
        "  pass       on the tick  5 of 5  (multiples of 0.01)  grvt:17",
        "  fail       age          9 s  (<= 2 s)  grvt:17",
        "             grvt:17  sell 0.5 at 3000",
    ]


@pytest.mark.parametrize(
    ("values", "bars"), [([], ""), ([1], "▄"), ([2, 2], "▄▄"), ([1, 2, 3], "▁▄█"), ([5, -5], "█▁")]
)
def test_the_sparkline_runs_from_the_lowest_to_the_highest(values: list[int], bars: str) -> None:
    assert sparkline(deque(map(Decimal, values))) == bars


class Terminal(io.StringIO):
    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


def test_the_live_table_shows_quote_spread_orders_and_fills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    screen = Terminal()
    quote = {
        "venue": "sim",
        "instrument": "ETH",
        "via": "bbo",
        "bid_price": Decimal("2999.95"),
        "bid_size": Decimal(5),
        "stamp_ns": 0,
    }
    quote |= {
        "ask_price": Decimal("3000.05"),
        "ask_size": Decimal(4),
        "elapsed_ns": 2_000_000,
        "wire_ns": None,
    }
    with Journal(tmp_path / "r") as journal, Live(journal, "grvt embedded", screen):
        journal.append(client.Quote(**quote))
        ledger = Ledger(journal, "sim")
        price = Decimal("3000.04")
        order = Order("0x1", "7", "1", "ETH", Side.BUY, Decimal("0.5"), price, status=Status.OPEN)
        ledger.order(order)
        ledger.fill(Fill("9-1", "0x1", "7", "1", "ETH", Side.BUY, price, Decimal("0.2"), ZERO, True, 0))
        claim = {
            "venue": "sim",
            "account": "1",
            "instrument": "ETH",
            "success": False,
            "filled": Decimal("0.2"),
            "average_price": None,
            "iterations": 1,
            "reason": "x",
        }
        journal.append(client.Claim(**claim))
    shown = screen.getvalue()
    for said in (
        "grvt embedded",
        "5 @ 2999.95",
        "4 @ 3000.05",
        "0.33 bps",
        "p50 2.00 ms",
        "open",
        "9-1",
        "0.2 filled",
    ):
        assert said in shown, said
    assert "the client says: 0.2 filled, no success: x" in shown


def test_elsewhere_than_on_a_terminal_nothing_is_drawn(tmp_path: Path) -> None:
    stream = io.StringIO()
    with Journal(tmp_path / "r") as journal, Live(journal, "t", stream):
        journal.append(client.Error(venue="sim", instrument="ETH", during="bbo", type="E", message="m"))
    assert stream.getvalue() == ""
