"""One RPC: where it is found, what it takes, who works it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from probes.venues.grvt.simulator.fields import Fields
from probes.venues.grvt.simulator.sessions import Session
from probes.venues.grvt.simulator.state import State
from probes.venues.grvt.wire import Json

Gateway = Literal["market-data", "trades"]

Handler = Callable[[State, Any, Json], Json | bytes]
"""Takes the state, the Session (None on market-data) and the checked payload.

Answers with the response as an object or as JSON text; raises VenueError.
"""


@dataclass(frozen=True, slots=True)
class Rpc:
    """One method of the API: where it is called, what its parameters look like, and what answers it."""

    gateway: Gateway
    endpoint: str
    handle: Handler
    fields: Fields
    version: int = 1

    @property
    def name(self) -> str:
        """The method in JSON-RPC."""
        return f"v{self.version}/{self.endpoint}"

    @property
    def path(self) -> str:
        """The path in REST."""
        return f"/full/{self.name}"

    @property
    def needs_session(self) -> bool:
        return self.gateway == "trades"


def market_rpc(endpoint: str, handle: Callable[[State, None, Json], Json | bytes], fields: Fields) -> Rpc:
    return Rpc("market-data", endpoint, handle, fields)


def trading_rpc(
    endpoint: str, handle: Callable[[State, Session, Json], Json], fields: Fields, version: int = 1
) -> Rpc:
    return Rpc("trades", endpoint, handle, fields, version)
