"""The same imports, and the wrong colour at the end of each."""

import venues
import venues.paper as paper
from helpers import *
from later import *
from venues import Grvt, PaperVenue, open_venue


def fetch(symbol):
    return symbol.lower()


async def fault_package():
    venues.Grvt().close()  # <- DG102


async def fault_package_plain():
    await venues.PaperVenue().close()  # <- DG101


async def fault_module():
    third = paper.Paper()
    await third.close()  # <- DG101


async def fault_name():
    return Grvt().fetch("ETH")["symbol"]  # <- DG103


async def fault_renamed():
    return await PaperVenue().fetch("ETH")  # <- DG101


async def fault_function():
    open_venue("grvt").fetch("ETH")  # <- DG103


async def fault_star():
    await normalise("eth")  # <- DG101


async def fault_second_star():
    read("x")  # <- DG102


async def fault_own_name():
    await fetch("ETH")  # <- DG101
