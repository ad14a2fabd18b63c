"""Factories, partials and tables whose every possible result has the other colour."""

import asyncio
from functools import partial, partialmethod


class Book:
    async def _request(self, method, path):
        return f"{method} {path}"

    get = partialmethod(_request, "GET")

    def _format(self, width, text):
        return f"{text:<{width}}"

    pad = partialmethod(_format, 5)

    @classmethod
    async def create(cls):
        await asyncio.sleep(0)
        return cls()

    @classmethod
    def from_config(cls, config):
        return cls()

    @staticmethod
    async def now():
        return 0


class Client:
    def __init__(self):
        self.routes = {"price": self.price, "size": self.size}

    def price(self, size):
        return size * 2

    def size(self, size):
        return size

    async def quote(self, what):
        return await self.routes[what](1)  # <- DG101


async def fault_partialmethod():
    Book().get("/a")  # <- DG102


async def fault_partialmethod_plain():
    await Book().pad("a")  # <- DG101


async def fault_async_factory():
    return Book.create().pad("a")  # <- DG103


async def fault_plain_factory():
    await Book.from_config({})  # <- DG101


async def fault_static():
    return Book.now() + 1  # <- DG103


async def fault_partial():
    fetch = partial(Book().get, "/a")
    fetch()  # <- DG102


async def fault_table():
    await Client().quote("price")


async def fault_result_of_async_factory():
    book = await Book.create()
    book.get("/a")  # <- DG102
