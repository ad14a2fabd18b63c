"""Coroutine functions that return an awaitable, and callers that await twice or pass it on."""

import asyncio


async def fetch(symbol):
    await asyncio.sleep(0)
    return {"symbol": symbol}


async def prepare(symbol):
    """Signs the request now, sends it when the caller says so."""
    await asyncio.sleep(0)
    return fetch(symbol)


async def prepare_task(symbol):
    return asyncio.create_task(fetch(symbol))


async def prepare_many(symbols):
    return [fetch(symbol) for symbol in symbols]


async def prepare_function(symbol):
    async def send():
        return await fetch(symbol)

    return send


async def prepare_bound(symbol):
    return fetch


async def by_default(prepared=None):
    return await prepared if prepared is not None else None


class Client:
    async def ticker(self, symbol):
        return await fetch(symbol)

    async def later(self, symbol):
        return self.ticker(symbol)

    async def stream(self):
        return self._rows()

    async def _rows(self):
        yield 1

    async def session(self):
        return Session()

    async def request(self, path):
        return Request(path)


class Session:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return None


class Request:
    def __init__(self, path):
        self.path = path

    def __await__(self):
        return asyncio.sleep(0, self.path).__await__()


async def both_at_once():
    return await asyncio.gather(fetch("ETH"), fetch("BTC"))


async def tail():
    return await fetch("ETH")


async def settle(awaitable):
    value = await awaitable
    while asyncio.iscoroutine(value):
        value = await value
    return value


async def main():
    request = await prepare("ETH")
    assert (await request)["symbol"] == "ETH"
    assert (await (await prepare("BTC")))["symbol"] == "BTC"
    assert await (await prepare_task("ETH"))
    assert await asyncio.gather(*(await prepare_many("AB")))
    send = await prepare_function("ETH")
    assert await send()
    assert await (await prepare_bound("x"))("ETH")
    assert await by_default(fetch("ETH"))
    client = Client()
    assert await (await client.later("ETH"))
    assert [n async for n in await client.stream()] == [1]
    async with await client.session():
        pass
    assert await (await client.request("a")) == "a"
    assert len(await both_at_once()) == 2 and await tail()
    assert await settle(prepare("ETH")) == {"symbol": "ETH"}
    assert await asyncio.gather(await prepare("ETH"), await prepare("BTC"))
