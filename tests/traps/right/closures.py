"""Nested functions, closures, defaults and lambdas that carry coroutines about."""

import asyncio
from functools import wraps


async def fetch(symbol):
    await asyncio.sleep(0)
    return {"symbol": symbol}


def parse(row):
    return row["symbol"]


def make_fetcher(symbol):
    async def fetcher():
        return await fetch(symbol)

    return fetcher


def make_plain_fetcher(symbol):
    def fetcher():
        return fetch(symbol)

    return fetcher


def make_pair(symbol):
    async def load():
        return await fetch(symbol)

    def size():
        return len(symbol)

    return load, size


def late_binding():
    calls = []
    for symbol in ("ETH", "BTC"):
        calls.append(lambda symbol=symbol: fetch(symbol))
    return calls


async def default_callable(symbol, call=fetch):
    return await call(symbol)


async def default_lambda(symbol, call=lambda s: fetch(s)):
    return await call(symbol)


async def optional_callable(symbol, call=None):
    call = call or fetch
    return await call(symbol)


def counter():
    count = 0

    async def bump():
        nonlocal count
        count += 1
        return count

    def value():
        return count

    return bump, value


async def inner_shadows():
    async def parse(row):
        return row["symbol"].lower()

    return await parse({"symbol": "ETH"})


async def inner_plain_shadows():
    def fetch(symbol):
        return {"symbol": symbol}

    return fetch("ETH")["symbol"]


async def defined_by_branch(cached):
    if cached:

        async def load():
            return {"symbol": "cached"}

    else:

        async def load():
            return await fetch("fresh")

    return await load()


async def coloured_by_branch(cached):
    if cached:

        def load():
            return {"symbol": "cached"}

    else:

        def load():
            return asyncio.ensure_future(fetch("fresh"))

    value = load()
    return value if cached else await value


def once(function):
    """A memo of coroutines: keeps the task."""
    task = None

    @wraps(function)
    async def wrapper(*args):
        nonlocal task
        if task is None:
            task = asyncio.ensure_future(function(*args))
        return await task

    return wrapper


@once
async def markets():
    return {"ETH": 1}


def pipeline(*steps):
    async def run(value):
        for step in steps:
            value = step(value)
            if asyncio.iscoroutine(value):
                value = await value
        return value

    return run


class Factory:
    def method(self, symbol):
        async def load():
            return await fetch(symbol)

        self.load = load
        return self

    async def use(self):
        return await self.load()

    def bound(self):
        return self.use

    handlers = {"use": use}

    async def via_table(self):
        return await self.handlers["use"](self)


def conditional_lambda(fresh):
    return (lambda s: fetch(s)) if fresh else (lambda s: asyncio.sleep(0, {"symbol": s}))


def immediately(symbol):
    return (lambda: fetch(symbol))()


async def main():
    assert (await make_fetcher("ETH")())["symbol"] == "ETH"
    assert (await make_plain_fetcher("ETH")())["symbol"] == "ETH"
    load, size = make_pair("ETH")
    assert await load() and size() == 3
    assert [parse(await call()) for call in late_binding()] == ["ETH", "BTC"]
    assert await default_callable("ETH") == await default_lambda("ETH") == await optional_callable("ETH")
    bump, value = counter()
    await bump()
    assert value() == 1
    assert await inner_shadows() == "eth"
    assert await inner_plain_shadows() == "ETH"
    assert await defined_by_branch(True) and await defined_by_branch(False)
    assert await coloured_by_branch(True) and await coloured_by_branch(False)
    assert (await markets()) is (await markets())
    assert await pipeline(fetch, parse, str.lower)("ETH") == "eth"
    factory = Factory().method("ETH")
    assert await factory.use() == await factory.bound()() == await factory.via_table()
    assert await conditional_lambda(True)("A") and await conditional_lambda(False)("A")
    assert (await immediately("ETH"))["symbol"] == "ETH"
