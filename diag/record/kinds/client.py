"""What the client under test says, to a probe that asks it."""

from dataclasses import dataclass
from typing import ClassVar

from diag.record.event import Event, Ns, Price, Size, Source, event


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientEvent(Event):
    """A claim about `venue`."""

    source: ClassVar[Source] = "client"

    venue: str


@event
class Quote(ClientEvent):
    """A BBO as the client tells it; `via` names what was asked. It may keep sizes and the venue's stamp to
    itself. `elapsed_ns` is the time around the call, `wire_ns` that at the socket where it is known.
    """

    instrument: str
    via: str
    bid_price: Price | None
    bid_size: Size | None
    ask_price: Price | None
    ask_size: Size | None
    stamp_ns: Ns | None
    elapsed_ns: Ns
    wire_ns: Ns | None


@event
class Claim(ClientEvent):
    """What the client says came of an order plan."""

    account: str | None
    instrument: str
    success: bool
    filled: Size
    average_price: Price | None
    iterations: int
    reason: str = ""


@event
class Error(ClientEvent):
    """What the client raised instead of an answer; `during` is what was asked, or `work_order`."""

    instrument: str
    during: str
    type: str
    message: str


@event
class Answer(ClientEvent):
    """An answer that the client read, where no ledger tells; `has_quote` if a quote stands in it."""

    endpoint: str
    has_quote: bool
