"""Parsing of requests: what a request says, checked, and as the ledger shows it."""

from dataclasses import dataclass, field

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
