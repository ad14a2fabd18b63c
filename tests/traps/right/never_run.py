"""Code whose type is of no consequence: functions that only raise, dead branches, stubs."""

import asyncio
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Awaitable


class Venue:
    def place(self, order):
        raise NotImplementedError

    def cancel(self, order_id):
        """Subclasses cancel."""
        raise NotImplementedError(f"{type(self).__name__} cannot cancel")

    def stream(self) -> "Awaitable[None]":
        raise NotImplementedError

    def amend(self, order): ...

    async def replace(self, order):
        await self.cancel(order)
        return await self.place(order)


def fail(text: str) -> NoReturn:
    raise SystemExit(text)


def unsupported(*args):
    raise RuntimeError("not on this venue")


async def tries():
    try:
        await Venue().replace({"id": 1})
    except NotImplementedError:
        return True


async def fails():
    try:
        await unsupported()
    except RuntimeError:
        return True


async def dead():
    if sys.version_info < (3, 0):
        return unsupported()
    if False:
        await asyncio.sleep(0)
    return True
    await asyncio.sleep(1)


async def external_venue(venue):
    return await venue.amend({"id": 1})


def stub(): ...


def doc_only():
    """Nothing yet."""


class Amending(Venue):
    async def amend(self, order):
        return order["id"]

    async def stream(self):
        return None


async def main():
    assert await tries() and await fails() and await dead()
    assert await external_venue(Amending()) == 1
    await Amending().stream()
    stub()
    doc_only()
