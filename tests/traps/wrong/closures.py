"""Nested functions of a known colour, used in the other."""

import asyncio


async def fetch(symbol):
    await asyncio.sleep(0)
    return {"symbol": symbol}


def parse(row):
    return row["symbol"]


def make_fetcher(symbol):
    async def fetcher():
        return await fetch(symbol)

    return fetcher


def make_plain(symbol):
    def fetcher():
        return {"symbol": symbol}

    return fetcher


async def fault_inner_coroutine():
    async def load():
        return await fetch("ETH")

    load()  # <- DG102


async def fault_inner_plain():
    def load():
        return {"symbol": "ETH"}

    await load()  # <- DG101


async def fault_shadowed():
    async def parse(row):
        return row["symbol"].lower()

    return parse({"symbol": "ETH"}).upper()  # <- DG103


async def fault_outer_again():
    await parse({"symbol": "ETH"})  # <- DG101


async def fault_closure():
    make_fetcher("ETH")()  # <- DG102


async def fault_closure_by_name():
    load = make_plain("ETH")
    return await load()  # <- DG101


async def fault_lambda_in_place():
    return (lambda: fetch("ETH"))()["symbol"]  # <- DG103


async def fault_both_branches(cached=True):
    if cached:

        def load():
            return {"symbol": "cached"}

    else:

        def load():
            return {"symbol": "fresh"}

    return await load()  # <- DG101
