"""Streams of GRVT as the nouns of the market."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from probes.client import Book
from probes.market.order import Level
from probes.venues.grvt.answers import read_book
from probes.venues.grvt.feeds import Feeds, Message

T = TypeVar("T")


@contextlib.asynccontextmanager
async def each(
    feeds: Feeds, stream: str, selector: str, read: Callable[[Mapping[str, Any]], T]
) -> AsyncIterator[AsyncIterator[T]]:
    """Every message of a stream, read."""
    async with feeds.watch(stream, selector) as messages:
        yield (read(message.feed) async for message in messages)


@contextlib.asynccontextmanager
async def book(feeds: Feeds, selector: str) -> AsyncIterator[AsyncIterator[Book]]:
    """The whole book after each message of `v1.book.d`."""
    async with feeds.watch("v1.book.d", selector) as messages:
        yield _books(messages)


async def _books(messages: AsyncIterator[Message]) -> AsyncIterator[Book]:
    """Deltas applied to the latest snapshot. After a gap they wait for the next one."""
    bids: dict[Decimal, Level] = {}
    asks: dict[Decimal, Level] = {}
    known = False
    async for message in messages:
        update = read_book(message.feed)
        if message.is_snapshot:
            known = True
            bids, asks = {}, {}
        elif message.gap:
            known = False
        if not known:
            continue
        for side, levels in ((bids, update.bids), (asks, update.asks)):
            for level in levels:
                if level.size:
                    side[level.price] = level
                else:
                    side.pop(level.price, None)
        yield replace(
            update,
            bids=tuple(bids[price] for price in sorted(bids, reverse=True)),
            asks=tuple(asks[price] for price in sorted(asks)),
        )
