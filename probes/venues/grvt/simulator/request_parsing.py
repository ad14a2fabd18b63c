"""Parsing of requests: what a request says, checked, and as the ledger shows it."""

from dataclasses import dataclass, field

from diag.record.kinds.venue import Named
from diag.record.trading import Side
from probes.market.ledger import Ledger
from probes.venues.grvt.errors import VenueError
from probes.venues.grvt.names import NAMES
from probes.venues.grvt.simulator.rpc import Rpc
from probes.venues.grvt.wire import Json

_HIDDEN = ("api_key", "signature", "create_time", "start_time", "end_time", "cursor")


@dataclass(slots=True)
class ParsedRequest:
    """`payload` holds what passed the check; `error` is why the rest did not. Handlers only read it."""

    rpc: Rpc
    payload: Json
    error: VenueError | None = None
    _rows: dict[str | None, str] = field(default_factory=dict)

    def row(self, ledger: Ledger, account: str | None) -> str:
        """The row of the ledger: no secrets, and no times by the client's clock."""
        row = self._rows.get(account)
        if row is None:
            row = self._rows[account] = ledger.request_row(
                self.rpc.endpoint,
                account=account,
                data=_public(self.payload),
                operation=NAMES.endpoints.get(self.rpc.endpoint),
                order=_named(self.payload),
            )
        return row


def parse_request(rpc: Rpc, payload: object) -> ParsedRequest:
    try:
        return ParsedRequest(rpc, rpc.fields.parse(payload))
    except VenueError as error:
        return ParsedRequest(rpc, {}, error)


def _public(payload: Json) -> Json:
    return {
        name: _public(value) if isinstance(value, dict) else value
        for name, value in payload.items()
        if name not in _HIDDEN
    }


def _named(payload: Json) -> Named | None:
    """The order that a request is about; of one with several legs, by its id alone."""
    if "order" not in payload:
        named = Named(order_id=payload.get("order_id"), client_order_id=payload.get("client_order_id"))
        return named if named != Named() else None
    order = payload["order"]
    client_order_id = order["metadata"].get("client_order_id")
    if len(order["legs"]) != 1:
        return Named(client_order_id=client_order_id)
    (leg,) = order["legs"]
    return Named(
        client_order_id=client_order_id,
        instrument=leg["instrument"],
        side=Side.BUY if leg["is_buying_asset"] else Side.SELL,
        size=leg["size"],
        limit_price=leg.get("limit_price") or None,
        reduce_only=order.get("reduce_only", False),
    )
