"""Clients that a class keeps for all, and classes under decorators that hand them back."""

import asyncio
import functools


class Client:
    _default = None
    colour = None

    async def fetch(self) -> float:
        await asyncio.sleep(0)
        return 1.0

    @classmethod
    def get_default(cls) -> "Client":
        if cls._default is None:
            cls._default = Client()
        return cls._default

    @classmethod
    def set_default(cls, client) -> None:
        cls._default = client


class Plain:
    async def fetch(self) -> float:
        return 2.0


Client.colour = Plain()


def counted(cls):
    original = cls.__init__

    @functools.wraps(original)
    def __init__(self, *args, **kwargs):
        cls.__doc__ = "counted"
        original(self, *args, **kwargs)

    cls.__init__ = __init__
    return cls


def unasynced(cls):
    async def fetch(self):
        return 3.0

    cls.fetch = fetch
    return cls


@counted
class Counted:
    async def fetch(self) -> float:
        return await Client.get_default().fetch()


@unasynced
class Replaced:
    def fetch(self) -> float:
        return 1.0


async def main() -> None:
    assert await Client.get_default().fetch() == 1.0
    Client.set_default(Plain())
    assert await Client.get_default().fetch() == 2.0
    assert await Client.colour.fetch() == 2.0
    assert await Counted().fetch() == 2.0
    assert await Replaced().fetch() == 3.0


if __name__ == "__main__":
    asyncio.run(main())
