"""What a venue is to the commands and probes, and the venues that there are.

A venue is a folder with one class that derives from Venue; docs/add-a-venue.md shows one. The shipped ones
are known by name; installed packages bring more in the entry point group `diag.venues`. Nothing of a venue
is imported before it is asked for by name.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from inspect import isabstract
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Protocol

from diag.config import ConfigError, nearest
from diag.entry_points import installed
from diag.record.trading import Refusal
from probes.client import OrderRequest, Trader
from probes.embedded import Server
from probes.market.operations import NO_NAMES, WireNames

if TYPE_CHECKING:
    from diag.record import Journal
    from probes.credentials import Credentials, Secret, Variable
    from probes.market.clock import Clock
    from probes.market.exchange import Exchange
    from probes.market.order import Fill, Instrument, Order, Quote
    from probes.market.scenario import Scenario
    from probes.wire import WireClock

GROUP = "diag.venues"
SHIPPED = {"grvt": "probes.venues.grvt.venue:Grvt"}

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")

Permit = Callable[[OrderRequest], Awaitable[None]]
"""Looks at every order before it is signed; raises to stop it."""


class Feature(StrEnum):
    """What not every venue has, or not for every instrument; a lifecycle case says what it takes."""

    POSITIONS = "positions"
    REDUCE_ONLY = "reduce-only orders"
    POST_ONLY = "post-only orders"
    IMMEDIATE_OR_CANCEL = "immediate-or-cancel orders"
    FILL_OR_KILL = "fill-or-kill orders"
    EXPIRY = "orders that expire"
    LATE_REJECTS = "orders rejected after their acknowledgement"
    SESSIONS = "sessions that end"
    CANDLES = "candles"
    EQUITY = "equity"
    QUOTE_STREAM = "a stream of quotes"
    BOOK_STREAM = "a stream of the book"
    TRADE_STREAM = "a stream of trades"
    CANDLE_STREAM = "a stream of candles"
    ORDER_STREAM = "a stream of own orders"
    FILL_STREAM = "a stream of own fills"
    POSITION_STREAM = "a stream of positions"


@dataclass(frozen=True, slots=True)
class SimulatedAccount:
    """An account of a simulator: its name in the exchange, and credentials worth nothing anywhere else.

    `variables` are values by the names of Venue.variables.
    """

    name: str
    variables: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Adapter:
    """A file that drives clients of one library; see `diag.child.adapters`.

    `packages` are the top-level packages whose classes it fits. The file runs in the user's interpreter:
    standard library only, Python 3.9 and newer.
    """

    name: str
    file: Path
    packages: tuple[str, ...]


class Simulator(Server, Protocol):
    """A simulated venue: it speaks the venue's protocol over real sockets, on the exchange inside.

    Rows of its ledger go to the journal. With `start` it listens on loopback, and nowhere else.
    """

    @property
    def scenario(self) -> "Scenario": ...

    @property
    def exchange(self) -> "Exchange": ...

    @property
    def accounts(self) -> Sequence[SimulatedAccount]:
        """At least one; they depend on the seed alone."""
        ...


class ReferenceClient(Trader, Protocol):
    """A client of the venue of our own, async, which also looks at a real venue past the client under test.

    Failures are a `probes.failures.ClientError`. A venue may lack what some methods of Trader are about: it
    names the Feature in `Venue.lacks`, and the client need not have them.
    """

    @property
    def clock(self) -> "WireClock | None":
        """Times the exchanges of the wire, where that is possible."""
        ...

    @property
    def sources(self) -> "Mapping[str, Callable[[str], Awaitable[Quote]]]":
        """The ways in which the client tells the BBO of an instrument, by name."""
        ...

    def on_answer(self, call: Callable[[str], object]) -> None:
        """Call `call` with the endpoint of each answer from now on."""
        ...

    async def fetch_order(
        self, *, order_id: str | None = None, client_order_id: str | None = None
    ) -> "Order | None":
        """The order, open or ended, or None if the venue does not know it (now)."""
        ...

    async def fetch_open_orders(self, instrument: str) -> "Sequence[Order]": ...

    async def fetch_fills(self, instrument: str) -> "Sequence[Fill]": ...

    async def cancel_order(
        self, *, order_id: str | None = None, client_order_id: str | None = None, block_ms: int = 0
    ) -> None: ...


class Access(Protocol):
    """One place where the venue is, with or without credentials."""

    @property
    def secrets(self) -> "tuple[Secret, ...]":
        """What no text of a client may show."""
        ...

    def client(self, *, permit: Permit | None = None, seed: int | None = None) -> ReferenceClient:
        """A new client, not connected yet.

        Orders to a venue that is not simulated go out only as far as `permit` lets them. `seed` makes ids and
        nonces repeatable.
        """
        ...


class Venue(ABC):
    """One venue. The attributes are cheap: what they take to import is imported by the methods."""

    name: ClassVar[str]
    """As options, records and folders write it: lower case."""
    title: ClassVar[str]
    """As people write it."""
    about: ClassVar[str]
    """One line: what the simulator was modelled on, and where it is described."""
    environments: ClassVar[tuple[str, ...]] = ()
    """Where it is for real, as --env names it; the simulator beside them is `embedded`."""
    hosts: ClassVar[tuple[str, ...]]
    """Host names under which clients know the venue; in simulation they lead to the simulator."""
    client_order_ids: ClassVar[range]
    """What the venue leaves to clients to choose from."""
    wire_names: ClassVar[WireNames] = NO_NAMES
    """What its endpoints and streams are called, for scenarios; the common words serve without."""
    cancel_block_ms: ClassVar[int] = 0
    """How long a cancel may stop an order that is still on its way; 0 where the venue stops none."""
    adapters: ClassVar[tuple[Adapter, ...]] = ()
    """How to drive its own SDKs with --client. Those of libraries of many venues are in `diag.child`."""

    @property
    @abstractmethod
    def variables(self) -> "Sequence[Variable]":
        """Where clients look for credentials."""

    @property
    def refusals(self) -> Mapping[str, Refusal]:
        """By every code with which it refuses a request or ends an order; numbers as text."""
        return MappingProxyType({})

    @abstractmethod
    def simulator(
        self,
        scenario: "Scenario",
        seed: int,
        journal: "Journal",
        *,
        step_ms: int | None = None,
        clock: "Clock | None" = None,
    ) -> Simulator:
        """A new simulated venue. With `step_ms` its market moves by itself, else with each request alone.

        All its times are those of `clock`, by default the system's.
        """

    @abstractmethod
    def at_simulator(self, url: str, ca_file: Path | None, credentials: "Credentials") -> Access:
        """Access to a simulator that serves all hosts at `url`; with TLS, `ca_file` is to be trusted."""

    def at_real(self, environment: str, credentials: "Credentials | None") -> Access:
        """Access to one of `environments`; without credentials, to market data alone.

        Raises `probes.credentials.CredentialsError` for what has not the form of a credential.
        """
        raise NotImplementedError(f"{self.name} is only simulated")

    def lacks(self, instrument: "Instrument") -> Mapping[Feature, str]:
        """What the venue has not got for this instrument, and why: `spot has no positions`."""
        return {}

    def client_names(self, instrument: "Instrument") -> Mapping[str, str]:
        """What client libraries call the instrument, by library, where it differs from its own name."""
        return {}

    def lookup(self, ticker: str, listed: Iterable["Instrument"]) -> "Instrument | None":
        """The instrument of this name, whoever calls it so; else the first one listed of a base currency."""
        wanted = ticker.upper()
        by_base = None
        for instrument in listed:
            names = (instrument.name, *self.client_names(instrument).values())
            if wanted in (name.upper() for name in names):
                return instrument
            if by_base is None and wanted == instrument.base.upper():
                by_base = instrument
        return by_base


class VenueError(ConfigError):
    """A venue that there is not, or that cannot be loaded: one line."""


def names() -> tuple[str, ...]:
    """The venues that can be asked for, in alphabetical order."""
    return tuple(sorted({*SHIPPED, *(name for name, _ in installed(GROUP))}))


def load(name: str) -> Venue:
    """The venue of this name; raises VenueError, with the nearest name for one that is not known."""
    shipped = SHIPPED.get(name)
    if shipped is not None:
        return _made(name, shipped)
    others = dict(installed(GROUP))
    if name in others:
        return _made(name, others[name])
    known = tuple(sorted({*SHIPPED, *others}))
    hint = nearest(name, known) or f"; known {'are' if len(known) > 1 else 'is'} {', '.join(known)}"
    raise VenueError([f'unknown venue "{name}"{hint}'])


def _made(name: str, reference: str) -> Venue:
    origin = f'entry point "{name} = {reference}" of {GROUP}'
    module_name, _, attribute = (part.strip() for part in reference.partition(":"))
    try:
        module = import_module(module_name)
    except Exception as error:  # whatever the module of another package does when it is imported
        raise VenueError(
            [f"{origin}: importing {module_name} failed: {type(error).__name__}: {error}"]
        ) from error
    found = getattr(module, attribute, None)
    if not isinstance(found, type) or not issubclass(found, Venue):
        raise VenueError([f"{origin}: {module_name} has no subclass of probes.venue.Venue named {attribute}"])
    if isabstract(found):
        lacking = ", ".join(sorted(found.__abstractmethods__))
        raise VenueError([f"{origin}: {attribute} does not implement {lacking}"])
    wrong = [
        f"it lacks {attribute}"
        for attribute in ("name", "title", "about", "hosts", "client_order_ids")
        if not hasattr(found, attribute)
    ]
    if not wrong and (found.name != name or not _NAME.match(name)):
        wrong = [f'its name must be that of its entry point, in lower case, not "{found.name}"']
    if wrong:
        raise VenueError([f"{origin}: {attribute}: {'; '.join(wrong)}"])
    try:
        return found()
    except Exception as error:
        raise VenueError([f"{origin}: {attribute} cannot be made without arguments: {error}"]) from error
