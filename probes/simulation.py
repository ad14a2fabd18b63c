"""Simulated venues for a program that runs under observation."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from diag.observe.run import Simulation
from diag.record import Journal
from probes.embedded import Embedded, embedded
from probes.market.scenario import Scenario
from probes.venue import Simulator, Venue

STEP_MS = 200  # a bot that only listens sees the market move, too


@dataclass(frozen=True, slots=True)
class Simulated:
    """Venues that run, by name. `environment` holds their throw-away credentials under the names that
    clients look for.
    """

    venues: Mapping[str, Embedded[Simulator]]
    simulation: Simulation
    environment: Mapping[str, str]


@contextmanager
def simulated(
    venues: Sequence[Venue],
    scenario: Scenario,
    seed: int,
    journal: Journal,
    *,
    free_running: bool,
    isolated: bool = True,
) -> Iterator[Simulated]:
    """Run the venues until the block ends; the program's own network namespace gets a listener for each."""
    running: dict[str, Embedded[Simulator]] = {}
    environment: dict[str, str] = {}
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="diag-venues-"))
        for venue in venues:
            simulator = venue.simulator(scenario, seed, journal, step_ms=STEP_MS if free_running else None)
            running[venue.name] = stack.enter_context(embedded(simulator, tls=True))
            environment |= simulator.accounts[0].variables

        def serve(listeners: Sequence[socket.socket]) -> dict[str, tuple[str, int]]:
            ports = {name: one.port for name, one in running.items()}
            for (name, one), listener in zip(running.items(), listeners, strict=False):
                ports[name] = listener.getsockname()[1]
                one.listen(listener)
            return {host: ("127.0.0.1", ports[venue.name]) for venue in venues for host in venue.hosts}

        yield Simulated(
            running,
            Simulation(len(venues) if isolated else -1, serve, _bundle(running, Path(folder))),
            environment,
        )


def _bundle(running: Mapping[str, Embedded[Simulator]], folder: Path) -> Path:
    """One file with the CA of each venue."""
    file = folder / "ca.pem"
    file.write_bytes(b"".join(one.ca_file.read_bytes() for one in running.values() if one.ca_file))
    return file
