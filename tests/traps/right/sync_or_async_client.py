"""Receivers that are a plain client in one run and an asynchronous one in another."""

import asyncio
import inspect
from typing import Union


class RestClient:
    is_async = False

    def fetch_ticker(self, symbol):
        return {"symbol": symbol}

    def close(self):
        return None


class AsyncRestClient:
    is_async = True

    async def fetch_ticker(self, symbol):
        await asyncio.sleep(0)
        return {"symbol": symbol}

    async def close(self):
        return None


class Switch:
    def __init__(self, use_async):
        if use_async:
            self.client = AsyncRestClient()
        else:
            self.client = RestClient()
        self.use_async = use_async

    async def ticker(self, symbol):
        if self.use_async:
            return await self.client.fetch_ticker(symbol)
        return self.client.fetch_ticker(symbol)

    async def close(self):
        result = self.client.close()
        if inspect.isawaitable(result):
            await result


class Ternary:
    def __init__(self, use_async):
        self.client = AsyncRestClient() if use_async else RestClient()

    async def ticker(self, symbol):
        if isinstance(self.client, AsyncRestClient):
            return await self.client.fetch_ticker(symbol)
        else:
            return self.client.fetch_ticker(symbol)

    async def ticker_by_type(self, symbol):
        if type(self.client) is RestClient:
            return self.client.fetch_ticker(symbol)
        return await self.client.fetch_ticker(symbol)

    async def ticker_by_flag(self, symbol):
        if not self.client.is_async:
            return self.client.fetch_ticker(symbol)
        return await self.client.fetch_ticker(symbol)


class Lazy:
    """The client is made on first use; before that it is None."""

    def __init__(self):
        self.client = None

    async def ticker(self, symbol):
        if self.client is None:
            self.client = AsyncRestClient()
        return await self.client.fetch_ticker(symbol)

    async def close(self):
        if self.client:
            await self.client.close()
            self.client = None


class Injected:
    def __init__(self, client: Union[RestClient, AsyncRestClient]) -> None:
        self.client = client

    async def ticker(self, symbol):
        reply = self.client.fetch_ticker(symbol)
        return await reply if asyncio.iscoroutine(reply) else reply


class ByClass:
    """The class of the client is a class variable that subclasses set."""

    client_class = RestClient

    def __init__(self):
        self.client = self.client_class()

    def ticker(self, symbol):
        return self.client.fetch_ticker(symbol)


class AsyncByClass(ByClass):
    client_class = AsyncRestClient

    async def quote(self, symbol):
        return await self.client.fetch_ticker(symbol)


def make(kind):
    clients = {"sync": RestClient, "async": AsyncRestClient}
    return clients[kind]()


def choose(use_async):
    if use_async:
        return AsyncRestClient()
    return RestClient()


async def fetch_async(client, symbol):
    return await client.fetch_ticker(symbol)


def fetch_sync(client, symbol):
    return client.fetch_ticker(symbol)


async def param_both(client, symbol):
    result = client.fetch_ticker(symbol)
    try:
        return await result
    except TypeError:
        return result


class Base:
    client = None

    async def ticker(self, symbol):
        return await self.client.fetch_ticker(symbol)


class Concrete(Base):
    def __init__(self):
        self.client = AsyncRestClient()


class Other(Base):
    def __init__(self):
        self.client = RestClient()

    async def ticker(self, symbol):
        return self.client.fetch_ticker(symbol)


async def main():
    for flag in (True, False):
        switch = Switch(flag)
        assert (await switch.ticker("ETH"))["symbol"] == "ETH"
        await switch.close()
        ternary = Ternary(flag)
        assert await ternary.ticker("ETH") == await ternary.ticker_by_type("ETH")
        assert await ternary.ticker_by_flag("ETH")
        client = choose(flag)
        assert await param_both(client, "ETH")
        assert await Injected(client).ticker("ETH")
    lazy = Lazy()
    assert await lazy.ticker("ETH")
    await lazy.close()
    assert ByClass().ticker("ETH")["symbol"] == "ETH"
    assert await AsyncByClass().quote("ETH")
    assert await AsyncByClass().ticker("ETH")
    assert await make("async").fetch_ticker("ETH")
    assert make("sync").fetch_ticker("ETH")["symbol"] == "ETH"
    assert await fetch_async(AsyncRestClient(), "ETH")
    assert fetch_sync(RestClient(), "ETH")["symbol"] == "ETH"
    assert await fetch_sync(AsyncRestClient(), "ETH")
    assert await Concrete().ticker("ETH") == await Other().ticker("ETH")
