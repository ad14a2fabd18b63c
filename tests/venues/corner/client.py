"""The reference client: what `diag probe corner` drives, and what looks at the venue past a user's client."""

import random
import ssl
from decimal import Decimal

import aiohttp

from probes.failures import NoAnswerError, NotAllowedError, RefusedError, UnreachableError
from probes.market.order import Fill, Instrument, Order, Quote, Side, Status, TimeInForce
from probes.venues import order_worker

DECIMALS = {"size", "price", "limit_price", "filled", "filled_notional", "fee", "realized_pnl", "mark_price"}


class CornerClient:
    clock = None

    def __init__(self, url, ca_file, key, *, permit=None, seed=None):
        self._url, self._ca_file, self._key = url, ca_file, key
        self._permit = permit
        self._random = random.SystemRandom() if seed is None else random.Random(seed)
        self._call = None

    @property
    def sources(self):
        return {"ticker": self.fetch_bbo}

    def on_answer(self, call):
        self._call = call

    async def connect(self):
        context = ssl.create_default_context(cafile=self._ca_file) if self._ca_file else True
        connector = aiohttp.TCPConnector(ssl=context)
        self._http = aiohttp.ClientSession(
            self._url,
            headers={"X-Key": self._key.reveal()},
            connector=connector,
            timeout=aiohttp.ClientTimeout(10),
        )

    async def disconnect(self):
        await self._http.close()

    async def _ask(self, method, endpoint, **data):
        given = {name: str(value) for name, value in data.items() if value is not None}
        try:
            async with self._http.request(method, f"/{endpoint}", params=given) as response:
                answer = await response.json()
        except aiohttp.ClientConnectorError as error:
            raise UnreachableError(f"{endpoint}: {error}") from None
        except (aiohttp.ClientError, TimeoutError):
            raise NoAnswerError(f"{endpoint}: no answer") from None
        if self._call:
            self._call(endpoint)
        if response.status >= 400:
            raise RefusedError(endpoint, response.status, answer["code"], answer["message"])
        return answer

    async def fetch_instruments(self):
        return [
            Instrument(**{k: v if k in ("name", "base", "quote") else Decimal(v) for k, v in each.items()})
            for each in await self._ask("GET", "instruments")
        ]

    async def fetch_instrument(self, instrument):
        return {each.name: each for each in await self.fetch_instruments()}[instrument]

    async def fetch_bbo(self, instrument):
        answer = await self._ask("GET", "ticker", instrument=instrument)
        prices = {name: answer[name] and Decimal(answer[name]) for name in ("bid_price", "ask_price")}
        sizes = {name: Decimal(answer[name]) for name in ("bid_size", "ask_size")}
        return Quote(instrument=instrument, utc_ns=answer["utc_ns"], **prices, **sizes)

    def new_client_order_id(self):
        return str(self._random.randrange(1, 2**32))

    async def create_order(self, request):
        """Raises NoAnswerError after a lost answer; the order is never sent a second time."""
        if request.post_only or request.reduce_only or request.time_in_force != TimeInForce.GOOD_TILL_TIME:
            raise NotAllowedError("the venue has no such orders")
        if self._permit:
            await self._permit(request)
        return order(
            await self._ask(
                "POST",
                "order",
                instrument=request.instrument,
                side=request.side,
                size=request.size,
                price=request.limit_price,
                client_order_id=request.client_order_id,
            )
        )

    async def cancel_order(self, *, order_id=None, client_order_id=None, block_ms=0):
        await self._ask("DELETE", "order", order_id=order_id, client_order_id=client_order_id)

    async def fetch_order(self, *, order_id=None, client_order_id=None):
        try:
            return order(await self._ask("GET", "order", order_id=order_id, client_order_id=client_order_id))
        except RefusedError as error:
            if error.code == "UNKNOWN":
                return None
            raise

    async def fetch_open_orders(self, instrument):
        return [order(each) for each in await self._ask("GET", "open_orders", instrument=instrument)]

    async def fetch_order_history(self, instrument):
        return [order(each) for each in await self._ask("GET", "order_history", instrument=instrument)]

    async def fetch_fills(self, instrument):
        found = await self._ask("GET", "fill_history", instrument=instrument)
        return [Fill(**read(each)) for each in found]

    async def work_order(self, plan):
        return await order_worker.work(self, plan, order_worker.Pace())


def read(answer):
    read = {name: Decimal(v) if v is not None and name in DECIMALS else v for name, v in answer.items()}
    return {**read, "side": Side(answer["side"])}


def order(answer):
    return Order(**{**read(answer), "status": Status(answer["status"]), "reason": None})
