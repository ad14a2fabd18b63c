"""A coroutine where its result was meant."""

import asyncio
import json
from decimal import Decimal


async def price(symbol="ETH"):
    await asyncio.sleep(0)
    return "1.5"


async def levels():
    return [1, 2]


async def fault_condition():
    if price():  # <- DG103
        return 1


async def fault_negation():
    return not price()  # <- DG103


async def fault_comparison():
    return price() > 1  # <- DG103


async def fault_equality():
    return price() == "1.5"  # <- DG103


async def fault_arithmetic():
    return price() * 2  # <- DG103


async def fault_attribute():
    return price().upper()  # <- DG103


async def fault_subscript():
    return levels()[0]  # <- DG103


async def fault_unpack():
    bid, ask = levels()  # <- DG103
    return bid + ask


async def fault_f_string():
    return f"price {price()}"  # <- DG103


async def fault_decimal():
    return Decimal(price())  # <- DG103


async def fault_float():
    return float(price())  # <- DG103


async def fault_len():
    return len(levels())  # <- DG103


async def fault_json():
    return json.dumps(price())  # <- DG103


async def fault_while():
    while price():  # <- DG103
        break


async def fault_membership():
    return 1 in levels()  # <- DG103
