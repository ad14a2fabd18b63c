"""GRVT, through the synchronous class of its SDK, each call of it in a thread."""

import asyncio
import logging
import os
import secrets
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ParamSpec, TypeVar

from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv

from exchanges.base import ExchangeClient, Fill, OrderError, Quote, Settings, Side, retry_query

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
FINAL = ("FILLED", "CANCELLED", "REJECTED")


class GrvtClient(ExchangeClient):
    """A GRVT sub-account; its keys come from the environment (GRVT_TRADING_ACCOUNT_ID, ...).

    Build it before the event loop starts: the SDK logs in and loads the markets when it is built.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._one_call = asyncio.Lock()
        self._build_rest_client()

    def _build_rest_client(self) -> None:
        parameters = {
            name: os.environ.get(f"GRVT_{name.upper()}", "")
            for name in ("trading_account_id", "private_key", "api_key")
        }
        missing = [f"GRVT_{name.upper()}" for name, value in parameters.items() if not value]
        if missing:
            raise ValueError(f"set {', '.join(missing)} in the environment")
        self.rest_client = GrvtCcxt(GrvtEnv(self.settings.environment), parameters=parameters)

    async def _call(self, method: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """One SDK call in a thread. One at a time: they share a session, which is not made for threads."""
        async with self._one_call:
            return await asyncio.to_thread(method, *args, **kwargs)

    async def _query(self, method: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The same for queries, where the SDK answers a failed request with something empty."""
        answer = await self._call(method, *args, **kwargs)
        if not answer:
            raise ConnectionError(f"GRVT gave no answer to {method.__name__}")
        return answer

    async def connect(self) -> None:
        market = self.rest_client.markets.get(self.settings.symbol)
        if market is None:
            raise ValueError(f"GRVT does not list {self.settings.symbol}")
        self.tick_size = Decimal(market["tick_size"])

    async def disconnect(self) -> None:
        await self._call(self.rest_client.cancel_all_orders)

    @retry_query()
    async def fetch_bbo(self, symbol: str) -> Quote:
        ticker = await self._query(self.rest_client.fetch_ticker, symbol)
        return Quote(
            bid=Decimal(ticker["best_bid_price"]),
            bid_size=Decimal(ticker["best_bid_size"]),
            ask=Decimal(ticker["best_ask_price"]),
            ask_size=Decimal(ticker["best_ask_size"]),
        )

    @retry_query()
    async def depth_within(self, symbol: str, side: Side, limit_price: Decimal) -> Decimal:
        book = await self._query(self.rest_client.fetch_order_book, symbol, limit=50)
        if side == "buy":
            levels = [level for level in book["asks"] if Decimal(level["price"]) <= limit_price]
        else:
            levels = [level for level in book["bids"] if Decimal(level["price"]) >= limit_price]
        return sum((Decimal(level["size"]) for level in levels), Decimal(0))

    @retry_query()
    async def fetch_position(self, symbol: str) -> Decimal:
        account = await self._query(self.rest_client.get_account_summary)
        positions = [position for position in account["positions"] if position["instrument"] == symbol]
        return sum((Decimal(position["size"]) for position in positions), Decimal(0))

    async def place_market_order(self, symbol: str, size: Decimal, side: Side) -> Fill:
        order = await self._submit(symbol, size, side)
        filled = self._filled(order)
        return Fill(filled, filled * self._price(order), complete=filled >= size)

    async def place_iterative_market_order(
        self, symbol: str, size: Decimal, side: Side, max_iterations: int = 10, step_ticks: int = 1
    ) -> Fill:
        """Start one step inside the far side of the book and give way step by step until `size` is filled.

        step_ticks: ticks of the market between two steps
        """
        filled, cost = Decimal(0), Decimal(0)
        for iteration in range(max_iterations):
            quote = await self.fetch_bbo(symbol)
            if iteration == 0:
                logger.info(
                    f"[SMART_ROUTING] Starting with {side} {size} {symbol}, "
                    f"bid {quote.bid}, ask {quote.ask}, spread {quote.spread}"
                )
            step = self.tick_size * step_ticks * (iteration - 1)
            price = quote.ask + step if side == "buy" else quote.bid - step
            chunk = min(size - filled, await self.depth_within(symbol, side, price))
            if not chunk:
                continue
            order = await self._submit(symbol, chunk, side, price)
            filled += self._filled(order)
            cost += self._filled(order) * self._price(order)
            if filled >= size:
                return Fill(filled, cost, complete=True)
        logger.error(
            f"[SMART_ROUTING] {size - filled} of {size} not filled after {max_iterations} iterations"
        )
        return Fill(filled, cost, complete=False)

    async def _submit(
        self, symbol: str, size: Decimal, side: Side, price: Decimal | None = None
    ) -> dict[str, Any]:
        """Place a market order, or with a price an order that is filled at once or cancelled."""
        client_order_id = str(secrets.randbits(63) | 1 << 63)
        params = {"client_order_id": client_order_id}
        client = self.rest_client
        if price is None:
            placed = await self._call(client.create_order, symbol, "market", side, size, params=params)
        else:
            params["time_in_force"] = "IMMEDIATE_OR_CANCEL"
            placed = await self._call(client.create_limit_order, symbol, side, size, price, params)
        if not placed:
            raise OrderError(f"GRVT refused to {side} {size} {symbol} (client order {client_order_id})")
        return await self._settled(client_order_id)

    @retry_query()
    async def _settled(self, client_order_id: str) -> dict[str, Any]:
        """The order as the exchange reports it, once nothing more can happen to it."""
        for _ in range(20):
            params = {"client_order_id": client_order_id}
            response = await self._call(self.rest_client.fetch_order, params=params)
            order: dict[str, Any] = response.get("result", {})
            if order.get("state", {}).get("status") in FINAL:
                return order
            await asyncio.sleep(0.1)
        raise OrderError(f"GRVT does not say what became of client order {client_order_id}")

    def _filled(self, order: dict[str, Any]) -> Decimal:
        return Decimal(order["state"]["traded_size"][0])

    def _price(self, order: dict[str, Any]) -> Decimal:
        return Decimal(order["state"]["avg_fill_price"][0])
