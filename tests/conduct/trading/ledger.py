"""A venue in miniature that writes the rows of its ledger, for judges to be held against."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from diag.bounds import Bounds
from diag.conduct.judge import judge
from diag.conduct.trading.judge import TradingJudge
from diag.record import Event
from diag.record.kinds import child, venue
from diag.record.trading import Origin, Reason, Side, Status
from diag.verdict import Check, Outcome

ETH = "ETH"
ONE = Decimal(1)
PRICE = Decimal(3000)
MS = 1_000_000
ANSWERS = {"ok": 200, "lost": 0, "failed": 500, "limited": 429, "unknown": 404}


@dataclass
class Ledger:
    """Rows by their venue's own hand. Each request comes `step_ms` after the row before."""

    name: str = "sim"
    account: str = "1"
    step_ms: int = 100
    rows: list[Event] = field(default_factory=list)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)  # by client order id, the latest
    ended: set[str] = field(default_factory=set)  # order ids
    now_ns: int = 0
    made: int = 0

    def events(self, *kinds: type[Event]) -> Iterator[Event]:
        return (row for row in self.rows if isinstance(row, kinds))

    def row(self, kind: type[Event], **values: Any) -> Any:
        self.now_ns += MS // 10
        if issubclass(kind, venue.VenueEvent):
            values = {"venue": self.name, **values}
        row = kind(**values)
        seq = 1 + sum(each.speaker == row.speaker for each in self.rows)
        self.rows.append(replace(row, seq=seq, monotonic_ns=self.now_ns))
        return self.rows[-1]

    def opened(self) -> None:
        self.row(venue.Opened, accounts=(self.account,), bases={ETH: "ETH"})

    def exits(self, code: int = 0, how: str = "exited") -> None:
        self.row(child.Exit, code=code, how=how)

    def ask(
        self,
        operation: str | None,
        answer: str = "ok",
        *,
        about: str | None = None,
        retry_after_s: int | None = None,
        **more: Any,
    ) -> Any:
        self.now_ns += self.step_ms * MS
        order = None if about is None else venue.Named(client_order_id=about)
        values = {
            "account": self.account,
            "endpoint": operation or "subscribe",
            "operation": operation,
            "data": {},
        }
        request = self.row(venue.Request, **{**values, "order": order, **more})
        if operation == "cancel" and about is not None and answer != "never":
            self.cancel(about)
        status = ANSWERS.get(answer, 0)
        self.row(venue.Response, request=request.seq, status=status, retry_after_s=retry_after_s)
        return request

    def subscribe(self, feed: str, stream: str = "s", selector: str = ETH) -> None:
        self.ask(None, feed=feed, data={"stream": stream, "selectors": [selector]})

    def place(
        self,
        client_order_id: str,
        answer: str = "ok",
        *,
        side: Side = Side.BUY,
        size: Decimal = ONE,
        price: Decimal | None = PRICE,
        fills: Decimal = Decimal(0),
        comes: bool = True,
        refused: Reason | None = None,
        code: int | None = None,
        origin: Origin | None = None,
        fault: str = "",
        reduce_only: bool = False,
        instrument: str = ETH,
    ) -> Any:
        """Send an order. Unless it `comes`, the venue makes nothing of it; `fills` is what trades at once."""
        self.now_ns += self.step_ms * MS
        named = venue.Named(None, client_order_id, instrument, side, size, price, reduce_only)
        request = self.row(
            venue.Request,
            account=self.account,
            endpoint="create",
            operation="place",
            data={},
            order=named,
        )
        if fault:
            self.row(venue.Fault, name=fault, request=request.seq)
        order = {
            "account": self.account,
            "instrument": instrument,
            "order_id": "",
            "client_order_id": client_order_id,
            "side": side,
            "size": size,
            "limit_price": price,
            "time_in_force": "GTT",
            "post_only": False,
            "reduce_only": reduce_only,
            "filled": Decimal(0),
            "filled_notional": Decimal(0),
        }
        if refused is not None:
            self.row(venue.Refused, **order, reason=refused)
        elif comes:
            self.made += 1
            order["order_id"] = f"0x{self.made}"
            self.orders[client_order_id] = order
            self.row(venue.Order, **order, status=Status.PENDING)
            if not fills:
                self.row(venue.Order, **order, status=Status.OPEN)
            else:
                self.fill(client_order_id, fills)
        status = 400 if answer == "refused" else ANSWERS[answer]
        self.row(
            venue.Response, request=request.seq, status=status, code=code, origin=origin, meaning="meaning"
        )
        return request

    def fill(self, client_order_id: str, size: Decimal, *, is_taker: bool = True) -> Any:
        order = self.orders[client_order_id]
        row = self.row(
            venue.Fill,
            **{
                name: order[name] for name in ("account", "instrument", "order_id", "client_order_id", "side")
            },
            fill_id=str(len(self.rows)),
            price=PRICE,
            size=size,
            fee=Decimal(0),
            realized_pnl=Decimal(0),
            is_taker=is_taker,
        )
        order["filled"] += size
        is_whole = order["filled"] == order["size"]
        self.row(venue.Order, **order, status=Status.FILLED if is_whole else Status.OPEN)
        if is_whole:
            self.ended.add(order["order_id"])
        return row

    def cancel(self, client_order_id: str, reason: str = Reason.BY_CLIENT) -> None:
        order = self.orders.get(client_order_id)
        if order is None:
            self.row(venue.Cancel, account=self.account, refused=Reason.UNKNOWN_ORDER)
            return
        is_over = order["order_id"] in self.ended
        refused = Reason.ORDER_IS_FINAL if is_over else None
        self.row(
            venue.Cancel, account=self.account, instrument=ETH, order_id=order["order_id"], refused=refused
        )
        if not is_over:
            self.ended.add(order["order_id"])
            self.row(venue.Order, **order, status=Status.CANCELLED, reason=reason)

    def checks(self, bounds: Bounds | None = None) -> dict[str, Check]:
        found = judge(self, bounds or Bounds(), [TradingJudge])
        assert len({check.name for check in found}) == len(found)
        return {check.name.removeprefix("trading."): check for check in found}

    def failed(self) -> set[str]:
        return {name for name, check in self.checks().items() if check.outcome is Outcome.FAIL}
