"""Coroutines that never reach the container, and containers of plain values."""

import asyncio


async def quote(symbol: str) -> str:
    await asyncio.sleep(0)
    return symbol.lower()


def cached(symbol: str) -> str:
    return symbol.lower()


async def fault_not_appended() -> None:
    pending: list = []
    for symbol in ("ETH", "BTC"):
        quote(symbol)  # <- DG102
    await asyncio.gather(*pending)


async def fault_compared() -> None:
    return quote("ETH") == "eth"  # <- DG103


async def fault_attribute() -> None:
    names = []
    names.append(quote("ETH").upper())  # <- DG103


async def fault_plain_names() -> None:
    first, second = cached("ETH"), cached("BTC")
    await first  # <- DG101
    await second  # <- DG101


async def fault_dropped_beside_the_batch() -> None:
    pending = [quote("ETH")]
    await asyncio.gather(*pending)
    quote("BTC")  # <- DG102
