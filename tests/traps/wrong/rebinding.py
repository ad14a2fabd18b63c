"""Every branch binds the same colour, and the use is of the other."""

import asyncio


async def fetch(symbol):
    await asyncio.sleep(0)
    return {"symbol": symbol, "price": 1}


def cached(symbol):
    return {"symbol": symbol, "price": 2}


async def fault_awaited_twice_over():
    quote = await fetch("ETH")
    quote = cached(quote["symbol"])
    return await quote  # <- DG101


async def fault_both_branches_plain(fresh=True):
    if fresh:
        quote = cached("ETH")
    else:
        quote = cached("BTC")
    return await quote  # <- DG101


async def fault_last_binding_plain():
    quote = fetch("ETH")
    await quote
    quote = cached("ETH")
    await quote  # <- DG101


async def fault_try_and_handler_plain():
    try:
        quote = cached("ETH")
    except ValueError:
        quote = cached("BTC")
    return await quote  # <- DG101


async def fault_loop():
    for symbol in ("ETH", "BTC"):
        quote = cached(symbol)
        await quote  # <- DG101


async def fault_walrus():
    if (await (quote := cached("ETH"))) and quote:  # <- DG101
        return quote


async def fault_ternary(flag=True):
    return await (cached("ETH") if flag else cached("BTC"))  # <- DG101
