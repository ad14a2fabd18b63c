"""Objects that make their methods up: __getattr__, metaclasses, __new__, __call__, __await__."""

import asyncio
import functools
from dataclasses import dataclass, field


class Rest:
    async def fetch_ticker(self, symbol):
        await asyncio.sleep(0)
        return {"symbol": symbol}

    def parse(self, row):
        return row


class Proxy:
    """Everything that is not its own goes to the target."""

    def __init__(self, target):
        self._target = target

    def __getattr__(self, name):
        return getattr(self._target, name)

    def describe(self):
        return "proxy"


class AsyncProxy:
    """Makes every method of a plain object a coroutine."""

    def __init__(self, target):
        self._target = target

    def __getattr__(self, name):
        method = getattr(self._target, name)

        async def call(*args, **kwargs):
            return await asyncio.to_thread(method, *args, **kwargs)

        return call


class RetryProxy(Rest):
    """Overrides look-up of every attribute."""

    def __getattribute__(self, name):
        value = super().__getattribute__(name)
        if name == "parse":
            return functools.partial(asyncio.to_thread, value)
        return value


class Command:
    def __init__(self, name):
        self.name = name

    async def __call__(self, *args):
        return (self.name, *args)


class PlainCommand:
    def __call__(self, *args):
        return Command("plain")(*args)


class Awaitable:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        yield from asyncio.sleep(0).__await__()
        return self.value


class Delegating:
    async def _run(self):
        return 2

    def __await__(self):
        return self._run().__await__()


@dataclass
class Order:
    """A record that can be awaited until it is filled."""

    order_id: int
    filled: asyncio.Event = field(default_factory=asyncio.Event)

    def __await__(self):
        return self.filled.wait().__await__()


class Reply(dict):
    """A dict that can be awaited."""

    def __await__(self):
        return asyncio.sleep(0, self).__await__()


class Lazy:
    """Awaiting it connects; only then it can be used."""

    def __init__(self):
        self.connected = False

    def __await__(self):
        return self._connect().__await__()

    async def _connect(self):
        self.connected = True
        return self


class AsyncInit:
    async def _init(self):
        self.ready = True
        return self

    def __new__(cls):
        return super().__new__(cls)._init()


class AsyncMeta(type):
    async def __call__(cls, *args):
        instance = super().__call__(*args)
        await instance.start()
        return instance


class Service(metaclass=AsyncMeta):
    def __init__(self, name):
        self.name = name
        self.started = False

    async def start(self):
        self.started = True


class Colouring(type):
    """Makes the plain methods of its classes coroutines."""

    def __new__(mcs, name, bases, namespace):
        for key, value in list(namespace.items()):
            if callable(value) and not key.startswith("_"):
                namespace[key] = functools.partial(asyncio.to_thread, value, None)
        return super().__new__(mcs, name, bases, namespace)


class Coloured(metaclass=Colouring):
    def ping(self):
        return "pong"


class Registered:
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        plain = cls.step

        async def step(self, n):
            return plain(self, n)

        cls.step = step

    def step(self, n):
        return n


class Doubler(Registered):
    def step(self, n):
        return 2 * n


def decorate_class(cls):
    for name in ("load", "save"):
        plain = getattr(cls, name)
        setattr(cls, name, lambda self, _plain=plain: asyncio.to_thread(_plain, self))
    return cls


@decorate_class
class Repository:
    def load(self):
        return 1

    def save(self):
        return 2


class Dynamic:
    def __getattr__(self, name):
        if name.startswith("fetch_"):
            return Command(name)
        raise AttributeError(name)


class Slot:
    """A descriptor that gives a callable of either colour."""

    def __get__(self, instance, owner):
        return instance.rest.fetch_ticker


class WithSlot:
    ticker = Slot()

    def __init__(self):
        self.rest = Rest()


async def main():
    proxy = Proxy(Rest())
    assert (await proxy.fetch_ticker("ETH"))["symbol"] == "ETH"
    assert proxy.parse(1) == 1 and proxy.describe() == "proxy"
    assert await AsyncProxy(Rest()).parse(1) == 1
    assert await RetryProxy().parse(2) == 2
    assert await Command("buy")(1) == ("buy", 1)
    assert await PlainCommand()(1) == ("plain", 1)
    command = Command("sell")
    assert await command(2) == ("sell", 2)
    assert await Awaitable(3) == 3
    assert await Delegating() == 2
    order = Order(1)
    order.filled.set()
    await order
    reply = Reply(a=1)
    assert (await reply)["a"] == reply["a"]
    lazy = await Lazy()
    assert lazy.connected
    assert (await AsyncInit()).ready
    service = await Service("a")
    assert service.started
    assert await Coloured().ping() == "pong"
    assert await Doubler().step(2) == 4
    assert await Repository().load() + await Repository().save() == 3
    assert await Dynamic().fetch_book(1) == ("fetch_book", 1)
    assert await WithSlot().ticker("ETH")
    assert await asyncio.gather(Awaitable(1), Delegating()) == [1, 2]
    assert await asyncio.wait_for(Delegating(), 5) == 2
