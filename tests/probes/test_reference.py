"""The reference client under both probes: all scenarios, both sides, the same rows for the same seed."""

import threading
from collections.abc import Callable

import pytest

from diag.conduct.bbo import BboJudge
from diag.conduct.expected import verdicts
from diag.verdict import Outcome
from probes.market.order import Side
from probes.market.scenario import load, names
from tests.probes.conftest import Ran

pytestmark = pytest.mark.slow

Probe = Callable[..., Ran]


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("scenario", names())
def test_it_passes_where_a_correct_client_can_and_fails_safely_elsewhere(
    probe: Probe, scenario: str, side: Side
) -> None:
    ran = probe(scenario=scenario, side=side)
    seen = {name: f"{check.outcome}: {check.observed}" for name, check in ran.checks.items()}
    assert ran.problems == ()
    reached = verdicts(scenario, load(scenario).expects, list(ran.checks.values()))
    assert [verdict.outcome for verdict in reached] == [Outcome.PASS, Outcome.PASS], seen
    if load(scenario).expects == "success":
        return
    if ran.checks["iterative_order.filled"].outcome is not Outcome.PASS:  # a sell can fill where no buy can
        assert ran.checks["iterative_order.filled"].outcome is Outcome.NOT_SHOWN
        assert ran.checks["iterative_order.filled"].evidence


@pytest.mark.parametrize("scenario", ["calm", "walk", "partial-fills", "lost-acks", "disconnects", "slow"])
def test_the_same_seed_gives_the_same_rows_on_a_busy_machine_too(probe: Probe, scenario: str) -> None:
    quiet = probe(scenario=scenario, seed=5).rows()
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            sum(range(1000))

    busy = [threading.Thread(target=spin) for _ in range(2)]
    for thread in busy:
        thread.start()
    try:
        loaded = probe(scenario=scenario, seed=5).rows()
    finally:
        stop.set()
        for thread in busy:
            thread.join()
    assert len(quiet) > 50
    assert loaded == quiet


def test_another_seed_gives_other_rows(probe: Probe) -> None:
    assert probe(scenario="walk", seed=1).rows() != probe(scenario="walk", seed=2).rows()


def test_the_latency_is_taken_at_the_socket(probe: Probe) -> None:
    """That it is true is for bench.latency to show, on a quiet machine."""
    events = probe(samples=8).events()
    judging = BboJudge()
    for event in events:
        judging.take(event)
    samples = judging.samples.quotes
    assert len(samples) == 8
    assert all(sample.at_socket for sample in samples)
    asked = [event.values() for event in events if event.kind == "quote" and event.via == "bbo"]
    around = [int(data["elapsed_ns"]) for data in asked if "elapsed_ns" in data]
    assert all(0 < sample.latency_ns < whole for sample, whole in zip(samples, around, strict=True))
