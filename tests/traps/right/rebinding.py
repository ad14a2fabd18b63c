"""Names that hold different things on different branches and at different times."""

import asyncio

LATEST = None


async def fetch(symbol):
    await asyncio.sleep(0)
    return {"symbol": symbol, "price": 1}


def cached(symbol):
    return {"symbol": symbol, "price": 2}


async def same_name():
    quote = fetch("ETH")
    quote = await quote
    return quote["price"]


async def same_name_twice():
    quote = fetch("ETH")
    quote = await quote
    quote = cached(quote["symbol"])
    quote = fetch(quote["symbol"])
    return (await quote)["price"]


async def branches(fresh):
    if fresh:
        quote = fetch("ETH")
    else:
        quote = cached("ETH")
    if fresh:
        quote = await quote
    return quote["price"]


async def branches_await_inside(fresh):
    if fresh:
        quote = await fetch("ETH")
    else:
        quote = cached("ETH")
    return quote["price"]


async def in_try():
    quote = None
    try:
        quote = fetch("ETH")
        result = await quote
    except ValueError:
        result = cached("ETH")
    else:
        quote = result
    finally:
        LOG.append(quote)
    return result["price"]


async def in_finally():
    task = None
    try:
        task = asyncio.create_task(fetch("ETH"))
        quote = cached("ETH")
    finally:
        if task is not None:
            await task
    return quote["price"]


async def in_loop(symbols):
    pending = None
    total = 0
    for symbol in symbols:
        if pending is not None:
            total += (await pending)["price"]
        pending = fetch(symbol)
    if pending is not None:
        total += (await pending)["price"]
    return total


async def in_while():
    quote = fetch("ETH")
    n = 0
    while n < 3:
        value = await quote
        quote = fetch(value["symbol"])
        n += 1
    await quote
    return n


async def walrus():
    if (quote := await fetch("ETH")) and quote["price"]:
        return quote["price"]
    while (coroutine := fetch("ETH")) is not None:
        await coroutine
        break
    return 0


async def deleted():
    quote = fetch("ETH")
    result = await quote
    del quote
    quote = result
    return quote["price"]


async def matched(kind):
    match kind:
        case "fresh":
            quote = await fetch("ETH")
        case {"symbol": symbol}:
            quote = await fetch(symbol)
        case [first, *_]:
            quote = cached(first)
        case _ as other:
            quote = cached(other)
    return quote["price"]


async def swapped():
    first, second = fetch("ETH"), cached("BTC")
    first, second = second, first
    return first["price"] + (await second)["price"]


async def set_global():
    global LATEST
    LATEST = fetch("ETH")
    LATEST = await LATEST
    return LATEST["price"]


async def set_nonlocal():
    quote = cached("ETH")

    async def refresh():
        nonlocal quote
        quote = fetch("ETH")
        quote = await quote

    await refresh()
    return quote["price"]


async def awaited_through_alias():
    quote = fetch("ETH")
    alias = quote
    return (await alias)["price"]


async def augmented():
    total = [cached("ETH")]
    total += [await fetch("BTC")]
    return sum(q["price"] for q in total)


async def shadowed_in_comprehension():
    quote = fetch("ETH")
    prices = [quote["price"] for quote in (cached("A"), cached("B"))]
    return sum(prices) + (await quote)["price"]


async def exception_name():
    error = fetch("ETH")
    quote = await error
    try:
        raise ValueError("x")
    except ValueError as error:
        text = str(error)
    return quote["price"] + len(text)


async def conditional_result(flag):
    quote = cached("ETH") if flag else await fetch("ETH")
    return quote["price"]


async def parameter_rebound(quote):
    quote = await quote
    return quote["price"]


async def default_argument(quote=None):
    if quote is None:
        quote = fetch("ETH")
    return (await quote)["price"]


class Cache:
    def __init__(self):
        self.quote = None
        self.pending = None

    async def refresh(self):
        self.pending = fetch("ETH")
        self.quote = await self.pending
        self.pending = None
        return self.quote["price"]

    async def rebind(self):
        self.quote = fetch("ETH")
        self.quote = await self.quote
        return self.quote["price"]

    async def once(self):
        if self.pending is None:
            self.pending = asyncio.ensure_future(fetch("ETH"))
        return (await self.pending)["price"]


LOG: list = []


async def main():
    assert await same_name() == await same_name_twice() == 1
    assert await branches(True) + await branches(False) == 3
    assert await branches_await_inside(True) + await branches_await_inside(False) == 3
    assert await in_try() == 1
    assert await in_finally() == 2
    assert await in_loop(["ETH", "BTC"]) == 2
    assert await in_while() == 3
    assert await walrus() == 1
    assert await deleted() == 1
    for kind in ("fresh", {"symbol": "ETH"}, ["ETH"], "ETH"):
        assert await matched(kind)
    assert await swapped() == 3
    assert await set_global() == await set_nonlocal() == 1
    assert await awaited_through_alias() == 1
    assert await augmented() == 3
    assert await shadowed_in_comprehension() == 5
    assert await exception_name() == 2
    assert await conditional_result(True) == 2
    assert await parameter_rebound(fetch("ETH")) == 1
    assert await default_argument() == 1
    cache = Cache()
    assert await cache.refresh() == await cache.rebind() == await cache.once() == 1
