"""The cases of order_lifecycle: all pass on the reference client, and a defect fails the cases of its own."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from diag.bounds import Bounds
from diag.conduct.judge import judge
from diag.conduct.lifecycle import LifecycleJudge
from diag.record import Journal, read
from diag.verdict import Check, Outcome
from probes.client import Bbo
from probes.lifecycle.case import CASES
from probes.lifecycle.order_lifecycle import ALL, run_cases
from probes.venues.grvt.client import GrvtClient
from tests.lifecycle import faulty_account as account
from tests.lifecycle import faulty_data as data
from tests.lifecycle import faulty_orders as orders
from tests.lifecycle.factories import Make, at_simulator, without_ledger

pytestmark = pytest.mark.slow

DATA = "D01 D02 D03 D10 D11 D12 D13 D14 D17 D18 D20 D21 D30 D31 D40 D41"
FAILING = "D03 D10 D15 D16 D17"
ORDERS = "E01 E02 E03 E04 E10 E11 E12 E13 E14 E15 E16 E17 E18 E19 E21 E22 E23 E24 E25 E26"
CANCELS = "E30 E31 E32 E33 E34 E35 E36 E40 E41"
REFUSALS = "E50 E51 E52 E53 E54 E55 E56 E57 E58 E59 E60"
ACCOUNT = "E70 E71 E72 E73 E74 E75 E76 E77 E78"
QUERIES = "E75 E79 E80"
QUOTES = "D50 D51 D52 D57"
BOOKS = "D50 D53"
STREAMS = "D55 D56 E81 E82 E83 E84 E85 E86 E87"
LOST = "E01 E90 E91 E93"
CANCELLED = "E31 E96 E97"
AGAIN = "E95 E98 E99"

DEFECTS = (
    (data.WrongTick, DATA, "D02"),
    (data.UnknownReadsAsEmpty, DATA, "D03"),
    (data.SwappedSizes, DATA, "D10 D12 D17 D18 D21 D40"),
    (data.StampInMilliseconds, DATA, "D11"),
    (data.StampsItself, DATA, "D13"),
    (data.CachesQuotes, DATA, "D12"),
    (data.ZeroPrices, DATA, "D14"),
    (data.FailureReadsAsZero, FAILING, "D15 D16 D17"),
    (data.MixesAnswers, DATA, "D18"),
    (data.BidsAscend, DATA, "D20 D21"),
    (data.TradesOldestFirst, DATA, "D30"),
    (data.HighIsLow, DATA, "D31"),
    (data.ConnectsOnce, DATA, "D40"),
    (data.NeverLogsInAgain, DATA, "D41"),
    (orders.PriceTickOff, ORDERS, "E10 E11"),
    (orders.SellsAreBuys, ORDERS, "E02 E04 E11 E12 E14 E24"),
    (orders.MixesAcknowledgements, ORDERS, "E12"),
    (orders.DropsTimeInForce, ORDERS, "E15 E16 E18 E19"),
    (orders.KillIsCancel, ORDERS, "E19"),
    (orders.NeverExpires, "E10 E20", "E20"),
    (orders.DropsPostOnly, ORDERS, "E21 E22"),
    (orders.DropsReduceOnly, ORDERS, "E23 E24"),
    (orders.CountsOnlyWholeFills, ORDERS, "E03 E16 E25"),
    (orders.AverageIsLimit, ORDERS, "E13 E14 E16 E17"),
    (orders.SeesFillsAsZero, ORDERS, "E01 E02 E03 E13 E14 E16 E17 E25 E26"),
    (orders.ForgetsToCancel, CANCELS, "E30 E31 E32 E35 E36 E40 E41"),
    (orders.CancelsByOrderIdOnly, CANCELS, "E31 E32 E35 E36 E40 E41"),
    (orders.CancelsEverything, CANCELS, "E32"),
    (orders.CancelsNothing, CANCELS, "E33"),
    (orders.TakesCancelsForDone, CANCELS, "E34"),
    (account.PositionFromOrders, CANCELS, "E36"),
    (orders.ReportsSuccess, REFUSALS, "E50 E51 E52 E53 E54 E55 E56 E57 E59 E60"),
    (orders.MendsPrices, REFUSALS, "E50"),
    (orders.MendsSizes, REFUSALS, "E51 E52 E53"),
    (orders.ChangesIds, REFUSALS, "E54"),
    (orders.AcknowledgedIsFilled, REFUSALS, "E54 E58"),
    (account.ShowsAnyOrder, ACCOUNT, "E71"),
    (account.KnowsOpenOrdersOnly, ACCOUNT, "E72"),
    (account.ListsEndedOrders, ACCOUNT, "E73"),
    (account.LosesLatestFill, ACCOUNT, "E74"),
    (account.IgnoresFees, ACCOUNT, "E74"),
    (account.PositionWithoutSign, ACCOUNT, "E76"),
    (account.EquityAtStart, ACCOUNT, "E78"),
    (account.FailureReadsAsFlat, QUERIES, "E79"),
    (account.FailureReadsAsNoOrders, QUERIES, "E80"),
    (data.SilentQuotes, QUOTES, "D50 D51 D52"),
    (data.QuotesOnce, QUOTES, "D52"),
    (data.KeepsDeletedLevels, BOOKS, "D53"),
    (data.TradesTwice, STREAMS, "D55 D56"),
    (data.OnlyWholeFillsInStream, STREAMS, "E81 E83 E87"),
    (data.NoRejectsInStream, STREAMS, "E83"),
    (data.FillsTwice, STREAMS, "E84 E85"),
    (data.PositionStreamStands, STREAMS, "E86"),
    (account.SendsAgain, LOST, "E90 E91 E93"),
    (account.LostIsFilled, LOST, "E90 E93"),
    (account.NoNewSession, AGAIN, "E95"),
    (account.CancelsOnLeaving, AGAIN, "E98"),
    (account.ForgetsPosition, AGAIN, "E99"),
    (data.PositionOffByOne, "D01 D02 D10", "D01"),
    (data.HighIsLowInStream, QUOTES, "D57"),
    (data.IgnoresGaps, "D53 D54", "D54"),
    (data.NoSizesInStream, STREAMS, "E82"),
    (account.DoublesSizes, ACCOUNT, "E70"),
    (account.PositionIsLatestFill, ACCOUNT, "E75 E77"),
    (account.LostIsFilled, "E92 E94", "E92 E94"),
    (account.FailedCancelIsOpen, CANCELLED, "E96"),
    (account.FailedCancelIsDone, CANCELLED, "E97"),
)

NAMES = [row[0].__name__ for row in DEFECTS]


def run(
    folder: Path,
    numbers: str,
    make: Make | None = None,
    *,
    base: str = "calm",
    timeout_s: float = 10,
) -> list[Check]:
    with Journal(folder / "run") as journal:
        factory = at_simulator(journal, base, make, timeout_s=timeout_s)
        checks = asyncio.run(run_cases(factory, journal, [CASES[number] for number in numbers.split()]))
        journal.flush()
    assert judge(read(folder / "run"), Bounds(), (LifecycleJudge,)) == checks
    return checks


def numbers_of(checks: Iterable[Check], *outcomes: Outcome) -> str:
    found = (check.name.removeprefix("order_lifecycle.") for check in checks if check.outcome in outcomes)
    return " ".join(sorted(found))


@pytest.mark.parametrize("number", [case.number for case in ALL])
def test_the_reference_client_passes_with_evidence(number: str, tmp_path: Path) -> None:
    (check,) = run(tmp_path, number)
    assert (check.outcome, check.observed) == (Outcome.PASS, check.observed)
    if number.startswith("E") and CASES[number].events:
        assert check.evidence


@pytest.mark.parametrize(("client", "numbers", "failing"), DEFECTS, ids=NAMES)
def test_a_defect_fails_the_cases_that_are_about_it_and_no_others(
    client: type[GrvtClient], numbers: str, failing: str, tmp_path: Path
) -> None:
    timeout_s = 1.0 if numbers in (QUOTES, BOOKS, STREAMS, "D53 D54") else 0.3
    checks = run(tmp_path, numbers, lambda *where: client(*where, seed=7), timeout_s=timeout_s)
    assert numbers_of(checks, Outcome.FAIL) == failing
    assert numbers_of(checks, Outcome.NOT_SHOWN) == ""


def test_of_a_scenario_cases_take_all_but_its_faults(tmp_path: Path) -> None:
    for base in ("rejects", "halted", "stale-book", "thin", "trend"):
        checks = run(tmp_path / base, "D10 E01 E10 E30 E73 E82", base=base)
        assert (base, numbers_of(checks, Outcome.PASS)) == (base, "D10 E01 E10 E30 E73 E82")


def test_a_client_that_lacks_a_method_has_its_cases_skipped(tmp_path: Path) -> None:
    class Small:
        """What a Client has to have, and nothing else."""

        def __init__(self, *where: Any) -> None:
            client = GrvtClient(*where, seed=7)
            self.connect, self.disconnect = client.connect, client.disconnect
            self.fetch_bbo, self.position, self.work_order = (
                client.fetch_bbo,
                client.position,
                client.work_order,
            )

    checks = run(tmp_path, "D01 D10 D20 E01 E82", Small)
    assert numbers_of(checks, Outcome.PASS) == "D01 D10"
    observed = {check.name[-3:]: check.observed for check in checks if check.outcome is Outcome.NOT_SHOWN}
    assert observed == {
        "D20": "the client has no fetch_book",
        "E01": "the client has no create_order and no fetch_order",
        "E82": "the client has no watch_orders and no create_order",
    }


def test_what_a_client_does_not_tell_is_not_held_against_it(tmp_path: Path) -> None:
    class Terse(GrvtClient):
        async def fetch_bbo(self, instrument: str) -> Bbo:  # type: ignore[override]
            quote = await super().fetch_bbo(instrument)
            return Bbo(instrument, quote.bid_price, quote.ask_price)

    checks = run(tmp_path, "D10 D11 D12 D13 D14 E01", lambda *where: Terse(*where, seed=7))
    assert numbers_of(checks, Outcome.PASS) == "D10 D12 D14 E01"
    assert numbers_of(checks, Outcome.NOT_SHOWN) == "D11 D13"


def test_a_case_whose_trouble_did_not_happen_is_not_shown(tmp_path: Path) -> None:
    (check,) = run(tmp_path, "E79", lambda *where: account.PositionFromOrders(*where, seed=7))
    assert (check.outcome, check.observed) == (Outcome.NOT_SHOWN, "what should have gone wrong did not")


def test_a_client_that_hangs_or_cannot_connect_fails_and_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probes.lifecycle.order_lifecycle.CASE_S", 0.2)
    (check,) = run(tmp_path / "hangs", "D10", lambda *where: data.Hangs(*where))
    assert (check.outcome, check.observed) == (Outcome.FAIL, "not done within 0.2 s")
    (check,) = run(tmp_path / "refused", "D10", lambda *where: data.CannotConnect(*where))
    assert check.outcome is Outcome.FAIL
    assert check.observed == "cannot connect or disconnect: RuntimeError: no route"


def test_a_failed_case_cites_the_rows_that_show_it(tmp_path: Path) -> None:
    (check,) = run(tmp_path, "E21", lambda *where: orders.DropsPostOnly(*where, seed=7))
    assert check.observed == "post-only: False, not sent as post-only"
    (evidence,) = check.evidence
    events = {event.where: event for event in read(tmp_path / "run").events()}
    assert events[evidence.where].post_only is False
    assert "open" in evidence.text


def at_real_venue(folder: Path, *, armed: bool, numbers: str = "") -> tuple[list[Check], tuple[str, ...]]:
    """Cases at a venue without a ledger, and what the guard found wrong at the end."""

    async def run() -> tuple[list[Check], tuple[str, ...]]:
        with Journal(folder / "run") as journal, Journal(folder / "venue") as of_venue:
            async with without_ledger(journal, of_venue, armed=armed) as (factory, _, guard):
                cases = [CASES[number] for number in numbers.split()] if numbers else ALL
                return await run_cases(factory, journal, cases), await guard.end()

    return asyncio.run(run())


def test_a_real_venue_is_read_only_unless_orders_are_armed(tmp_path: Path) -> None:
    checks, problems = at_real_venue(tmp_path, armed=False)
    assert problems == ()
    assert numbers_of(checks, Outcome.FAIL) == ""
    assert "D10" in numbers_of(checks, Outcome.PASS)
    assert "E" not in numbers_of(checks, Outcome.PASS)
    kinds = {event.kind for event in read(tmp_path / "venue").events()}
    assert "request" in kinds
    assert not kinds & {"order", "fill", "refused", "cancel"}


def test_an_armed_real_venue_shows_what_it_can_and_is_left_as_it_was(tmp_path: Path) -> None:
    checks, problems = at_real_venue(tmp_path, armed=True)
    assert problems == ()
    assert numbers_of(checks, Outcome.FAIL) == ""
    passed = set(numbers_of(checks, Outcome.PASS).split())
    assert passed == {case.number for case in ALL if not case.only_simulated}
    assert all(check.observed for check in checks)
    orders: dict[object, object] = {}
    position = "0"
    for event in read(tmp_path / "venue").events():
        if event.kind == "order":
            orders[event.order_id] = event.status
        if event.kind == "position":
            position = event.size
    assert len(orders) > 50
    assert not {"open", "pending"} & set(orders.values())
    assert Decimal(position) == 0


def test_every_case_has_a_client_that_fails_it() -> None:
    assert {number for row in DEFECTS for number in row[2].split()} == {case.number for case in ALL}
