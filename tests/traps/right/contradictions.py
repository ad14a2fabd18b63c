"""The same receiver and method, awaited here and not awaited there, both rightly."""

import asyncio


async def gathered(client):
    first = await client.fetch("ETH")
    both = await asyncio.gather(client.fetch("ETH"), client.fetch("BTC"))
    return [first, *both]


async def scheduled(client):
    await client.fetch("ETH")
    task = asyncio.create_task(client.fetch("BTC"))
    return await task


async def collected(client):
    await client.fetch("ETH")
    pending = [client.fetch(symbol) for symbol in "AB"]
    pending.append(client.fetch("C"))
    return await asyncio.gather(*pending)


def returned(client):
    return client.fetch("ETH")


async def in_lambda(client):
    await client.fetch("ETH")
    call = lambda: client.fetch("BTC")  # noqa: E731
    return await call()


async def awaited_later(client):
    await client.fetch("ETH")
    request = client.fetch("BTC")
    return await request


async def bounded(client):
    await client.fetch("ETH")
    return await asyncio.wait_for(client.fetch("BTC"), 5)


async def entered(client):
    """As HTTP clients do: the same object may be awaited or entered."""
    reply = await client.request("a")
    async with client.request("b") as other:
        return reply, other


async def piped(redis):
    """Commands on a pipeline are collected, on the connection they are awaited."""
    await redis.set("a", 1)
    pipe = redis.pipeline()
    pipe.set("b", 2)
    pipe.get("b")
    return await pipe.execute()


async def rebound(redis):
    await redis.set("a", 1)
    redis = redis.pipeline()
    redis.set("b", 2)
    return await redis.execute()


async def written(writer):
    writer.write(b"x")
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def task_or_coroutine(client):
    """`start` gives a task: awaiting it waits for the end, not awaiting it goes on."""
    client.start()
    await client.start()


def parse_sync(response):
    return response.json()["symbol"]


async def parse_async(response):
    return (await response.json())["symbol"]


class ThreadBot:
    def __init__(self, queue, event):
        self.queue = queue
        self.event = event

    def step(self):
        self.queue.put(1)
        self.event.set()
        return self.queue.get()


class LoopBot:
    def __init__(self, queue, event):
        self.queue = queue
        self.event = event

    async def step(self):
        await self.queue.put(1)
        self.event.set()
        await self.event.wait()
        return await self.queue.get()


class Swapped:
    """One attribute that is exchanged for another kind of client."""

    def __init__(self, client):
        self.client = client

    async def live(self):
        return await self.client.fetch("ETH")

    def dry(self):
        self.client = Recorder()
        return self.client.fetch("ETH")


class OldApp:
    """Calls the application twice: the first call gives something to call, not to await."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, send):
        instance = self.app(scope)
        return await instance(send)


class NewApp:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, send):
        return await self.app(scope, send)


class Factory:
    """`make` gives a session for one with, and one to await for another."""

    def __init__(self, make):
        self.make = make

    async def enter(self):
        session = self.make("a")
        async with session as entered:
            return entered

    async def wait(self):
        return await self.make("b")

    async def ask(self):
        session = self.make("c")
        return session.path


class Recorder:
    def fetch(self, symbol):
        return {"symbol": symbol}

    def json(self):
        return {"symbol": "ETH"}


class Client:
    def __init__(self):
        self.task = None

    async def fetch(self, symbol):
        await asyncio.sleep(0)
        return {"symbol": symbol}

    def request(self, path):
        return Request(path)

    def start(self):
        if self.task is None:
            self.task = asyncio.create_task(self.fetch("ETH"))
        return self.task


class Response:
    async def json(self):
        return {"symbol": "ETH"}


class Request:
    def __init__(self, path):
        self.path = path

    def __await__(self):
        return asyncio.sleep(0, self.path).__await__()

    async def __aenter__(self):
        return self.path

    async def __aexit__(self, *error):
        return None


class Pipeline:
    def __init__(self):
        self.commands = []

    def set(self, key, value):
        self.commands.append((key, value))
        return self

    def get(self, key):
        self.commands.append(key)
        return self

    async def execute(self):
        return self.commands


class Redis:
    async def set(self, key, value):
        return True

    def pipeline(self):
        return Pipeline()


class Writer:
    def write(self, data):
        return None

    async def drain(self):
        return None

    def close(self):
        return None

    async def wait_closed(self):
        return None


async def old_app(send):
    return send


async def new_app(scope, send):
    return send


async def main():
    import queue
    import threading

    assert await OldApp(lambda scope: old_app)("scope", 1) == await NewApp(new_app)("scope", 1)
    factory = Factory(Request)
    assert [await factory.enter(), await factory.wait(), await factory.ask()] == ["a", "b", "c"]
    client = Client()
    assert len(await gathered(client)) == 3
    await scheduled(client)
    await collected(client)
    await returned(client)
    await in_lambda(client)
    await awaited_later(client)
    await bounded(client)
    assert await entered(client) == ("a", "b")
    assert len(await piped(Redis())) == 2 and len(await rebound(Redis())) == 1
    await written(Writer())
    await task_or_coroutine(client)
    assert parse_sync(Recorder()) == await parse_async(Response())
    assert ThreadBot(queue.Queue(), threading.Event()).step() == 1
    assert await LoopBot(asyncio.Queue(), asyncio.Event()).step() == 1
    swapped = Swapped(client)
    assert await swapped.live() == swapped.dry()
