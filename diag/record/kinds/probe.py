"""What a probe asked, and how the venue stood before and after."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from diag.record.event import Bps, Event, Price, Size, Source, event
from diag.record.trading import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeEvent(Event):
    """Something a probe did at `venue`."""

    source: ClassVar[Source] = "probe"

    venue: str
    instrument: str


@event
class Run(ProbeEvent):
    """What is judged, with what it takes to judge it again. `ledger` says whether the venue has one that
    tells the truth; `client` is None for the reference client, `account` where it is not known.
    """

    account: str | None = None
    env: str
    client: str | None = None
    scenario: str | None = None
    seed: int | None = None
    probes: tuple[str, ...]
    places_orders: bool
    ledger: bool
    tick_size: Price
    min_size: Size
    size_step: Size


@event
class Ask(ProbeEvent):
    """The client is asked for a BBO; `via` names the probe, or the source of the client that is asked."""

    via: str


@event
class Plan(ProbeEvent):
    """An order that the client is to work in small steps, and the book when it began."""

    account: str | None = None
    side: Side
    size: Size
    tick_size: Price
    max_iterations: int
    max_slippage_bps: Bps
    bid_price: Price | None
    bid_size: Size
    ask_price: Price | None
    ask_size: Size

    @property
    def mid(self) -> Decimal | None:
        if self.bid_price is None or self.ask_price is None:
            return None
        return (self.bid_price + self.ask_price) / 2


@event
class Settled(ProbeEvent):
    """The plan before has ended: signed positions, null where the venue has none. What comes later is of the
    probe's own doing.
    """

    account: str | None = None
    position_before: Size | None
    position_after: Size | None


@event
class Cancelled(ProbeEvent):
    """The probe cancelled an order that was left open."""

    order_id: str


@event
class State(ProbeEvent):
    """How the account stood; `armed` if orders at a venue that is not simulated were allowed."""

    at: Literal["before", "after"]
    armed: bool
    position: Size | None
    open_orders: tuple[str, ...]


@event
class Left(ProbeEvent):
    """What is not at the venue as it was before the run, a line each."""

    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cited:
    """A piece of evidence: a row of the record, and what it shows."""

    where: str
    text: str


@event
class Case(ProbeEvent):
    """What one case of `order_lifecycle` came to, as it was judged when it was run."""

    name: str
    title: str
    outcome: Literal["pass", "fail", "not shown"]
    observed: str
    bound: str
    evidence: tuple[Cited, ...]
