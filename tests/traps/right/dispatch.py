"""Functions chosen by type, by name or by argument: singledispatch, partialmethod, factories."""

import asyncio
import operator
from functools import partial, partialmethod, reduce, singledispatch, singledispatchmethod


class Order:
    def __init__(self, order_id=0):
        self.order_id = order_id


class Fill:
    pass


@singledispatch
def handle(event):
    return None


@handle.register(Order)
async def _(event):
    await asyncio.sleep(0)
    return event.order_id


@handle.register(Fill)
def _(event):
    return asyncio.sleep(0, "fill")


@singledispatch
async def handle_later(event):
    return "other"


@handle_later.register(Order)
async def handle_order(event):
    return "order"


class Book:
    @singledispatchmethod
    def apply(self, event):
        raise NotImplementedError

    @apply.register(Order)
    async def _(self, event):
        return event.order_id

    async def _request(self, method, path):
        return f"{method} {path}"

    get = partialmethod(_request, "GET")
    post = partialmethod(_request, "POST")

    def _format(self, width, text):
        return text.ljust(width)

    pad = partialmethod(_format, 5)

    @classmethod
    async def create(cls):
        self = cls()
        self.url = await self.get("/time")
        return self

    @classmethod
    def create_later(cls):
        return cls.create()

    @classmethod
    def from_config(cls, config):
        self = cls()
        self.url = config["url"]
        return self

    @staticmethod
    async def now():
        return 0


class SubBook(Book):
    @classmethod
    async def create(cls):
        self = await super().create()
        self.sub = True
        return self


class Client:
    def __init__(self):
        self.routes = {"buy": self.buy, "sell": self.sell, "price": self.price}

    async def buy(self, size):
        return size

    async def sell(self, size):
        return -size

    def price(self, size):
        return size * 2

    async def trade(self, side, size):
        return await self.routes[side](size)

    async def trade_by_getattr(self, side, size):
        return await getattr(self, side)(size)

    async def trade_by_format(self, side, size):
        method = getattr(self, f"{side}")
        return await method(size)

    async def trade_by_match(self, side, size):
        match side:
            case "buy":
                call = self.buy
            case "sell":
                call = self.sell
            case _:
                raise ValueError(side)
        return await call(size)

    async def trade_by_tuple(self, index, size):
        return await (self.buy, self.sell)[index](size)


async def compose():
    fetch = operator.methodcaller("buy", 3)
    assert await fetch(Client()) == 3
    get = operator.attrgetter("sell")
    assert await get(Client())(3) == -3
    add = partial(partial(asyncio.sleep), 0)
    assert await add(4) == 4
    assert await reduce(lambda call, _: partial(call), range(3), partial(asyncio.sleep, 0, 5))() == 5


async def mapped():
    client = Client()
    assert await asyncio.gather(*map(client.buy, [1, 2])) == [1, 2]
    prices = list(map(client.price, [1, 2]))
    assert prices[0] == 2
    pending = [*map(client.sell, (1, 2)), *filter(None, [client.buy(3)])]
    assert sum(await asyncio.gather(*pending)) == 0
    assert sorted(await asyncio.gather(*(call(1) for call in (client.buy, client.sell)))) == [-1, 1]


async def main():
    assert await handle(Order(3)) == 3
    assert await handle(Fill()) == "fill"
    assert handle(0) is None
    assert await handle_later(Order()) == "order"
    assert await handle_later(1) == "other"
    book = Book()
    assert await book.apply(Order(4)) == 4
    assert await book.get("/a") == "GET /a"
    assert await book.post("/a") == "POST /a"
    assert book.pad("a") == "a    "
    assert (await Book.create()).url == "GET /time"
    assert (await Book.create_later()).url == "GET /time"
    assert Book.from_config({"url": "x"}).url == "x"
    assert (await SubBook.create()).sub
    assert await Book.now() == 0
    client = Client()
    assert await client.trade("buy", 1) + await client.trade("sell", 1) == 0
    assert await client.trade_by_getattr("buy", 1) == 1
    assert await client.trade_by_format("sell", 1) == -1
    assert await client.trade_by_match("buy", 2) == 2
    assert await client.trade_by_tuple(1, 2) == -2
    await compose()
    await mapped()
