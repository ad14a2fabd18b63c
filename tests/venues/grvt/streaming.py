"""A small client of the simulator's WebSockets, for tests. It knows JSON and nothing else of the venue."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from probes.embedded import Embedded
from probes.venues.grvt.instruments import ASSETS
from probes.venues.grvt.signing import Wallet, sign_order
from probes.venues.grvt.simulator.app import Simulator
from probes.venues.grvt.simulator.sessions import Credentials

PATIENCE_S = 10.0  # for what must come; no test waits that long unless it fails
ETH = "ETH_USDT_Perp"
_numbers = itertools.count(1)


class Socket:
    """One WebSocket. What comes is an answer (it has an id) or belongs to a stream."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.raw = socket
        self.kept: list[dict] = []  # stream messages that came while an answer was awaited

    async def receive(self) -> dict:
        """The next message of a stream."""
        return self.kept.pop(0) if self.kept else await self._next()

    async def ask(self, method: str, params: object = None, **more: object) -> dict:
        """Send a JSON-RPC request and return its answer."""
        number = next(_numbers)
        await self.raw.send_json({"jsonrpc": "2.0", "method": method, "params": params, "id": number, **more})
        return await self.answer("id", number)

    async def answer(self, name: str, number: int) -> dict:
        while True:
            message = await self._next()
            if message.get(name) == number:
                return message
            assert "feed" in message, message
            self.kept.append(message)

    async def subscribe(self, stream: str, *selectors: str, **more: object) -> dict:
        answer = await self.ask("subscribe", {"stream": stream, "selectors": list(selectors), **more})
        return answer.get("result") or answer["error"]

    async def sync(self) -> list[dict]:
        """Everything that the streams have said up to now; the market does not move meanwhile."""
        await self.ask("unsubscribe", {"stream": "v1.mini.s", "selectors": []})
        kept, self.kept = self.kept, []
        return kept

    async def closed(self) -> int:
        """Wait until the venue closes the connection; the code with which it says so."""
        while True:
            message = await asyncio.wait_for(self.raw.receive(), PATIENCE_S)
            if message.type is not aiohttp.WSMsgType.TEXT:
                assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
                return message.data if message.type is aiohttp.WSMsgType.CLOSE else 1006
            self.kept.append(json.loads(message.data))

    async def _next(self) -> dict:
        return json.loads(await asyncio.wait_for(self.raw.receive_str(), PATIENCE_S))


class Trader:
    """Logs in and trades over REST, beside the sockets."""

    def __init__(self, http: aiohttp.ClientSession, venue: Embedded[Simulator], number: int = 0) -> None:
        self.http, self.venue = http, venue
        self.credentials: Credentials = venue.simulator.credentials[number]
        self.account = self.credentials.sub_account_id
        self.headers: dict[str, str] = {}

    async def login(self) -> None:
        body = {"api_key": self.credentials.api_key}
        async with self.http.post(f"{self.venue.url}/auth/api_key/login", json=body) as answer:
            assert answer.status == 200
            self.headers = {
                "Cookie": f"gravity={answer.cookies['gravity'].value}",
                "X-Grvt-Account-Id": answer.headers["X-Grvt-Account-Id"],
            }

    async def post(self, endpoint: str, **payload: object) -> dict:
        url = f"{self.venue.url}/full/v1/{endpoint}"
        async with self.http.post(url, json=payload, headers=self.headers) as answer:
            return await answer.json()

    def order(self, *, buy: bool = True, size: str = "0.5", price: str | None = None, **more: object) -> dict:
        """A signed order; a market order unless it has a price."""
        number = next(_numbers)
        leg = {"instrument": ETH, "size": size, "is_buying_asset": buy}
        order = {
            "sub_account_id": self.account,
            "is_market": price is None,
            "time_in_force": "GOOD_TILL_TIME",
            "post_only": False,
            "reduce_only": False,
            "legs": [leg if price is None else {**leg, "limit_price": price}],
            "signature": {"nonce": number, "expiration": str(time.time_ns() + 3600 * 10**9)},
            "metadata": {"client_order_id": str(2**63 + number)},
            **more,
        }
        wallet = Wallet(self.credentials.private_key)
        order["signature"] = sign_order(order, ASSETS, wallet, 325)
        return order

    @asynccontextmanager
    async def socket(self, path: str = "/ws/full", **headers: str) -> AsyncIterator[Socket]:
        async with self.http.ws_connect(
            f"{self.venue.url}{path}", headers={**self.headers, **headers}
        ) as raw:
            yield Socket(raw)


@asynccontextmanager
async def trader(venue: Embedded[Simulator], number: int = 0) -> AsyncIterator[Trader]:
    """A trader who is logged in."""
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), connector=aiohttp.TCPConnector(limit=0)
    ) as http:
        one = Trader(http, venue, number)
        await one.login()
        yield one
