"""The reference client under both probes: all scenarios, both sides, the same rows for the same seed."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from diag.record import Journal, read
from diag.verdict import Outcome
from probes import bbo
from probes.market.order import Side
from probes.market.scenario import load, names
from probes.venues.embedded import embedded
from probes.venues.grvt.opening import at_embedded
from probes.venues.grvt.simulator.app import Simulator
from tests.probes.conftest import Ran, reference

Probe = Callable[..., Ran]
# What shows even when nothing can be filled.
SAFE = {"claim", "success", "average_price", "left_open", "position", "time"}
# What a client cannot help when it hands on what it was served.
OF_THE_VENUE = {"bbo.uncrossed", "bbo.age"}


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("scenario", names())
def test_it_passes_where_a_correct_client_can_and_fails_safely_elsewhere(
    probe: Probe, scenario: str, side: Side
) -> None:
    ran = probe(scenario=scenario, side=side)
    seen = {name: f"{check.outcome}: {check.observed}" for name, check in ran.checks.items()}
    assert ran.problems == ()
    if load(scenario).expects == "success":
        assert ran.named(Outcome.PASS) == set(ran.checks), seen
        return
    assert ran.failed <= OF_THE_VENUE, seen
    assert all("as the venue served it" in ran.checks[name].observed for name in ran.failed)
    assert {f"iterative_order.{name}" for name in SAFE} <= ran.named(Outcome.PASS), seen
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


BODY = b'{"instrument":"ETH_USDT_Perp"}'
ASKED = (
    b"POST /full/v1/ticker HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


def bare(connection: socket.socket) -> int:
    """One exchange over a bare blocking socket; its latency in ns."""
    began = time.monotonic_ns()
    connection.sendall(ASKED)
    answer = connection.recv(1 << 16)
    latency_ns = time.monotonic_ns() - began
    head, _, rest = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    length = int(head.lower().partition(b"content-length:")[2].split()[0])
    while len(rest) < length:
        rest += connection.recv(1 << 16)
    assert json.loads(rest)["result"]
    return latency_ns


def test_the_latency_is_that_of_a_bare_socket(tmp_path: Path) -> None:
    """p50 within 5 % of an independent client's that asks in turn with the probe; best of three runs."""
    path = tmp_path / "steady.toml"
    path.write_text('about = "5 ms"\nexpects = "success"\n[latency]\ndefault = { ms = 5 }\n')

    async def turns(venue, journal: Journal) -> list[int]:
        found = []
        with socket.create_connection(("127.0.0.1", venue.port)) as connection:
            async with at_embedded(venue, journal, "ETH", 1, reference) as (session, _):
                session.begin({}, has_ledger=True)
                for _ in range(40):
                    found.append(bare(connection))
                    await session.ask(bbo.NAME, session.client.fetch_bbo)
        return found

    apart = []
    for number in range(3):
        folder = tmp_path / f"run{number}"
        with Journal(folder) as journal, embedded(Simulator(load(path), 1, journal)) as venue:
            one = sorted(asyncio.run(turns(venue, journal)))[20]
        samples = bbo.read(read(folder).events()).quotes
        assert all(sample.at_socket for sample in samples)
        other = sorted(sample.latency_ns for sample in samples)[20]
        apart.append((other - one) / one)
        if abs(apart[-1]) <= 0.05:
            return
    pytest.fail(f"apart by {apart}")
