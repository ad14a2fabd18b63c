"""GRVT, through the synchronous class of its SDK."""

import asyncio
import logging
import os
import secrets
from decimal import Decimal
from typing import Any

from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv

from exchanges.base import ExchangeClient, Quote, Settings, Side, retry_query

logger = logging.getLogger(__name__)

FINAL = ("FILLED", "CANCELLED", "REJECTED")


class GrvtClient(ExchangeClient):
    """A GRVT sub-account; its keys come from the environment (GRVT_TRADING_ACCOUNT_ID, ...)."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._build_rest_client()

    def _build_rest_client(self) -> None:
        parameters = {
            name: os.environ.get(f"GRVT_{name.upper()}", "")
            for name in ("trading_account_id", "private_key", "api_key")
        }
        missing = [f"GRVT_{name.upper()}" for name, value in parameters.items() if not value]
        if missing:
            raise ValueError(f"set {', '.join(missing)} in the environment")
        self.rest_client = GrvtCcxt(GrvtEnv(self.settings.environment), parameters=parameters)  # <- DG203

    async def connect(self) -> None:
        if self.settings.symbol not in self.rest_client.markets:
            raise ValueError(f"GRVT does not list {self.settings.symbol}")

    async def disconnect(self) -> None:
        self.rest_client.cancel_all_orders()  # <- DG202

    async def fetch_bbo(self, symbol: str) -> Quote:
        ticker = await self.rest_client.fetch_ticker(symbol)  # <- DG101
        return Quote(
            bid=Decimal(ticker["best_bid_price"]),
            bid_size=Decimal(ticker["best_bid_size"]),
            ask=Decimal(ticker["best_ask_price"]),
            ask_size=Decimal(ticker["best_ask_size"]),
        )

    async def depth_within(self, symbol: str, side: Side, limit_price: Decimal) -> Decimal:
        book = await self.rest_client.fetch_order_book(symbol, limit=50)  # <- DG101
        if side == "buy":
            levels = [level for level in book["asks"] if Decimal(level["price"]) <= limit_price]
        else:
            levels = [level for level in book["bids"] if Decimal(level["price"]) >= limit_price]
        return sum((Decimal(level["size"]) for level in levels), Decimal(0))

    async def fetch_position(self, symbol: str) -> Decimal:
        try:
            positions = self.rest_client.fetch_positions([symbol])  # <- DG202
            return sum((Decimal(position["size"]) for position in positions), Decimal(0))
        except Exception as e:
            logger.warning("position query failed: %s", e)
            return Decimal(0)

    async def place_market_order(self, symbol: str, size: Decimal, side: Side) -> dict[str, Any]:
        order = await self._submit(symbol, size, side)
        return {"success": True, "total_filled": self._filled(order), "average_price": self._price(order)}

    async def place_iterative_market_order(
        self, symbol: str, size: Decimal, side: Side, max_iterations: int = 10, tick_size: int = 10
    ) -> dict[str, Any]:
        """Start one tick inside the far side of the book and give way tick by tick until `size` is filled.

        tick_size: ticks between two steps, in cents (10 = 0.10)
        """
        try:
            quote = await self.fetch_bbo(symbol)
            logger.info(
                f"[SMART_ROUTING] Starting with {side} {size} {symbol}, "
                f"bid {quote.bid}, ask {quote.ask}, spread {quote.spread}"
            )
        except Exception as e:
            logger.warning(f"[SMART_ROUTING] BBO fetch failed, using direct market order: {e}")
            return await self.place_market_order(symbol, size, side)

        remaining, paid = size, Decimal(0)
        for iteration in range(max_iterations):
            try:
                quote = await self.fetch_bbo(symbol)
            except Exception as e:
                logger.warning(f"[SMART_ROUTING] BBO re-fetch failed: {e}")
            step = Decimal(tick_size) * (iteration - 1)
            price = quote.ask + step if side == "buy" else quote.bid - step
            chunk = min(remaining, await self.depth_within(symbol, side, price))
            if not chunk:
                continue
            order = await self._submit(symbol, chunk, side, price)
            filled = self._filled(order)
            remaining -= filled
            paid += filled * self._price(order)
            if remaining <= 0:
                return {"success": True, "total_filled": size, "average_price": paid / size}
        logger.error(f"[SMART_ROUTING] {remaining} of {size} not filled in {max_iterations} iterations")
        return {"success": False, "total_filled": size - remaining, "average_price": Decimal(0)}

    async def _submit(
        self, symbol: str, size: Decimal, side: Side, price: Decimal | None = None
    ) -> dict[str, Any]:
        """Place a market order, or with a price an order that is filled at once or cancelled."""
        client_order_id = str(secrets.randbits(63) | 1 << 63)
        params = {"client_order_id": client_order_id}
        if price is None:
            self.rest_client.create_order(symbol, "market", side, size, params=params)  # <- DG202
        else:
            params["time_in_force"] = "IMMEDIATE_OR_CANCEL"
            self.rest_client.create_limit_order(symbol, side, size, price, params)  # <- DG202
        return await self._settled(client_order_id)

    @retry_query()
    async def _settled(self, client_order_id: str) -> dict[str, Any]:
        """The order as the exchange reports it, once nothing more can happen to it."""
        for _ in range(20):
            response = self.rest_client.fetch_order(params={"client_order_id": client_order_id})  # <- DG202
            order: dict[str, Any] = response.get("result", {})
            if order.get("state", {}).get("status") in FINAL:
                return order
            await asyncio.sleep(0.1)
        return {}

    def _filled(self, order: dict[str, Any]) -> Decimal:
        return Decimal(order.get("filled_size", "0"))

    def _price(self, order: dict[str, Any]) -> Decimal:
        return Decimal(order.get("state", {}).get("avg_fill_price", ["0"])[0])
