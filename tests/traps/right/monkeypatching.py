"""Methods put in place at run time: setattr, assignment, plugin registries, modules."""

import asyncio
import types


class Client:
    def fetch(self, symbol):
        return {"symbol": symbol}

    async def place(self, order):
        await asyncio.sleep(0)
        return order


class Patched:
    def fetch(self, symbol):
        return {"symbol": symbol}


async def fetch_async(self, symbol):
    return {"symbol": symbol}


Patched.fetch = fetch_async


class PatchedBySetattr:
    def fetch(self, symbol):
        return {"symbol": symbol}


setattr(PatchedBySetattr, "fetch", fetch_async)


class PatchedInInit:
    def __init__(self, thread):
        if thread:
            self.fetch = lambda symbol: asyncio.to_thread(PatchedInInit.fetch, self, symbol)

    def fetch(self, symbol):
        return {"symbol": symbol}


class Replaced:
    def __init__(self):
        self.place = Client().place

    def use_plain(self):
        self.place = lambda order: order


def dry_run(client):
    """Replaces the coroutine by a plain function for everybody who holds the client."""
    client.place = lambda order: order
    return client


def in_thread(client):
    plain = client.fetch

    async def fetch(symbol):
        return await asyncio.to_thread(plain, symbol)

    client.fetch = fetch


PLUGINS = {}


def plugin(name):
    def register(cls):
        PLUGINS[name] = cls
        return cls

    return register


@plugin("plain")
class PlainPlugin:
    colour = "plain"

    def run(self):
        return 1


@plugin("coroutine")
class CoroutinePlugin:
    colour = "coroutine"

    async def run(self):
        return 2


async def run_plugin(name):
    instance = PLUGINS[name]()
    if instance.colour == "plain":
        return instance.run()
    return await instance.run()


class Namespace:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


def make_module():
    module = types.ModuleType("venue")

    async def fetch(symbol):
        return {"symbol": symbol}

    module.fetch = fetch
    module.parse = lambda row: row
    return module


def add_methods(cls):
    async def close(self):
        self.closed = True

    cls.close = close
    return cls


@add_methods
class Socket:
    def close(self):
        self.closed = True


REAL_SLEEP = asyncio.sleep


class Clock:
    sleep = staticmethod(asyncio.sleep)
    now = staticmethod(lambda: 0)


class VendorSession:
    """Not the class that the annotation below names."""

    async def request(self, path):
        return Reply(path)


class PlainSession:
    async def request(self, path):
        return PlainReply()


class Reply:
    def __init__(self, path):
        self.path = path

    async def json(self):
        return {"path": self.path}


class PlainReply:
    def json(self):
        return {}


class Vendor:
    def __init__(self):
        self.session = VendorSession()

    async def send(self, path):
        return await self._send(self.session, path)

    async def _send(self, session, path):
        return await session.request(path)


def sign_requests(vendor):
    """Puts another method in place; who calls it, and with what, is the business of the vendor."""

    async def signed(current: Vendor, session: PlainSession, path: str) -> dict:
        reply = await session.request(path + "?signed")
        return await reply.json()

    vendor._send = types.MethodType(signed, vendor)
    return vendor


async def main():
    assert (await sign_requests(Vendor()).send("/time"))["path"] == "/time?signed"
    assert (await Patched().fetch("ETH"))["symbol"] == "ETH"
    assert (await PatchedBySetattr().fetch("ETH"))["symbol"] == "ETH"
    assert (await PatchedInInit(True).fetch("ETH"))["symbol"] == "ETH"
    assert PatchedInInit(False).fetch("ETH")["symbol"] == "ETH"
    replaced = Replaced()
    assert await replaced.place({"id": 1})
    replaced.use_plain()
    assert replaced.place({"id": 1})["id"] == 1
    client = dry_run(Client())
    assert client.place({"id": 2})["id"] == 2
    in_thread(client)
    assert (await client.fetch("ETH"))["symbol"] == "ETH"
    assert await run_plugin("plain") + await run_plugin("coroutine") == 3
    space = Namespace(fetch=Client().fetch, place=Client().place)
    assert space.fetch("ETH") and await space.place({"id": 3})
    module = make_module()
    assert await module.fetch("ETH") and module.parse(1) == 1
    socket = Socket()
    await socket.close()
    assert socket.closed
    await REAL_SLEEP(0)
    await Clock.sleep(0)
    assert Clock().now() == 0
