"""Corner, a small spot venue: no positions, no streams, limit and market orders alone."""

from pathlib import Path

from diag.record.trading import Origin, Refusal
from probes.credentials import Variable, is_token
from probes.venue import Adapter, Feature, Venue

HOST = "api.corner.example"
API_KEY = "CORNER_API_KEY"

REFUSALS = {
    "UNKNOWN": Refusal(Origin.CLIENT, "no such order or instrument"),
    "KEY": Refusal(Origin.CLIENT, "the API key is not known"),
    "INVALID": Refusal(Origin.CLIENT, "the order breaks a rule of the instrument"),
    "FUNDS": Refusal(Origin.CLIENT, "not enough of what the order would pay with"),
    "BUSY": Refusal(Origin.CLIENT, "too many requests"),
    "CLOSED": Refusal(Origin.MARKET, "the instrument is not traded now"),
    "ERROR": Refusal(Origin.VENUE, "internal error"),
}

_SPOT = "spot: there are balances, no positions"
_LACKS = {
    Feature.POSITIONS: _SPOT,
    Feature.REDUCE_ONLY: _SPOT,
    Feature.POST_ONLY: "orders are not post-only",
    Feature.IMMEDIATE_OR_CANCEL: "limit orders rest until they are cancelled",
    Feature.FILL_OR_KILL: "limit orders rest until they are cancelled",
    Feature.EXPIRY: "limit orders rest until they are cancelled",
    Feature.LATE_REJECTS: "an order is refused at once or not at all",
    Feature.SESSIONS: "each request carries the key; there are no sessions",
    Feature.CANDLES: "it has no candles",
    Feature.EQUITY: _SPOT,
    **dict.fromkeys((each for each in Feature if each.name.endswith("_STREAM")), "it has no streams"),
}


class CornerAccess:
    """Corner at one address."""

    def __init__(self, url, ca_file, credentials):
        self.url, self.ca_file = url, ca_file
        self.secrets = tuple(credentials.values())

    def client(self, *, permit=None, seed=None):
        from corner.client import CornerClient

        return CornerClient(self.url, self.ca_file, *self.secrets, permit=permit, seed=seed)


class Corner(Venue):
    name = "corner"
    title = "Corner"
    about = "Made up, to show how a venue is added; docs/add-a-venue.md."
    hosts = (HOST,)
    client_order_ids = range(1, 2**32)
    adapters = (Adapter("corner_sdk", Path(__file__).parent / "adapters" / "corner_sdk.py", ("corner_sdk",)),)
    variables = (Variable(API_KEY, is_token),)
    refusals = REFUSALS

    def simulator(self, scenario, seed, journal, *, step_ms=None, clock=None):
        from corner.simulator import Simulator

        return Simulator(scenario, seed, journal, step_ms, clock)

    def at_simulator(self, url, ca_file, credentials):
        return CornerAccess(url, ca_file, credentials)

    def lacks(self, instrument):
        return _LACKS
