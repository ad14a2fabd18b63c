"""The judge of `bbo` on records written by hand."""

import time
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from diag.bounds import Bounds
from diag.conduct.bbo import BboJudge
from diag.conduct.judge import judge
from diag.record import Journal, read
from diag.record.kinds import client, probe
from diag.verdict import Check, Outcome
from probes.client import Bbo
from probes.market.ledger import Ledger
from probes.market.order import Quote

PASS, FAIL, NOT_SHOWN = Outcome.PASS, Outcome.FAIL, Outcome.NOT_SHOWN
ETH = "ETH_USDT_Perp"
AT = {"venue": "sim", "instrument": ETH}
GOOD = Quote(ETH, Decimal("2999.95"), Decimal(5), Decimal("3000.05"), Decimal(4), 0)


@dataclass
class Sample:
    """A question, what the venue served for it, and what the client made of it."""

    served: tuple[Quote, ...] = (GOOD,)
    quote: Quote | Bbo | None = GOOD
    via: str = "bbo"
    wire_ms: float | None = 1
    elapsed_ms: float = 2
    age_ms: float = 0
    error: str = ""
    fault: str = ""


@dataclass
class Story:
    samples: list[Sample] = field(default_factory=lambda: [Sample() for _ in range(4)])
    has_ledger: bool = True

    def checks(self, folder: Path, bounds: Bounds | None = None) -> dict[str, Check]:
        with Journal(folder) as journal:
            ledger = Ledger(journal, "sim")
            run = probe.Run(
                **AT,
                env="embedded",
                probes=("bbo",),
                places_orders=True,
                ledger=self.has_ledger,
                tick_size=Decimal("0.01"),
                min_size=Decimal("0.01"),
                size_step=Decimal("0.01"),
            )
            journal.append(run)
            for sample in self.samples:
                self._write(journal, ledger, sample)
        found = judge(read(folder), bounds or Bounds(), (BboJudge,))
        return {check.name.removeprefix("bbo."): check for check in found}

    def _write(self, journal: Journal, ledger: Ledger, sample: Sample) -> None:
        journal.append(probe.Ask(**AT, via=sample.via))
        if sample.fault:
            ledger.fault(sample.fault)
        if self.has_ledger:
            for quote in sample.served:
                ledger.quote(quote, via="ticker")
        if sample.error:
            journal.append(client.Error(**AT, during=sample.via, type="ValueError", message=sample.error))
            return
        quote = sample.quote
        assert quote
        journal.append(
            client.Quote(
                venue="sim",
                via=sample.via,
                instrument=quote.instrument,
                bid_price=quote.bid_price,
                bid_size=quote.bid_size,
                ask_price=quote.ask_price,
                ask_size=quote.ask_size,
                stamp_ns=None if quote.utc_ns is None else time.time_ns() - int(sample.age_ms * 1e6),
                elapsed_ns=int(sample.elapsed_ms * 1e6),
                wire_ns=None if sample.wire_ms is None else int(sample.wire_ms * 1e6),
            )
        )


def both(**changes: Any) -> dict[str, Any]:
    """A quote that the venue served so, and that the client handed on."""
    quote = replace(GOOD, **changes)
    return {"served": (quote,), "quote": quote}


def test_good_samples_pass_every_check(tmp_path: Path) -> None:
    checks = Story().checks(tmp_path / "r")
    assert {check.outcome for check in checks.values()} == {PASS}
    assert all(check.evidence for check in checks.values())
    assert set(checks) == {"answered", "latency", "uncrossed", "tick", "size", "age", "quoted_spread", "true"}


BROKEN: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("an error", {"error": "boom"}, {"answered": "3 of 4: ValueError: boom"}),
    ("crossed", both(bid_price=Decimal("3000.06")), {"uncrossed": "as the venue served it"}),
    ("locked", both(bid_price=Decimal("3000.05")), {"uncrossed": "3 of 4"}),
    ("off the tick", both(bid_price=Decimal("2999.955")), {"tick": "2999.955"}),
    ("no size", both(ask_size=Decimal(0)), {"size": "3 of 4"}),
    ("old", {"age_ms": 2500}, {"age": "250"}),
    ("another price", {"quote": replace(GOOD, bid_price=Decimal("2999.94"))}, {"true": "3 of 4"}),
    ("another size", {"quote": replace(GOOD, bid_size=Decimal(6))}, {"true": "3 of 4"}),
    ("slow", {"wire_ms": 1001}, {"latency": "p95 1001.00 ms"}),
    ("wide", both(ask_price=Decimal("3010.00")), {"quoted_spread": "max 33.4"}),
]


@pytest.mark.parametrize(("what", "change", "failed"), BROKEN, ids=[what for what, _, _ in BROKEN])
def test_each_broken_invariant_fails_its_check(
    tmp_path: Path, what: str, change: dict[str, Any], failed: dict[str, str]
) -> None:
    story = Story()
    story.samples[2] = replace(story.samples[2], **change)
    checks = story.checks(tmp_path / "r")
    assert {name for name, check in checks.items() if check.outcome is FAIL} == set(failed)
    for name, said in failed.items():
        assert said in checks[name].observed
        assert checks[name].evidence


def test_a_crossed_quote_that_the_client_made_is_its_own(tmp_path: Path) -> None:
    story = Story()
    story.samples[0].quote = replace(GOOD, bid_price=Decimal("3001.00"))
    check = story.checks(tmp_path / "r")["uncrossed"]
    assert check.outcome is FAIL
    assert "as the venue served it" not in check.observed


def test_the_percentiles_are_samples_and_the_socket_is_preferred(tmp_path: Path) -> None:
    samples = [Sample(wire_ms=number, elapsed_ms=500) for number in range(1, 101)]
    observed = Story(samples).checks(tmp_path / "r")["latency"].observed
    assert observed == "p50 50.00 ms, p95 95.00 ms, p99 99.00 ms at the socket, 100 samples"


def test_without_the_socket_the_time_around_the_call_counts_and_says_so(tmp_path: Path) -> None:
    check = Story([Sample(wire_ms=None, elapsed_ms=7)]).checks(tmp_path / "r")["latency"]
    assert check.observed == "p50 7.00 ms, p95 7.00 ms, p99 7.00 ms around the call, 1 samples"


EMPTY = replace(GOOD, bid_price=None, ask_price=None, bid_size=Decimal(0), ask_size=Decimal(0))


@pytest.mark.parametrize(
    "sample",
    [
        Sample((EMPTY,), None, error="no quote"),
        Sample((replace(GOOD, bid_price=Decimal(4000)),), None, error="crossed"),
        Sample((), None, error="timed out", fault="lose_ack"),
    ],
)
def test_a_refusal_for_which_the_ledger_has_the_reason_is_no_failure(tmp_path: Path, sample: Sample) -> None:
    check = Story([Sample(), sample]).checks(tmp_path / "r")["answered"]
    assert (check.outcome, check.observed) == (PASS, "1 of 2, 1 refused for a reason")
    assert check.evidence[0].where.startswith("sim:")
    alone = Story([sample]).checks(tmp_path / "alone")
    assert {check.outcome for check in alone.values()} == {NOT_SHOWN}


@pytest.mark.parametrize("kind", ["TypeError", "UnboundLocalError", "NotImplementedError"])
def test_a_mistake_in_the_client_is_no_refusal(tmp_path: Path, kind: str) -> None:
    crash = Sample((EMPTY,), None, error=f"{kind}: unsupported")
    check = Story([Sample(), crash]).checks(tmp_path / "r")["answered"]
    assert check.outcome is FAIL


def test_an_empty_book_honestly_handed_on_shows_neither_good_nor_bad(tmp_path: Path) -> None:
    checks = Story([Sample((EMPTY,), EMPTY)]).checks(tmp_path / "r")
    assert {name for name, check in checks.items() if check.outcome is FAIL} == set()
    assert checks["uncrossed"].outcome is NOT_SHOWN
    assert checks["quoted_spread"].outcome is NOT_SHOWN
    assert checks["true"].outcome is PASS


def test_a_clock_that_is_wrong_is_said_and_shows_nothing(tmp_path: Path) -> None:
    check = Story([Sample(age_ms=-90_000)]).checks(tmp_path / "r")["age"]
    assert check.outcome is NOT_SHOWN
    assert check.observed.startswith("clock skew: a quote from 90.")
    assert "NTP" in check.observed


def test_a_quote_kept_too_long_is_not_what_the_venue_served(tmp_path: Path) -> None:
    moved = [replace(GOOD, bid_price=GOOD.bid_price - number) for number in range(6)]  # type: ignore[operator]
    checks = Story([Sample((quote,), GOOD) for quote in moved]).checks(tmp_path / "r")
    assert checks["true"].observed.startswith("3 of 6")


def test_sources_must_agree_and_answer(tmp_path: Path) -> None:
    far = replace(GOOD, bid_price=Decimal("2990.00"))
    rounds = [Sample(via="ticker"), Sample(via="book"), Sample((far,), far, via="stream")]
    check = Story([Sample(), *rounds]).checks(tmp_path / "far")["agreement"]
    assert (check.outcome, check.observed) == (FAIL, "33.17 bps at most between ticker, book, stream")
    check = Story([Sample(), *rounds[:2]]).checks(tmp_path / "near")["agreement"]
    assert check.outcome is PASS
    silent = Sample(via="stream", quote=None, error="no message")
    check = Story([Sample(), *rounds[:2], silent]).checks(tmp_path / "silent")["agreement"]
    assert (check.outcome, check.observed) == (FAIL, "no answer from stream: ValueError: no message")


def test_a_source_that_drops_out_for_a_reason_agrees_with_nobody(tmp_path: Path) -> None:
    two = [Sample(via="ticker"), Sample(via="book")]
    gone = replace(Sample(via="stream", error="closed"), fault="disconnect")
    for name, rounds, outcome in (
        ("never", [*two, gone], NOT_SHOWN),
        ("later", [*two, Sample(via="stream"), *two, gone, *two, gone], NOT_SHOWN),
        ("back", [*two, gone, *two, gone, *two, Sample(via="stream")], PASS),
    ):
        check = Story([Sample(), *rounds]).checks(tmp_path / name)["agreement"]
        assert check.outcome is outcome, check


def test_without_a_ledger_nothing_is_held_against_it(tmp_path: Path) -> None:
    checks = Story(has_ledger=False).checks(tmp_path / "r")
    assert "true" not in checks
    assert {check.outcome for check in checks.values()} == {PASS}


def test_no_samples_show_nothing(tmp_path: Path) -> None:
    checks = Story([]).checks(tmp_path / "r")
    assert {check.outcome for check in checks.values()} == {NOT_SHOWN}


def test_quotes_of_other_instruments_are_not_its_quotes(tmp_path: Path) -> None:
    other = replace(GOOD, instrument="BTC_USDT_Perp")
    story = Story([Sample((other,), GOOD)])
    assert story.checks(tmp_path / "r")["true"].outcome is FAIL


def test_a_client_may_keep_sizes_and_stamps_to_itself(tmp_path: Path) -> None:
    """Its prices are still held against the ledger, which also tells how old they are."""
    bare = Bbo(ETH, GOOD.bid_price, GOOD.ask_price)
    checks = Story([Sample(quote=bare), Sample(quote=bare)]).checks(tmp_path / "r")
    assert "size" not in checks
    assert {check.outcome for check in checks.values()} == {PASS}
    other = Bbo(ETH, GOOD.bid_price, Decimal("3000.04"))
    assert Story([Sample(quote=other)]).checks(tmp_path / "other")["true"].outcome is FAIL
