"""What a shipped scenario says does befall a client that fetches the BBO and works an order in it."""

from decimal import Decimal

import pytest

from probes.market.scenario import load, names
from tests.probes.conftest import Ran

pytestmark = pytest.mark.slow

WITH_FAULTS = [name for name in names() if load(name).faults]


@pytest.mark.parametrize("scenario", WITH_FAULTS)
def test_each_of_its_faults_happens(probe, scenario: str) -> None:
    ran: Ran = probe(scenario=scenario, samples=10)
    happened = {event.name for event in ran.events() if event.kind == "fault"}
    assert happened == {fault.action for fault in load(scenario).faults}


@pytest.mark.parametrize("scenario", ["thin", "partial-fills"])
def test_orders_fill_in_parts(probe, scenario: str) -> None:
    ran: Ran = probe(scenario=scenario)
    orders = [event.values() for event in ran.events() if event.source == "venue" and event.kind == "order"]
    assert [order for order in orders if order["status"] == "open" and Decimal(str(order["filled"]))]


@pytest.mark.parametrize("scenario", ["one-sided", "halted"])
def test_nothing_can_be_bought(probe, scenario: str) -> None:
    ran: Ran = probe(scenario=scenario)
    assert not [event for event in ran.events() if event.kind == "fill"]


@pytest.mark.parametrize(("scenario", "moves"), [("calm", 0), ("walk", 10), ("trend", 20)])
def test_the_market_moves_as_its_kind_says(probe, scenario: str, moves: int) -> None:
    ran: Ran = probe(scenario=scenario, samples=20)
    bids = [event.bid_price for event in ran.events() if event.source == "venue" and event.kind == "quote"][
        :20
    ]
    assert (len(set(bids)) > moves / 2) if moves else (len(set(bids)) == 1)
    if scenario == "trend":
        assert bids == sorted(bids)
