"""What the record says came of one order plan: the children as the venue saw them, and what was claimed.

The rows that are read are those of `probes.market.ledger` (source `venue`), the probe's own `plan` and
`settled`, and the client's `claim` and `error`. On a real venue the same rows hold what it answered when it
was asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from diag.record import Event
from diag.verdict import Evidence
from probes.client import Claim, OrderPlan
from probes.market.order import ZERO, Fill, Reason, Side, Status

QUOTES = ("ticker", "mini", "book")  # endpoints that serve quotes


@dataclass(slots=True)
class Arrival:
    """The book at the moment at which an order arrived; a side is None when it was empty."""

    bid: Decimal | None
    ask: Decimal | None
    bid_size: Decimal
    ask_size: Decimal

    @property
    def mid(self) -> Decimal | None:
        return (self.bid + self.ask) / 2 if self.bid is not None and self.ask is not None else None

    def touch(self, side: Side) -> tuple[Decimal | None, Decimal]:
        """What an order of this side would trade against first: price and size."""
        return (self.ask, self.ask_size) if side is Side.BUY else (self.bid, self.bid_size)


@dataclass(slots=True)
class Child:
    """One order that the client sent while it worked the plan, refused ones included."""

    where: str
    order_id: str
    side: Side
    size: Decimal
    limit_price: Decimal | None
    arrival: Arrival | None
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

    plan: OrderPlan
    where: str
    account: str | None
    arrival: Arrival
    began_ns: int
    children: list[Child] = field(default_factory=list)
    elsewhere: dict[str, Evidence] = field(default_factory=dict)  # orders of other instruments, by order id
    fills: list[tuple[str, Child, Fill]] = field(default_factory=list)
    obstacles: list[Evidence] = field(default_factory=list)  # what the venue or the network put in the way
    risks: list[tuple[str, Child, Decimal]] = field(default_factory=list)  # each change of what a child risks
    claim: Claim | None = None
    error: str = ""  # why there is no claim
    ended: str = ""  # the row of the claim or of the error
    ended_ns: int = 0
    settled: str = ""  # the row after which the probe cleans up
    open_at_end: tuple[Child, ...] = ()
    positions: tuple[Decimal, Decimal] | None = None  # before and after, signed

    @property
    def filled(self) -> Decimal:
        """Net of fills on the side of the plan."""
        return sum((f.size if f.side is self.plan.side else -f.size for _, _, f in self.fills), ZERO)

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
        own = [fill for _, _, fill in self.fills if fill.side is self.plan.side]
        total = sum((fill.size for fill in own), ZERO)
        return sum((fill.price * fill.size for fill in own), ZERO) / total if total else None

    def cite_fills(self, most: int) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(where, f"filled {fill.size} at {fill.price}") for where, _, fill in self.fills[:most]
        )


def histories(events: Iterable[Event]) -> list[History]:
    """One for each plan of the record, in order."""
    found: list[History] = []
    reader: _Reader | None = None
    for event in events:
        if event.kind == "plan" and event.source == "probe":
            reader = _Reader(event)
            found.append(reader.history)
        elif reader is not None:
            reader.read(event)
            if reader.history.settled:  # what comes later is of the probe's own doing, or of another venue
                reader = None
    return found


class _Reader:
    """Takes in the rows of one plan, oldest first."""

    def __init__(self, event: Event) -> None:
        data = event.data
        plan = OrderPlan(
            instrument=str(data["instrument"]),
            side=Side(str(data["side"])),
            size=_number(data["size"]),
            tick_size=_number(data["tick_size"]),
            max_iterations=int(str(data["max_iterations"])),
            max_slippage_bps=_number(data["max_slippage_bps"]),
        )
        account = data.get("account")
        self.history = History(
            plan, event.where, None if account is None else str(account), _arrival(data), event.monotonic_ns
        )
        self.quotes = 0
        self.arrivals: dict[str, Arrival] = {}
        self.children: dict[str, Child] = {}  # by order id
        self.unnamed: dict[str, Child] = {}  # by client order id: sent, and not yet named by the venue

    def read(self, event: Event) -> None:
        handle = getattr(self, f"_{event.source}_{event.kind}", None)
        if handle is not None:
            handle(event, event.data)

    def _concerns(self, data: Mapping[str, Any]) -> bool:
        """Whether a row is of the client and the instrument of the plan."""
        history = self.history
        if data.get("instrument") != history.plan.instrument:
            return False
        return history.account is None or data.get("account") in (None, history.account)

    def _venue_quote(self, _: Event, data: Mapping[str, Any]) -> None:
        self.quotes += self._concerns(data)

    def _client_answer(self, _: Event, data: Mapping[str, Any]) -> None:
        """At a venue without a ledger of its own; the wire of the client stands for it."""
        self.quotes += data["endpoint"] in QUOTES

    def _venue_arrival(self, _: Event, data: Mapping[str, Any]) -> None:
        if self._concerns(data):
            self.arrivals[str(data["client_order_id"])] = _arrival(data)

    def _venue_order(self, event: Event, data: Mapping[str, Any]) -> None:
        child = self.children.get(str(data["order_id"]))
        if child is None and (child := self.unnamed.pop(str(data["client_order_id"]), None)):
            child.order_id = str(data["order_id"])
            self.children[child.order_id] = child
        if child is None:
            if not self._concerns(data):
                if data["account"] == self.history.account:
                    said = f"{data['side']} {data['size']} {data['instrument']}"
                    self.history.elsewhere.setdefault(str(data["order_id"]), Evidence(event.where, said))
                return
            child = self._child(event, data)
            if child.order_id:
                self.children[child.order_id] = child
            else:
                self.unnamed[str(data["client_order_id"])] = child
        child.status = Status(str(data["status"]))
        child.reason = data["reason"]
        child.filled = _number(data["filled"])
        child.last = event.where
        if child.reason in _NOT_THE_CLIENTS:
            self.history.obstacles.append(Evidence(event.where, f"{child.status}: {child.reason}"))
        self.history.risks.append((event.where, child, child.at_risk))

    def _venue_refused(self, event: Event, data: Mapping[str, Any]) -> None:
        if self._concerns(data):
            child = self._child(event, data)
            child.status, child.reason = Status.REJECTED, str(data["reason"])
            if child.reason in _NOT_THE_CLIENTS:
                self.history.obstacles.append(Evidence(event.where, f"refused: {child.reason}"))

    def _child(self, event: Event, data: Mapping[str, Any]) -> Child:
        limit = data["limit_price"]
        child = Child(
            where=event.where,
            order_id=str(data["order_id"]),
            side=Side(str(data["side"])),
            size=_number(data["size"]),
            limit_price=None if limit is None else _number(limit),
            arrival=self.arrivals.pop(str(data["client_order_id"]), None),
            quotes=self.quotes,
            last=event.where,
        )
        self.quotes = 0
        self.history.children.append(child)
        return child

    def _venue_fill(self, event: Event, data: Mapping[str, Any]) -> None:
        child = self.children.get(str(data["order_id"]))
        if child is not None:
            self.history.fills.append((event.where, child, _fill(data)))

    def _venue_fault(self, event: Event, data: Mapping[str, Any]) -> None:
        self.history.obstacles.append(Evidence(event.where, f"fault: {data['name']}"))

    def _client_claim(self, event: Event, data: Mapping[str, Any]) -> None:
        average = data["average_price"]
        self.history.claim = Claim(
            success=bool(data["success"]),
            filled=_number(data["filled"]),
            average_price=None if average is None else _number(average),
            iterations=int(str(data["iterations"])),
            reason=str(data["reason"]),
        )
        self._end(event)

    def _client_error(self, event: Event, data: Mapping[str, Any]) -> None:
        if data["during"] == "work_order":
            self.history.error = f"{data['type']}: {data['message']}"
            self._end(event)

    def _end(self, event: Event) -> None:
        self.history.ended, self.history.ended_ns = event.where, event.monotonic_ns

    def _probe_settled(self, event: Event, data: Mapping[str, Any]) -> None:
        self.history.settled = event.where
        self.history.open_at_end = tuple(
            child for child in self.history.children if not child.status.is_final
        )
        before, after = data.get("position_before"), data.get("position_after")
        if before is not None and after is not None:
            self.history.positions = _number(before), _number(after)


# Why an order can end without the client having done anything wrong.
_NOT_THE_CLIENTS = (Reason.HALTED, Reason.BY_SCENARIO, Reason.NO_LIQUIDITY)


def _arrival(data: Mapping[str, Any]) -> Arrival:
    bid, ask = data["bid_price"], data["ask_price"]
    return Arrival(
        None if bid is None else _number(bid),
        None if ask is None else _number(ask),
        _number(data["bid_size"]),
        _number(data["ask_size"]),
    )


def _fill(data: Mapping[str, Any]) -> Fill:
    return Fill(
        fill_id=str(data["fill_id"]),
        order_id=str(data["order_id"]),
        client_order_id=str(data["client_order_id"]),
        account=str(data["account"]),
        instrument=str(data["instrument"]),
        side=Side(str(data["side"])),
        price=_number(data["price"]),
        size=_number(data["size"]),
        fee=_number(data["fee"]),
        is_taker=bool(data["is_taker"]),
        utc_ns=0,
    )


def _number(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
