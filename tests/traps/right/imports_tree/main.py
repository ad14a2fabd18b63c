"""Imports of every kind."""

import asyncio
import importlib

import venues
import venues.paper as paper
from helpers import *
from later import *
from venues import GRVT_VERSION, Grvt, PaperVenue, open_venue
from venues.base import Venue

grvt_module = importlib.import_module("venues.grvt")


def fetch(symbol):
    """Not the coroutine function of the helpers, which star import leaves out."""
    return symbol.lower()


async def by_package():
    venue = venues.Grvt()
    assert (await venue.fetch("ETH"))["symbol"] == "ETH"
    await venue.close()
    other = venues.PaperVenue()
    assert other.fetch("ETH")["symbol"] == "ETH"
    other.close()
    third = paper.Paper()
    third.close()


async def by_name():
    venue = await open_venue("grvt")
    if isinstance(venue, Grvt):
        await venue.close()
    else:
        venue.close()
    dynamic = grvt_module.Grvt()
    await dynamic.close()
    dynamic = getattr(grvt_module, "Grvt")()
    assert await dynamic.fetch("ETH")


async def by_peer():
    venue = Grvt()
    venue.peer = Grvt()
    assert await venue.fetch_from_peer("ETH")
    venue.peer = PaperVenue()
    assert await venue.fetch_from_peer("ETH")
    attached = Venue().attach(Grvt())
    await attached.close()


async def main():
    assert normalise("eth") == "ETH" and GRVT_VERSION == 1
    assert fetch("ETH") == "eth"
    assert await read("x") == "x"
    await by_package()
    await by_name()
    await by_peer()
    await asyncio.gather(*(venue.fetch("A") for venue in [Grvt(), Grvt()]))
