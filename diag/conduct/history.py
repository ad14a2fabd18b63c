"""What the record says came of one order plan: the children as the venue saw them, and what was claimed."""

from dataclasses import dataclass, field
from decimal import Decimal

from diag.conduct.judge import Events
from diag.record import Event
from diag.record.kinds import client, probe, venue
from diag.record.trading import Reason, Side, Status
from diag.verdict import Evidence

ZERO = Decimal(0)
NO_POSITIONS = "the venue has no positions"


@dataclass(slots=True)
class Child:
    """One order that the client sent while it worked the plan, refused ones included."""

    where: str
    order_id: str
    side: Side
    size: Decimal
    limit_price: Decimal | None
    arrival: venue.Arrival | None
    quotes: int  # served by the venue between the child before (or the start) and this one
    status: Status = Status.PENDING
    reason: str | None = None
    filled: Decimal = ZERO
    last: str = ""  # the newest row of this order

    @property
    def at_risk(self) -> Decimal:
        """How much of the target this order has taken or may yet take."""
        return self.filled if self.status.is_final else self.size

    def cite(self, text: str = "") -> Evidence:
        price = "at market" if self.limit_price is None else f"at {self.limit_price}"
        return Evidence(self.where, f"{self.side} {self.size} {price}{': ' if text else ''}{text}")


@dataclass(slots=True)
class History:
    """One plan, from the row that says it began to its last row."""

    plan: probe.Plan
    children: list[Child] = field(default_factory=list)
    elsewhere: dict[str, Evidence] = field(default_factory=dict)  # orders of other instruments, by order id
    fills: list[tuple[Child, venue.Fill]] = field(default_factory=list)
    obstacles: list[Evidence] = field(default_factory=list)  # what the venue or the network put in the way
    risks: list[tuple[str, Child, Decimal]] = field(default_factory=list)  # each change of what a child risks
    claim: client.Claim | None = None
    error: str = ""  # why there is no claim
    ended: client.Claim | client.Error | None = None
    settled: probe.Settled | None = None  # after which the probe cleans up
    open_at_end: tuple[Child, ...] = ()

    @property
    def filled(self) -> Decimal:
        """Net of fills on the side of the plan."""
        return sum((f.size if f.side is self.plan.side else -f.size for _, f in self.fills), ZERO)

    def peak(self) -> tuple[Decimal, str]:
        """The most that was filled and might yet have been, at once, and the row at which it was so.

        An order that never came to the venue risked nothing, though nobody knew it then.
        """
        now: dict[int, Decimal] = {}
        most, where = ZERO, ""
        for row, child, at_risk in self.risks:
            if child.reason != Reason.UNKNOWN_ORDER:
                now[id(child)] = at_risk
                if (total := sum(now.values(), ZERO)) > most:
                    most, where = total, row
        return most, where

    @property
    def average_price(self) -> Decimal | None:
        own = [fill for _, fill in self.fills if fill.side is self.plan.side]
        total = sum((fill.size for fill in own), ZERO)
        return sum((fill.price * fill.size for fill in own), ZERO) / total if total else None

    def cite_fills(self, most: int) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(fill.where, f"filled {fill.size} at {fill.price}") for _, fill in self.fills[:most]
        )


class Histories:
    """One History for each plan of a record, in order."""

    needs = (probe.Plan, probe.Settled, client.ClientEvent, venue.VenueEvent)

    def __init__(self) -> None:
        self.found: list[History] = []
        self._reader: _Reader | None = None

    def take(self, event: Event) -> None:
        if isinstance(event, probe.Plan):
            self._reader = _Reader(event)
            self.found.append(self._reader.history)
        elif self._reader is not None:
            self._reader.read(event)
            if self._reader.history.settled:  # what comes later is of the probe's own doing
                self._reader = None


def histories(record: Events) -> list[History]:
    """Those of a whole record."""
    reading = Histories()
    for event in record.events(*Histories.needs):
        reading.take(event)
    return reading.found


class _Reader:
    """Takes in the rows of one plan, oldest first."""

    def __init__(self, plan: probe.Plan) -> None:
        self.history = History(plan)
        self.quotes = 0
        self.arrivals: dict[str, venue.Arrival] = {}
        self.children: dict[str, Child] = {}  # by order id
        self.unnamed: dict[str, Child] = {}  # by client order id: sent, and not yet named by the venue

    def read(self, event: Event) -> None:
        match event:
            case venue.Quote():
                self.quotes += self._is_there(event)
            case client.Answer():  # stands for a ledger where the venue has none
                self.quotes += event.has_quote
            case venue.Arrival() if self._concerns(event):
                self.arrivals[event.client_order_id] = event
            case venue.Order():
                self._order(event)
            case venue.Refused() if self._concerns(event):
                child = self._child(event)
                child.status, child.reason = Status.REJECTED, event.reason
                if child.reason in _NOT_THE_CLIENTS:
                    self.history.obstacles.append(Evidence(event.where, f"refused: {child.reason}"))
            case venue.Fill() if event.order_id in self.children:
                self.history.fills.append((self.children[event.order_id], event))
            case venue.Fault():
                self.history.obstacles.append(Evidence(event.where, f"fault: {event.name}"))
            case client.Claim():
                self.history.claim = self.history.ended = event
            case client.Error() if event.during == "work_order":
                self.history.error = f"{event.type}: {event.message}"
                self.history.ended = event
            case probe.Settled():
                self.history.settled = event
                self.history.open_at_end = tuple(
                    child for child in self.history.children if not child.status.is_final
                )

    def _concerns(self, event: venue.Arrival | venue.OrderEvent) -> bool:
        """Whether a row is of the client and the instrument of the plan."""
        return self._is_there(event) and self.history.plan.account in (None, event.account)

    def _is_there(self, event: venue.BookTop | venue.OrderEvent) -> bool:
        plan = self.history.plan
        return (event.venue, event.instrument) == (plan.venue, plan.instrument)

    def _order(self, event: venue.Order) -> None:
        child = self.children.get(event.order_id)
        if child is None and (child := self.unnamed.pop(event.client_order_id, None)):
            child.order_id = event.order_id
            self.children[child.order_id] = child
        if child is None:
            if not self._concerns(event):
                if event.account == self.history.plan.account:
                    said = f"{event.side} {event.size} {event.instrument}"
                    self.history.elsewhere.setdefault(event.order_id, Evidence(event.where, said))
                return
            child = self._child(event)
            if child.order_id:
                self.children[child.order_id] = child
            else:
                self.unnamed[event.client_order_id] = child
        child.status = event.status
        child.reason = event.reason
        child.filled = event.filled
        child.last = event.where
        if child.reason in _NOT_THE_CLIENTS:
            self.history.obstacles.append(Evidence(event.where, f"{child.status}: {child.reason}"))
        self.history.risks.append((event.where, child, child.at_risk))

    def _child(self, event: venue.OrderEvent) -> Child:
        child = Child(
            where=event.where,
            order_id=event.order_id,
            side=event.side,
            size=event.size,
            limit_price=event.limit_price,
            arrival=self.arrivals.pop(event.client_order_id, None),
            quotes=self.quotes,
            last=event.where,
        )
        self.quotes = 0
        self.history.children.append(child)
        return child


# Why an order can end without the client having done anything wrong.
_NOT_THE_CLIENTS = (Reason.HALTED, Reason.BY_SCENARIO, Reason.NO_LIQUIDITY)
