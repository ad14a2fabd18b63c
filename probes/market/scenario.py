"""Scenarios: data files that say how the market and the network behave. Same seed, same run.

A file is TOML; `docs/scenarios.md` lists its keys. What is wrong with a file is reported all at once.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from diag.config import nearest
from probes.market.decoding import decode
from probes.market.dynamics import Dynamics
from probes.market.faults import Fault
from probes.market.fees import ProportionalFees
from probes.market.latency import DEFAULT as OTHERS
from probes.market.latency import Latency
from probes.market.operations import EVENTS, NO_NAMES, WireNames
from probes.market.queue_models import QueueModel
from probes.market.rate_limit import RateLimit

SHIPPED = Path(__file__).with_name("scenarios")
DEFAULT = "calm"


class ScenarioError(Exception):
    """Everything that is wrong with a scenario; each line names its file and key."""


@dataclass(frozen=True, slots=True)
class VenueModel:
    """Where the description of the venue leaves open what the venue does. Defaults are the likelier ways."""

    ended_orders_found: bool = True  # a query by id finds orders that were filled or cancelled
    pending_pushed: bool = (
        True  # the order stream shows an order as pending before it shows it open or filled
    )
    rpc_errors: Literal["jsonrpc", "rest"] = "jsonrpc"  # body of an error of an RPC over WebSocket
    base_decimals: Literal["number", "string"] = "number"  # JSON type in the instruments
    unknown_cancels: Literal["acknowledged", "refused"] = "acknowledged"  # a cancel that finds no open order
    ack_order_id: Literal["assigned", "zero"] = "assigned"  # the order id in the answer to create_order
    content_type: Literal["any", "json"] = "any"  # what the header of a request has to say of its body
    failed_logins: Literal["refused", "status"] = "refused"  # a wrong key: HTTP 401, or 200 with a status
    clock_skew_ms: int = 0  # how far the venue's clock is ahead of this machine's; negative: behind


@dataclass(frozen=True, slots=True)
class Scenario:
    """A market with its troubles. `expects` is what a correct client reaches: its aim, or a safe failure
    (nothing over-filled, nothing left open, an honest report).
    """

    name: str
    about: str
    expects: Literal["success", "safe_failure"]
    dynamics: Dynamics = field(default_factory=Dynamics)
    queue: QueueModel = QueueModel.FIFO
    fees: ProportionalFees = field(default_factory=ProportionalFees)
    latency: Mapping[str, Latency] = field(default_factory=dict)
    rate_limit: Mapping[str, RateLimit] = field(default_factory=dict)
    venue: VenueModel = field(default_factory=VenueModel)
    faults: tuple[Fault, ...] = ()


@cache
def names() -> tuple[str, ...]:
    """The shipped scenarios, the default first."""
    found = sorted(path.stem for path in SHIPPED.glob("*.toml"))
    return (DEFAULT, *(name for name in found if name != DEFAULT))


def load(name_or_path: str | Path, names_of_venue: WireNames = NO_NAMES) -> Scenario:
    """A shipped scenario by its name, or the one in a file (a name with a slash or `.toml`).

    A file may call endpoints and streams by the names of the venue, too.
    Raises ScenarioError: unknown name with the nearest one, unreadable file, or everything wrong in it.
    """
    text = str(name_or_path)
    if text in names():
        path, shown = SHIPPED / f"{text}.toml", f"{text}.toml"
    elif text.endswith(".toml") or "/" in text or "\\" in text:
        path, shown = Path(text), text
    else:
        hint = nearest(text, names()) or f"; known are {', '.join(names())}"
        raise ScenarioError(f'unknown scenario "{text}"{hint}, or give the path of a .toml file')
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise ScenarioError(f"{shown}: is not a file")
        raw = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ScenarioError(f"{shown}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{shown}: is not UTF-8 text") from error
    return parse(raw, path.stem, shown, names_of_venue)


def parse(text: str, name: str, source: str, names_of_venue: WireNames = NO_NAMES) -> Scenario:
    """The scenario in this TOML text; `source` stands for the file in messages."""
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ScenarioError(f"{source}: not valid TOML: {error}") from error
    errors: list[str] = []
    if "name" in table:
        errors.append("name: a scenario is named by its file")
    scenario = decode(Scenario, {**table, "name": name}, "", errors)
    errors += _unknown(table, names_of_venue)
    if scenario is not None:
        errors += _misfits(scenario.faults, names_of_venue)
    if scenario is None or errors:
        raise ScenarioError("\n".join(f"{source}: {' '.join(error.splitlines())}" for error in errors))
    return scenario


def _unknown(table: Mapping[str, object], names_of_venue: WireNames) -> list[str]:
    """Names of events and operations that there are nowhere, or not at this venue."""
    errors = []
    known = (OTHERS, *names_of_venue.requests)
    for name in ("latency", "rate_limit"):
        given = table.get(name)
        for key in given if isinstance(given, dict) else ():
            if key not in known:
                hint = nearest(key, known) or "; see docs/scenarios.md"
                errors.append(f'{name}: unknown operation "{key}"{hint}')
    faults, events = table.get("faults"), names_of_venue.events
    for number, fault in enumerate(faults if isinstance(faults, list) else (), 1):
        on = fault.get("on") if isinstance(fault, dict) else None
        if isinstance(on, str) and on not in events:
            hint = nearest(on, events) or "; see docs/scenarios.md"
            errors.append(f'faults[{number}].on: unknown event "{on}"{hint}')
    return errors


def _misfits(faults: tuple[Fault, ...], names_of_venue: WireNames) -> list[str]:
    """Actions that make no sense on what the venue calls so; the common events know theirs by themselves."""
    own = set(names_of_venue.events) - set(EVENTS)
    return [
        f"faults[{number}]: {misfit}"
        for number, fault in enumerate(faults, 1)
        if fault.on in own and (misfit := fault.misfit(names_of_venue))
    ]
