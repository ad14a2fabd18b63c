"""An asynchronous venue."""

import asyncio

from . import base
from .paper import Paper

try:
    import ujson_that_is_not_there as json
except ImportError:
    import json

try:
    from fast_sleep_that_is_not_there import sleep
except ModuleNotFoundError:
    from asyncio import sleep

__all__ = ["Grvt", "open_venue"]
VERSION = 1


class Grvt(base.Venue):
    async def fetch(self, symbol):
        await sleep(0)
        return json.loads(json.dumps({"symbol": symbol}))

    async def close(self):
        await asyncio.sleep(0)


async def open_venue(name):
    return Grvt() if name == "grvt" else Paper()


def _hidden():
    return None
