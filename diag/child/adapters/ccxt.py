"""Exchanges of ccxt, synchronous (`ccxt:NAME`) or not (`ccxt.async_support:NAME`, `ccxt.pro:NAME`)."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import Any

from . import Order
from .common import State, call, work

# ccxt's name of a credential -> the end of the environment variable that holds it: NAME_API_KEY, ...
_CREDENTIALS = {
    "apiKey": ("API_KEY", "PUBLIC_KEY"),
    "secret": ("SECRET", "SECRET_KEY"),
    "privateKey": ("PRIVATE_KEY",),
    "walletAddress": ("WALLET_ADDRESS",),
}
_ENDED = ("closed", "canceled", "rejected", "expired")


def construct(kind: Any, order: Order) -> Any:
    """With the credentials that ccxt says the exchange requires, and no others: some refuse two kinds."""
    prefix = kind.__name__.upper()
    settings: dict[str, Any] = {"options": {}}
    for name, is_required in kind({}).requiredCredentials.items():
        for ending in _CREDENTIALS.get(name, ()) if is_required else ():
            value = os.environ.get(f"{prefix}_{ending}")
            if value:
                settings[name] = value
                break
    account = os.environ.get(f"{prefix}_TRADING_ACCOUNT_ID")
    if account:
        settings["options"]["accountId"] = account
    return kind(settings)


async def connect(client: Any, order: Order) -> None:
    markets = await call(client.load_markets)
    for symbol, market in markets.items():
        if market["id"] == order.instrument:
            order.client_instrument = symbol
            return
    raise LookupError(f"{type(client).__name__} lists no market with the id {order.instrument}")


async def fetch_bbo(client: Any, order: Order) -> Any:
    book = await call(client.fetch_order_book, order.client_instrument, 10)
    return Decimal(str(book["bids"][0][0])), Decimal(str(book["asks"][0][0]))


async def work_order(client: Any, order: Order) -> Any:
    symbol = order.client_instrument

    async def touch() -> Any:
        return await fetch_bbo(client, order)

    async def place(size: Decimal, price: Decimal) -> str:
        placed = await call(client.create_order, symbol, "limit", order.side, float(size), float(price))
        return str(placed["clientOrderId"])

    async def look(child: str) -> State:
        found = await call(client.fetch_order, None, symbol, {"clientOrderId": child})
        return State(found["filled"], found["average"], found["status"] in _ENDED)

    async def cancel(child: str) -> None:
        await call(client.cancel_order, None, symbol, {"clientOrderId": child})

    return await work(order, touch, place, look, cancel)


async def position(client: Any, order: Order) -> Any:
    total = Decimal(0)
    for held in await call(client.fetch_positions, [order.client_instrument]):
        size = Decimal(str(held["contracts"] or 0))
        total += -size if held["side"] == "short" else size
    return total


async def disconnect(client: Any, order: Order) -> None:
    if hasattr(client, "close"):
        await call(client.close)
