"""Simulated venues for a program that runs under observation."""

import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from diag.observe.run import Simulation
from diag.record import Journal
from probes.market.scenario import Scenario
from probes.venues.embedded import Embedded, embedded
from probes.venues.grvt.credentials import API_KEY, PRIVATE_KEY, SUB_ACCOUNT
from probes.venues.grvt.simulator.app import Simulator

STEP_MS = 200  # a bot that only listens sees the market move, too


class RealCredentialsError(Exception):
    """Credentials that look real stand where a simulated run would see them: one line."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """`environment` holds the throw-away credentials under the names that clients look for."""

    grvt: Embedded[Simulator]
    simulation: Simulation
    environment: Mapping[str, str]


@contextmanager
def simulated(
    scenario: Scenario, seed: int, journal: Journal, *, free_running: bool, isolated: bool = True
) -> Iterator[Simulated]:
    """Run the venues until the block ends; the program's own network namespace gets a listener of its own."""
    with ExitStack() as stack:
        simulator = Simulator(scenario, seed, journal, free_running_ms=STEP_MS if free_running else None)
        venue = stack.enter_context(embedded(simulator, tls=True))

        def serve(listeners: Sequence[socket.socket]) -> dict[str, tuple[str, int]]:
            port = venue.port
            for listener in listeners:
                port = listener.getsockname()[1]
                venue.listen(listener)
            return dict.fromkeys(simulator.hosts, ("127.0.0.1", port))

        assert venue.ca_file is not None
        first = simulator.credentials[0]
        yield Simulated(
            venue,
            Simulation(1 if isolated else -1, serve, venue.ca_file),
            {API_KEY: first.api_key, PRIVATE_KEY: first.private_key, SUB_ACCOUNT: first.sub_account_id},
        )


def variables(file: Path) -> dict[str, str]:
    """What a .env file sets; nothing if there is none."""
    values = dotenv_values(file) if file.is_file() else {}
    return {name: value for name, value in values.items() if value is not None}


def refuse_real_credentials(environment: Mapping[str, str], files: Sequence[Path]) -> None:
    """Raise RealCredentialsError if the environment or a .env file holds credentials that look real.

    In simulation they are of no use, and what a program does with them is not known.
    """
    sources = [("the environment", environment), *((str(file), variables(file)) for file in files)]
    for where, values in sources:
        names = [name for name in (API_KEY, PRIVATE_KEY) if _looks_real(name, values.get(name, ""))]
        if names:
            raise RealCredentialsError(
                f"{where} holds {' and '.join(names)}, which look real: simulation does not want them; "
                "unset them, or say --allow-real-credentials"
            )


def _looks_real(name: str, value: str) -> bool:
    value = value.strip().lower()
    if name == PRIVATE_KEY:
        digits = value.removeprefix("0x")
        return re.fullmatch("[0-9a-f]{64}", digits) is not None and len(set(digits)) > 4
    placeholder = re.search("your|key|xxx|test|dummy|example|change", value)
    return len(value) >= 20 and placeholder is None
