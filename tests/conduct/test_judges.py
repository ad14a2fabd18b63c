"""One pass over a record, one list of judges, whoever drove the program."""

import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from diag.bounds import Bounds
from diag.conduct.judge import Judge, judge
from diag.conduct.judges import JUDGES
from diag.record import Event, Journal, read
from diag.record.kinds import KINDS, child, probe, venue
from diag.verdict import Check, Outcome


class Once:
    """A record that may be read once."""

    def __init__(self, folder: Path) -> None:
        self._record = read(folder)
        self.asked: list[tuple[type[Event], ...]] = []

    def events(self, *kinds: type[Event]) -> Iterator[Event]:
        self.asked.append(kinds)
        return self._record.events(*kinds)


class Counting(Judge):
    needs = (venue.BookTop, child.Stdout)

    def __init__(self) -> None:
        self.seen: list[Event] = []

    def take(self, event: Event) -> None:
        self.seen.append(event)

    def checks(self, bounds: Bounds) -> list[Check]:
        return [Check("count", "", Outcome.PASS, " ".join(event.where for event in self.seen), "")]


def book(kind: type[venue.BookTop], **more: str) -> venue.BookTop:
    bid, ask, size = Decimal("2999.95"), Decimal("3000.05"), Decimal(1)
    return kind(
        venue="sim", instrument="ETH", bid_price=bid, bid_size=size, ask_price=ask, ask_size=size, **more
    )


def arrival() -> venue.BookTop:
    return book(venue.Arrival, account="1", client_order_id="7")


def program(journal: Journal, *lines: str) -> None:
    """What `diag run` writes of a program that says these lines and then places an order."""
    journal.append(child.Started(command=("python", "bot.py"), isolated=True))
    for line in lines:
        journal.append(child.Stdout(text=line))
    journal.append(arrival())
    journal.append(child.Exit(code=0, how="exited"))


def verdicts(folder: Path) -> dict[str, Check]:
    return {check.name: check for check in judge(read(folder), Bounds(), JUDGES)}


def test_a_judge_sees_the_kinds_it_needs_in_order_and_once(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append(book(venue.Quote, via="ticker"))
        program(journal, "hello")
    record = Once(tmp_path)
    first, second = judge(record, Bounds(), (Counting, Counting))
    assert first.observed == second.observed == "sim:1 child:2 sim:2"
    ((*asked,),) = record.asked
    assert set(asked) == {venue.Quote, venue.Arrival, child.Stdout}


def test_every_judge_says_what_it_needs_of_the_kinds_there_are() -> None:
    for each in JUDGES:
        assert each.needs
        assert all(any(issubclass(kind, need) for kind in KINDS.values()) for need in each.needs)


def test_prices_that_a_log_names_are_judged_without_a_probe(tmp_path: Path) -> None:
    with Journal(tmp_path / "far") as journal:
        program(journal, "BUY 0.5 @ 3100", "BUY 0.5 @ 3100", "buying 0.2 at 3000.05")
    check = verdicts(tmp_path / "far")["observed.named_prices"]
    assert check.outcome is Outcome.FAIL
    assert check.observed.startswith("1 of 2 further off")
    (cited,) = check.evidence
    assert cited.where == "child:2"
    assert "sim:1 had 2999.95 / 3000.05" in cited.text
    with Journal(tmp_path / "near") as journal:
        program(journal, "BUY 0.5 @ 3000.05")
    assert verdicts(tmp_path / "near")["observed.named_prices"].outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("how", "code", "outcome"),
    [
        ("timed out", -15, Outcome.PASS),
        ("timed out", -9, Outcome.FAIL),
        ("interrupted", -2, Outcome.PASS),
        ("interrupted", -9, Outcome.FAIL),
        ("exited", 0, Outcome.PASS),
        ("exited", -9, Outcome.FAIL),
    ],
)
def test_a_program_that_had_to_be_killed_did_not_end_as_it_should(
    tmp_path: Path, how: Literal["exited", "timed out", "interrupted"], code: int, outcome: Outcome
) -> None:
    with Journal(tmp_path) as journal:
        journal.append(child.Started(command=("python", "bot.py"), isolated=True))
        journal.append(child.Exit(code=code, how=how))
    assert verdicts(tmp_path)["observed.ended"].outcome is outcome


def test_what_hooks_that_never_came_on_board_would_have_seen_is_not_shown(tmp_path: Path) -> None:
    for name, boots in (("with", True), ("without", False)):
        with Journal(tmp_path / name) as journal:
            journal.append(child.Started(command=("./go.sh",), isolated=True))
            if boots:
                journal.append(child.Boot(pid=1, at_ns=1, python="3.11", executable="python", argv=()))
            journal.append(child.Exit(code=0, how="exited"))
        found = {key: check.outcome for key, check in verdicts(tmp_path / name).items()}
        assert found.pop("observed.ended") is Outcome.PASS
        assert set(found.values()) == {Outcome.PASS if boots else Outcome.NOT_SHOWN}


def test_what_a_record_is_not_about_is_not_judged(tmp_path: Path) -> None:
    with Journal(tmp_path / "program") as journal:
        program(journal)
    assert {name.partition(".")[0] for name in verdicts(tmp_path / "program")} == {"observed"}
    Journal(tmp_path / "nothing").close()
    assert verdicts(tmp_path / "nothing") == {}


@pytest.mark.parametrize("places_orders", [True, False])
def test_a_probe_that_was_asked_for_and_shows_nothing_is_not_shown(
    tmp_path: Path, places_orders: bool
) -> None:
    with Journal(tmp_path) as journal:
        one = Decimal("0.01")
        run = probe.Run(
            venue="sim",
            instrument="ETH",
            env="testnet",
            client="bot:Client",
            probes=("bbo", "iterative_order"),
            places_orders=places_orders,
            ledger=True,
            tick_size=one,
            min_size=one,
            size_step=one,
        )
        journal.append(run)
    found = verdicts(tmp_path)
    assert {name.partition(".")[0] for name in found} == {"bbo", "iterative_order", "observed"}
    assert {check.outcome for check in found.values()} == {Outcome.NOT_SHOWN}
    assert ("iterative_order.armed" in found) is not places_orders
    assert found["observed.ended"].observed == "no program was observed"


def test_rows_of_another_venue_are_not_taken_for_those_of_the_plan(tmp_path: Path) -> None:
    half = Decimal("0.5")
    with Journal(tmp_path) as journal:
        plan = probe.Plan(
            venue="sim",
            instrument="ETH",
            side="buy",
            size=half,
            tick_size=Decimal("0.01"),
            max_iterations=5,
            max_slippage_bps=Decimal(5),
            bid_price=None,
            bid_size=half,
            ask_price=None,
            ask_size=half,
        )
        journal.append(plan)
        refused = venue.Refused(
            venue="elsewhere",
            account="1",
            instrument="ETH",
            order_id="",
            client_order_id="1",
            side="sell",
            size=half,
            limit_price=None,
            time_in_force="GTT",
            post_only=False,
            reduce_only=False,
            filled=half,
            filled_notional=half,
            reason="no",
        )
        journal.append(refused)
    check = verdicts(tmp_path)["iterative_order.only"]
    assert (check.outcome, check.observed) == (Outcome.NOT_SHOWN, "no order was placed")


def test_memory_does_not_grow_with_the_ledger(tmp_path: Path) -> None:
    def judged(rows: int) -> int:
        folder = tmp_path / str(rows)
        with Journal(folder) as journal:
            program(journal, "BUY 0.5 @ 3000.05")
            for _ in range(rows):
                journal.append(arrival())
                journal.append(book(venue.Quote, via="ticker"))
        tracemalloc.start()
        judge(read(folder), Bounds(), JUDGES)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    judged(10)
    assert judged(8_000) < judged(100) + 200_000
