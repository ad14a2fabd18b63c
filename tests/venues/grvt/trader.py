"""A bare client of the simulator: says exactly what a test wants said, right or wrong."""

import http.client
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from diag.record import Journal
from probes.embedded import Embedded, embedded
from probes.market.clock import Clock
from probes.market.scenario import Scenario
from probes.venues.grvt.instruments import ASSETS
from probes.venues.grvt.signing import Wallet, sign_order
from probes.venues.grvt.simulator.app import Simulator

ETH = "ETH_USDT_Perp"
QUIET = Scenario("quiet", "", "success")
Json = dict[str, Any]


class Answer(NamedTuple):
    status: int
    json: Json
    headers: http.client.HTTPMessage

    @property
    def code(self) -> int | None:
        return self.json.get("code")


class Trader:
    """One connection, logged in with the credentials of that number unless `login` is off."""

    def __init__(self, venue: Embedded[Simulator], number: int = 0, *, login: bool = True) -> None:
        self.venue = venue
        self.credentials = venue.simulator.credentials[number]
        self.wallet = Wallet(self.credentials.private_key)
        self.connection = http.client.HTTPConnection(venue.host, venue.port, timeout=10)
        self.headers = {"Content-Type": "application/json"}
        self._ids = itertools.count(1)
        if login:
            self.login()

    def login(self) -> Answer:
        answer = self.send("/auth/api_key/login", {"api_key": self.credentials.api_key})
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        self.headers |= {"Cookie": cookie, "X-Grvt-Account-Id": answer.headers["X-Grvt-Account-Id"]}
        return answer

    def raw(self, rpc: str, body: object) -> http.client.HTTPResponse:
        """The response of an RPC as it comes, unread."""
        self.connection.request("POST", f"/full/v1/{rpc}", json.dumps(body), self.headers)
        return self.connection.getresponse()

    def send(
        self, path: str, body: object, headers: dict[str, str] | None = None, method: str = "POST"
    ) -> Answer:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request(method, path, raw, self.headers if headers is None else headers)
        response = self.connection.getresponse()
        return Answer(response.status, json.loads(response.read()), response.headers)

    def ask(self, rpc: str, **payload: object) -> Answer:
        return self.send(f"/full/v1/{rpc}", payload)

    def own(self, rpc: str, **payload: object) -> Answer:
        """An RPC about the trader's sub account."""
        return self.ask(rpc, sub_account_id=self.credentials.sub_account_id, **payload)

    def bbo(self, instrument: str = ETH) -> Json:
        result: Json = self.ask("ticker", instrument=instrument).json["result"]
        return result

    def order(
        self, side: str, size: str = "0.1", price: str | None = None, *, instrument: str = ETH, **changes: Any
    ) -> Json:
        """The payload of an order, signed after `changes` were made to it."""
        expiration = self.venue.simulator.state.clock.utc_ns() + 60 * 10**9
        order: Json = {
            "sub_account_id": self.credentials.sub_account_id,
            "is_market": price is None,
            "time_in_force": "GOOD_TILL_TIME",
            "post_only": False,
            "reduce_only": False,
            "legs": [
                {
                    "instrument": instrument,
                    "size": size,
                    "limit_price": price or "0",
                    "is_buying_asset": side == "buy",
                }
            ],
            "signature": {
                "expiration": str(expiration),
                "nonce": next(self._ids),
            },
            "metadata": {"client_order_id": str(next(self._ids))},
            **changes,
        }
        order["signature"] |= sign_order(order, ASSETS, self.wallet, 325)
        return order

    def create(self, side: str, size: str = "0.1", price: str | None = None, **changes: Any) -> Answer:
        return self.ask("create_order", order=self.order(side, size, price, **changes))

    def close(self) -> None:
        self.connection.close()


@contextmanager
def trading(folder: Path, scenario: Scenario = QUIET, clock: Clock | None = None) -> Iterator[Trader]:
    """A trader at a venue of its own; its ledger is in `folder / "run"`."""
    with (
        Journal(folder / "run") as journal,
        embedded(Simulator(scenario, 1, journal, clock=clock)) as venue,
    ):
        trader = Trader(venue)
        yield trader
        trader.close()
