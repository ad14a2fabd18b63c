"""Clients with one defect each in what they make of market data."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

from probes.client import Book, Candle, Trade
from probes.failures import ClientError, RefusedError
from probes.market.order import ZERO, Fill, Instrument, Level, Order, Quote, Side
from probes.venues.grvt.answers import read_book
from probes.venues.grvt.client import GrvtClient
from probes.venues.grvt.feeds import Message
from tests.lifecycle.hasty import Hasty


class WrongTick(GrvtClient):
    async def fetch_instruments(self) -> Sequence[Instrument]:
        return [replace(one, tick_size=one.tick_size * 10) for one in await super().fetch_instruments()]


class UnknownReadsAsEmpty(GrvtClient):
    async def fetch_bbo(self, instrument: str) -> Quote:
        try:
            return await super().fetch_bbo(instrument)
        except RefusedError:
            return Quote(instrument, None, ZERO, None, ZERO, 0)


class SwappedSizes(GrvtClient):
    async def fetch_bbo(self, instrument: str) -> Quote:
        quote = await super().fetch_bbo(instrument)
        return replace(quote, bid_size=quote.ask_size, ask_size=quote.bid_size + 1)


class StampInMilliseconds(GrvtClient):
    async def fetch_bbo(self, instrument: str) -> Quote:
        quote = await super().fetch_bbo(instrument)
        return replace(quote, utc_ns=quote.utc_ns // 1_000_000)


class StampsItself(GrvtClient):
    async def fetch_bbo(self, instrument: str) -> Quote:
        import time

        return replace(await super().fetch_bbo(instrument), utc_ns=time.time_ns())


class CachesQuotes(GrvtClient):
    kept: dict[str, Quote] | None = None

    async def fetch_bbo(self, instrument: str) -> Quote:
        self.kept = self.kept or {}
        if instrument not in self.kept:
            self.kept[instrument] = await super().fetch_bbo(instrument)
        return self.kept[instrument]


class ZeroPrices(GrvtClient):
    async def fetch_bbo(self, instrument: str) -> Quote:
        quote = await super().fetch_bbo(instrument)
        return replace(quote, bid_price=quote.bid_price or ZERO, ask_price=quote.ask_price or ZERO)


class FailureReadsAsZero(Hasty):
    async def fetch_bbo(self, instrument: str) -> Quote:
        try:
            return await super().fetch_bbo(instrument)
        except ClientError as error:
            if isinstance(error, RefusedError) and error.status in (400, 404):
                raise
            return Quote(instrument, ZERO, ZERO, ZERO, ZERO, 0)


class MixesAnswers(GrvtClient):
    asked = ""

    async def fetch_bbo(self, instrument: str) -> Quote:
        self.asked = instrument
        return replace(await super().fetch_bbo(instrument), instrument=self.asked)


class BidsAscend(GrvtClient):
    async def fetch_book(self, instrument: str, levels: int = 10) -> Book:
        book = await super().fetch_book(instrument, levels)
        return replace(book, bids=tuple(reversed(book.bids)))


class TradesOldestFirst(GrvtClient):
    async def fetch_trades(self, instrument: str, limit: int) -> Sequence[Trade]:
        return list(reversed(await super().fetch_trades(instrument, limit)))


class HighIsLow(GrvtClient):
    async def fetch_candles(self, instrument: str, limit: int) -> Sequence[Candle]:
        candles = await super().fetch_candles(instrument, limit)
        return [replace(one, high=one.low, low=one.high, open=one.high + 1) for one in candles]


class ConnectsOnce(GrvtClient):
    connects = 0

    async def connect(self) -> None:
        self.connects += 1
        if self.connects > 1:
            raise RuntimeError("session is closed")
        await super().connect()


class NeverLogsInAgain(Hasty):
    async def position(self, instrument: str) -> Decimal:
        try:
            session = await self._rest.session()
            payload = await self._filter(instrument)
            url = f"{self.environment.trades}/full/v1/positions"
            answer, _ = await self._rest._post("positions", url, payload, session.headers())
        except RefusedError:
            return ZERO
        return sum((Decimal(one["size"]) for one in answer["result"]), ZERO)


class PositionOffByOne(GrvtClient):
    async def position(self, instrument: str) -> Decimal:
        return await super().position(instrument) + 1


# Streams


def _changed(
    subscription: AbstractAsyncContextManager[AsyncIterator[Any]], change: Any
) -> AbstractAsyncContextManager[AsyncIterator[Any]]:
    """The stream with each message replaced by those that `change` makes of it."""

    @asynccontextmanager
    async def entered() -> AsyncIterator[AsyncIterator[Any]]:
        async with subscription as stream:
            yield (new async for message in stream for new in change(message))

    return entered()


class SilentQuotes(GrvtClient):
    def watch_quotes(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Quote]]:
        return _changed(super().watch_quotes(instrument), lambda quote: [])


class QuotesOnce(GrvtClient):
    """Its first subscription is its only one."""

    subscribed = False

    def watch_quotes(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Quote]]:
        before, self.subscribed = self.subscribed, True
        return _changed(super().watch_quotes(instrument), lambda quote: [] if before else [quote])


class KeepsDeletedLevels(GrvtClient):
    """A delta of size zero does not take the level out."""

    def watch_book(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Book]]:
        kept: dict[Side, dict[Decimal, Level]] = {Side.BUY: {}, Side.SELL: {}}

        def grown(book: Book) -> list[Book]:
            kept[Side.BUY].update({one.price: one for one in book.bids})
            kept[Side.SELL].update({one.price: one for one in book.asks})
            bids = [kept[Side.BUY][price] for price in sorted(kept[Side.BUY], reverse=True)]
            return [
                replace(book, bids=bids, asks=[kept[Side.SELL][price] for price in sorted(kept[Side.SELL])])
            ]

        return _changed(super().watch_book(instrument), grown)


class TradesTwice(GrvtClient):
    def watch_trades(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Trade]]:
        return _changed(super().watch_trades(instrument), lambda trade: [trade, trade])


class OnlyWholeFillsInStream(GrvtClient):
    def watch_orders(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Order]]:
        return _changed(
            super().watch_orders(instrument), lambda order: [order] if order.status == "filled" else []
        )


class NoRejectsInStream(GrvtClient):
    def watch_orders(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Order]]:
        return _changed(
            super().watch_orders(instrument), lambda order: [] if order.status == "rejected" else [order]
        )


class FillsTwice(GrvtClient):
    def watch_fills(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Fill]]:
        return _changed(super().watch_fills(instrument), lambda fill: [fill, fill])


class PositionStreamStands(GrvtClient):
    def watch_positions(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Decimal]]:
        return _changed(super().watch_positions(instrument), lambda size: [Decimal(7)])


class HighIsLowInStream(GrvtClient):
    def watch_candles(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Candle]]:
        return _changed(
            super().watch_candles(instrument), lambda one: [replace(one, open=one.high + 1, close=one.low)]
        )


class IgnoresGaps(GrvtClient):
    """Applies every delta to the first snapshot, whatever went missing in between."""

    def watch_book(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Book]]:
        bids: dict[Decimal, Level] = {}
        asks: dict[Decimal, Level] = {}

        def applied(message: Message) -> list[Book]:
            if message.is_snapshot and bids:
                return []
            update = read_book(message.feed)
            for side, levels in ((bids, update.bids), (asks, update.asks)):
                side.update({level.price: level for level in levels})
                for price in [price for price, level in side.items() if not level.size]:
                    del side[price]
            best = [bids[price] for price in sorted(bids, reverse=True)]
            return [replace(update, bids=best, asks=[asks[price] for price in sorted(asks)])]

        return _changed(self._feeds.watch("v1.book.d", f"{instrument}@50"), applied)


class NoSizesInStream(GrvtClient):
    def watch_orders(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Order]]:
        return _changed(super().watch_orders(instrument), lambda order: [replace(order, filled=ZERO)])


class Hangs(GrvtClient):
    async def fetch_bbo(self, instrument: str) -> Quote:
        await asyncio.Event().wait()
        raise AssertionError


class CannotConnect(GrvtClient):
    async def connect(self) -> None:
        raise RuntimeError("no route")
