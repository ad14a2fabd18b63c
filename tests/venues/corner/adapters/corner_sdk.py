"""Corner's own SDK, `corner_sdk:Client`: a blocking client, driven in threads."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diag.child.adapters.common import State, call, work
else:
    from _diag_child.adapters.common import State, call, work


def construct(kind, order):
    return kind(os.environ["CORNER_API_KEY"])


async def connect(client, order):
    pass


async def fetch_bbo(client, order):
    bbo = await call(client.bbo, order.instrument)
    return Decimal(bbo["bid"]), Decimal(bbo["ask"])


async def work_order(client, order):
    async def touch():
        return await fetch_bbo(client, order)

    async def place(size, price):
        return await call(client.place, order.instrument, order.side, size, price)

    async def look(child):
        found = await call(client.order, child)
        filled, paid = Decimal(found["filled"]), Decimal(found["filled_notional"])
        return State(filled, paid / filled if filled else 0, found["status"] not in ("pending", "open"))

    async def cancel(child):
        await call(client.cancel, child)

    return await work(order, touch, place, look, cancel)


async def position(client, order):
    raise LookupError("the venue has no positions")


async def disconnect(client, order):
    pass
