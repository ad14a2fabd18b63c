"""One name for several things: scopes, redefinitions, classes and instances, builtins."""

import asyncio
import json as parser
import sys
from asyncio import sleep


async def fetch(symbol):
    await sleep(0)
    return {"symbol": symbol}


def first():
    return fetch("ETH")


async def uses_redefined():
    return await helper()


def helper():
    return {"plain": True}


async def helper():  # noqa: F811
    return {"plain": False}


if sys.platform == "never":

    def by_platform():
        return {"symbol": "plain"}

else:

    async def by_platform():
        return {"symbol": "later"}


try:
    from ujson_that_is_not_there import loads
except ImportError:

    def loads(text):
        return parser.loads(text)


class Client:
    fetch = None

    def __init__(self, fetch):
        self.fetch = fetch

    async def get(self, symbol):
        return await self.fetch(symbol)


class Counter:
    """The instance attribute hides the method of the same name."""

    def __init__(self):
        self.count = 0

    def bump(self):
        self.count += 1
        return self.count

    async def close(self):
        self.bump()

    def open(self):
        return self.close()


class Scope:
    sleep = 5

    async def wait(self):
        await sleep(0)
        return self.sleep

    def print(self, text):
        return asyncio.sleep(0, text)

    async def show(self):
        print("", end="")
        return await self.print("x")

    async def list(self):
        return list(range(2))

    async def id(self):
        return id(self) and await self.list()


async def parameter(fetch):
    return fetch("ETH")["symbol"]


async def local_import():
    from json import loads

    return loads("{}")


async def local_name():
    fetch = {"ETH": 1}.get
    return fetch("ETH")


async def comprehension_variable():
    return [fetch for fetch in ("A", "B")]


async def loop_variable():
    for fetch in (str, repr):
        fetch("ETH")
    return fetch("ETH")


async def with_variable():
    class Manager:
        async def __aenter__(self):
            return len

        async def __aexit__(self, *error):
            return None

    async with Manager() as fetch:
        return fetch("ETH")


async def class_scope():
    class Local:
        fetch = staticmethod(lambda symbol: {"symbol": symbol})

        def get(self):
            return self.fetch("ETH")["symbol"]

        async def outer(self):
            return await fetch("ETH")

    return Local().get(), await Local().outer()


def open(path):
    """Hides the builtin, in the whole module."""
    return fetch(path)


async def hidden_builtin():
    return await open("x")


def make():
    class Client:
        async def ping(self):
            return "later"

    return Client()


class Ping:
    def ping(self):
        return "plain"


def use_ping():
    return Ping().ping().upper()


async def same_class_name():
    client = make()
    assert isinstance(Client(fetch), Client)
    return await client.ping()


async def main():
    assert await first()
    assert (await uses_redefined())["plain"] is False
    assert (await by_platform())["symbol"] == "later"
    assert loads("1") == 1
    assert await Client(fetch).get("ETH")
    counter = Counter()
    await counter.close()
    await counter.open()
    assert counter.count == 2
    scope = Scope()
    assert await scope.wait() == 5 and await scope.show() == "x" and await scope.id() == [0, 1]
    assert await parameter(lambda symbol: {"symbol": symbol}) == "ETH"
    assert await local_import() == {} and await local_name() == 1
    assert await comprehension_variable() == ["A", "B"]
    assert await loop_variable() == "'ETH'" and await with_variable() == 3
    assert (await class_scope())[0] == "ETH"
    assert await hidden_builtin()
    assert await same_class_name() == "later" and use_ping() == "PLAIN"
