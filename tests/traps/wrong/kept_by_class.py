"""The same, without the await."""

import asyncio
import functools


class Client:
    _default = None

    async def fetch(self) -> float:
        await asyncio.sleep(0)
        return 1.0

    @classmethod
    def get_default(cls) -> "Client":
        if cls._default is None:
            cls._default = Client()
        return cls._default


def counted(cls):
    original = cls.__init__

    @functools.wraps(original)
    def __init__(self, *args, **kwargs):
        cls.__doc__ = "counted"
        original(self, *args, **kwargs)

    cls.__init__ = __init__
    return cls


@counted
class Counted:
    async def fetch(self) -> float:
        return 1.0


async def fault_default() -> None:
    Client.get_default().fetch()  # <- DG102


async def fault_decorated() -> None:
    Counted().fetch() + 1  # <- DG103


def main() -> None:
    asyncio.run(fault_default())
