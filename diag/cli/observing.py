"""One observed run of a program: started, watched, judged, and what it left at the simulated venues."""

import os
import shlex
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from diag.bounds import Bounds
from diag.conduct.judge import judge as conduct
from diag.conduct.judges import JUDGES
from diag.conduct.spread import plain
from diag.observe import secrets
from diag.observe.command import interpreter_for, observed
from diag.observe.run import Ended, Run
from diag.observe.scrub import Scrubber
from diag.record import Journal
from diag.record.kinds.child import Expected
from diag.record.kinds.venue import Fill, Opened, Order
from diag.report.style import Line
from diag.verdict import Check
from probes.credentials import RealCredentialsError, refuse_real
from probes.embedded import Embedded
from probes.market.operations import WireNames
from probes.market.scenario import Scenario, ScenarioError, load
from probes.simulation import Simulated, simulated
from probes.venue import SHIPPED, Simulator, Venue


class RefusedError(Exception):
    """A run that is not started: one line an error."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be run. Without `venues` and `scenario` nothing is simulated or re-routed."""

    venues: tuple[Venue, ...]
    command: tuple[str, ...]
    folder: Path
    python: Path | None
    env_file: Path | None
    scenario: Scenario | None
    seed: int
    timeout_s: float | None
    stall_ms: float
    allow_real_credentials: bool
    expected: tuple[Expected, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What the program holds at one venue when it has ended."""

    venue: str
    orders: int
    open_orders: int
    fills: int
    positions: tuple[tuple[str, str, Decimal], ...]
    """Instrument, base currency, signed size."""


def load_scenario(name: str, venues: Iterable[Venue]) -> Scenario:
    """The scenario of this name or path, in the words of these venues; raises RefusedError."""
    try:
        return load(name, WireNames.of_all(venue.wire_names for venue in venues))
    except ScenarioError as error:
        raise RefusedError(str(error)) from None


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run; `command` is what was typed, without the secrets in it."""

    command: str
    ended: Ended
    standings: tuple[Standing, ...]


async def run(request: Request, journal: Journal, *, keeps_stdout: bool) -> Ran:
    """Run the program to its end. Raises CommandError if there is none, RefusedError for real credentials.

    With `keeps_stdout`, what the program prints goes to stderr.
    """
    command = observed(
        request.command, python=interpreter_for(request.python, request.folder), folder=request.folder
    )
    for expected in request.expected:
        journal.append(expected)
    given = secrets.variables_of(request.env_file) if request.env_file else {}
    environment = {**os.environ, **given}
    places = [request.folder, *([command.root] if command.root else [])]
    found = [*secrets.around(places, request.command), *secrets.in_environment(given, str(request.env_file))]
    with ExitStack() as stack:
        simulation: Simulated | None = None
        if request.scenario is not None:
            if not request.allow_real_credentials:
                try:
                    names = [*SHIPPED, *(venue.name for venue in request.venues)]
                    refuse_real([*secrets.in_environment(os.environ), *found], names)
                except RealCredentialsError as error:
                    raise RefusedError(str(error)) from None
            simulation = stack.enter_context(
                simulated(request.venues, request.scenario, request.seed, journal, free_running=True)
            )
            environment |= simulation.environment
            for name, venue in simulation.venues.items():
                journal.append(_opened(name, venue.simulator))
        scrubber = Scrubber(environment, found)
        ended = await Run(
            command,
            request.folder,
            environment,
            [request.folder],
            journal,
            scrubber,
            simulation=simulation.simulation if simulation else None,
            stall_ms=request.stall_ms,
            timeout_s=request.timeout_s,
            keeps_stdout=keeps_stdout,
        )()
        running = simulation.venues if simulation else {}
        standings = tuple(_standing(name, venue, journal) for name, venue in running.items())
        return Ran(shlex.join(map(scrubber.text, request.command)), ended, standings)


def _opened(name: str, simulator: Simulator) -> Opened:
    bases = {each.name: each.base for each in simulator.exchange.instruments.values()}
    return Opened(venue=name, accounts=tuple(each.name for each in simulator.accounts), bases=bases)


def _standing(name: str, venue: Embedded[Simulator], journal: Journal) -> Standing:
    exchange = venue.simulator.exchange
    accounts = {account.name for account in venue.simulator.accounts}
    orders, fills = set(), 0
    for event in journal.events(Order, Fill):
        match event:
            case Order(venue=at, account=account) if at == name and account in accounts:
                orders.add(event.order_id)
            case Fill(venue=at, account=account) if at == name and account in accounts:
                fills += 1

    def look() -> Standing:
        held = [position for account in accounts for position in exchange.positions(account) if position.size]
        return Standing(
            name,
            orders=len(orders),
            open_orders=sum(len(exchange.open_orders(account)) for account in accounts),
            fills=fills,
            positions=tuple(
                (position.instrument, exchange.instruments[position.instrument].base, position.size)
                for position in held
            ),
        )

    return venue.call(look)


def judge(journal: Journal, bounds: Bounds) -> list[Check]:
    return conduct(journal, bounds, JUDGES)


def left(standings: Sequence[Standing]) -> str:
    """Open orders and positions that the program has left at the venues, in one line; nothing if none."""
    said = []
    for standing in standings:
        held = [f"{instrument} {plain(size)}" for instrument, _, size in standing.positions]
        if standing.open_orders:
            held.insert(0, f"{standing.open_orders} open orders")
        if held:
            said.append(f"{standing.venue}: {', '.join(held)}")
    return "; ".join(said)


def summary(ran: Ran) -> list[Line]:
    """How it ended, what it did and holds at each venue, and the net exposure by currency."""
    lines: list[Line] = [[("program", "bold")], [(f"  {ran.ended.how}, exit code {ran.ended.code}", "")]]
    exposure: dict[str, Decimal] = {}
    for standing in ran.standings:
        lines.append([(standing.venue, "bold")])
        open_orders = f"{standing.open_orders} open at the end"
        lines.append([(f"  {standing.orders} orders, {standing.fills} fills, {open_orders}", "")])
        for instrument, base, size in standing.positions:
            exposure[base] = exposure.get(base, Decimal(0)) + size
            lines.append([(f"  {instrument} {plain(size)}", "")])
    for base, size in exposure.items():
        lines.append([("net exposure", "bold"), (f"  {plain(size)} {base}", "")])
    return lines
