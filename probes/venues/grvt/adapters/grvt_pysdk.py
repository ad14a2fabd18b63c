"""GRVT's own SDK: `pysdk.grvt_ccxt:GrvtCcxt` and `pysdk.grvt_ccxt_pro:GrvtCcxtPro`.

Runs in the user's interpreter, loaded by its path: standard library only, Python 3.9.
"""

from __future__ import annotations

import importlib
import os
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diag.child.adapters import Order
    from diag.child.adapters.common import State, call, work
else:
    from _diag_child.adapters.common import State, call, work

_ENDED = ("FILLED", "REJECTED", "CANCELLED")


def construct(kind: Any, order: Order) -> Any:
    environments = importlib.import_module("pysdk.grvt_ccxt_env")
    return kind(
        env=environments.GrvtEnv(os.environ.get("GRVT_ENVIRONMENT", "prod")),
        parameters={
            "trading_account_id": os.environ["GRVT_TRADING_ACCOUNT_ID"],
            "private_key": os.environ["GRVT_PRIVATE_KEY"],
            "api_key": os.environ["GRVT_API_KEY"],
        },
    )


async def connect(client: Any, order: Order) -> None:
    await call(client.load_markets)


async def fetch_bbo(client: Any, order: Order) -> Any:
    ticker = await call(client.fetch_ticker, order.instrument)
    return Decimal(ticker["best_bid_price"]), Decimal(ticker["best_ask_price"])


async def work_order(client: Any, order: Order) -> Any:
    async def touch() -> Any:
        return await fetch_bbo(client, order)

    async def place(size: Decimal, price: Decimal) -> str:
        child = str(random.randrange(2**63, 2**64))  # the half of the range that GRVT leaves to clients
        await call(
            client.create_order,
            order.instrument,
            "limit",
            order.side,
            size,
            price,
            {"client_order_id": child},
        )
        return child

    async def look(child: str) -> State:
        found = (await call(client.fetch_order, None, {"client_order_id": child})).get("result")
        if found is None:  # the SDK answers a refusal with an empty result, so the order never was
            return State(0, 0, True)
        state = found["state"]
        return State(state["traded_size"][0], state["avg_fill_price"][0], state["status"] in _ENDED)

    async def cancel(child: str) -> None:
        await call(client.cancel_order, None, None, {"client_order_id": child})

    return await work(order, touch, place, look, cancel)


async def position(client: Any, order: Order) -> Any:
    held = await call(client.fetch_positions, [order.instrument])
    return sum((Decimal(one["size"]) for one in held if one["instrument"] == order.instrument), Decimal(0))


async def disconnect(client: Any, order: Order) -> None:
    session = getattr(client, "_session", None)
    if session is not None and hasattr(session, "close"):
        await call(session.close)
