"""Streams of GRVT as the nouns of the market.

The iterators keep their place when a wait for the next entry is cancelled, as by a time-out.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Generic, Self, TypeVar

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
        yield _Each(messages, read)


@contextlib.asynccontextmanager
async def book(feeds: Feeds, selector: str) -> AsyncIterator[AsyncIterator[Book]]:
    """The whole book after each message of `v1.book.d`."""
    async with feeds.watch("v1.book.d", selector) as messages:
        yield _Books(messages)


class _Each(Generic[T]):
    def __init__(self, messages: AsyncIterator[Message], read: Callable[[Mapping[str, Any]], T]) -> None:
        self._messages = messages
        self._read = read

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        return self._read((await anext(self._messages)).feed)


class _Books:
    """Deltas applied to the latest snapshot. After a gap they wait for the next one."""

    def __init__(self, messages: AsyncIterator[Message]) -> None:
        self._messages = messages
        self._bids: dict[Decimal, Level] = {}
        self._asks: dict[Decimal, Level] = {}
        self._known = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Book:
        while True:
            message = await anext(self._messages)
            update = read_book(message.feed)
            if message.is_snapshot:
                self._known = True
                self._bids, self._asks = {}, {}
            elif message.gap:
                self._known = False
            if self._known:
                return self._updated(update)

    def _updated(self, update: Book) -> Book:
        for side, levels in ((self._bids, update.bids), (self._asks, update.asks)):
            for level in levels:
                if level.size:
                    side[level.price] = level
                else:
                    side.pop(level.price, None)
        return replace(
            update,
            bids=tuple(self._bids[price] for price in sorted(self._bids, reverse=True)),
            asks=tuple(self._asks[price] for price in sorted(self._asks)),
        )
