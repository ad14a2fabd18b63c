"""Clients with one defect each, as they are met in the field; all else is the reference client."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from typing import Any

from probes.client import Book, Candle, OrderRequest, Trade
from probes.market.order import ZERO, Fill, Instrument, Level, Order, Quote, Side, Status, TimeInForce
from probes.venues.grvt.client import GrvtClient
from probes.venues.grvt.failures import GrvtError, NoAnswerError, RefusedError


class Hasty(GrvtClient):
    """Asks once only: every failure reaches the methods below."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rest = self._rest

        async def once(base: str, endpoint: str, payload: Any, session: Any, *, repeat: bool) -> Any:
            headers = session.headers() if session else {}
            return (await rest._post(endpoint, f"{base}/full/v1/{endpoint}", payload, headers))[0]

        rest._repeated = once  # type: ignore[method-assign]


# Market data


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
        except GrvtError as error:
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


# Orders


class PriceTickOff(GrvtClient):
    async def create_order(self, request: OrderRequest) -> Order:
        if request.limit_price is not None:
            request = replace(request, limit_price=request.limit_price + Decimal("0.01"))
        return await super().create_order(request)


class SellsAreBuys(GrvtClient):
    async def create_order(self, request: OrderRequest) -> Order:
        return await super().create_order(replace(request, side=Side.BUY))


class MixesAcknowledgements(GrvtClient):
    latest = ""

    async def create_order(self, request: OrderRequest) -> Order:
        self.latest = request.client_order_id
        return replace(await super().create_order(request), client_order_id=self.latest)


class DropsTimeInForce(GrvtClient):
    async def create_order(self, request: OrderRequest) -> Order:
        return await super().create_order(replace(request, time_in_force=TimeInForce.GOOD_TILL_TIME))


class KillIsCancel(GrvtClient):
    async def create_order(self, request: OrderRequest) -> Order:
        if request.time_in_force is TimeInForce.FILL_OR_KILL:
            request = replace(request, time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL)
        return await super().create_order(request)


class NeverExpires(GrvtClient):
    async def create_order(self, request: OrderRequest) -> Order:
        return await super().create_order(replace(request, expires_in_s=None))


class DropsPostOnly(GrvtClient):
    async def create_order(self, request: OrderRequest) -> Order:
        return await super().create_order(replace(request, post_only=False))


class DropsReduceOnly(GrvtClient):
    async def create_order(self, request: OrderRequest) -> Order:
        return await super().create_order(replace(request, reduce_only=False))


class CountsOnlyWholeFills(GrvtClient):
    async def fetch_order(self, **ids: Any) -> Order | None:
        order = await super().fetch_order(**ids)
        if order is not None and order.status is not Status.FILLED:
            order = replace(order, filled=ZERO, filled_notional=ZERO)
        return order


class AverageIsLimit(GrvtClient):
    async def fetch_order(self, **ids: Any) -> Order | None:
        order = await super().fetch_order(**ids)
        if order is not None and order.filled and order.limit_price:
            order = replace(order, filled_notional=order.filled * order.limit_price)
        return order


class SeesFillsAsZero(GrvtClient):
    async def fetch_order(self, **ids: Any) -> Order | None:
        order = await super().fetch_order(**ids)
        return order and replace(order, filled=ZERO, filled_notional=ZERO)


# Cancels


class ForgetsToCancel(GrvtClient):
    async def cancel_order(self, **ids: Any) -> None:
        pass


class CancelsByOrderIdOnly(GrvtClient):
    async def cancel_order(self, **ids: Any) -> None:
        if ids.get("order_id") is not None:
            await super().cancel_order(**ids)


class CancelsEverything(GrvtClient):
    async def cancel_order(self, **ids: Any) -> None:
        await super().cancel_all_orders()


class CancelsNothing(GrvtClient):
    async def cancel_all_orders(self, instrument: str | None = None) -> None:
        pass


class TakesCancelsForDone(GrvtClient):
    done: frozenset[str] = frozenset()

    async def cancel_order(self, **ids: Any) -> None:
        self.done |= {str(ids.get("client_order_id"))}
        with suppress(GrvtError):
            await super().cancel_order(**ids)

    async def fetch_order(self, **ids: Any) -> Order | None:
        order = await super().fetch_order(**ids)
        if order is not None and order.client_order_id in self.done:
            order = replace(order, status=Status.CANCELLED)
        return order


# Refusals


class ReportsSuccess(GrvtClient):
    async def create_order(self, request: OrderRequest) -> Order:
        try:
            return await super().create_order(request)
        except RefusedError:
            return _order(request, Status.PENDING)


class MendsPrices(GrvtClient):
    async def create_order(self, request: OrderRequest) -> Order:
        if request.limit_price is not None:
            on_tick = request.limit_price.quantize(Decimal("0.01"), ROUND_DOWN)
            request = replace(request, limit_price=on_tick)
        return await super().create_order(request)


class MendsSizes(GrvtClient):
    async def create_order(self, request: OrderRequest) -> Order:
        size = max(request.size.quantize(Decimal("0.01"), ROUND_DOWN), Decimal("0.01"))
        return await super().create_order(replace(request, size=size))


class ChangesIds(GrvtClient):
    used: frozenset[str] = frozenset()

    async def create_order(self, request: OrderRequest) -> Order:
        if request.client_order_id in self.used:
            request = replace(request, client_order_id=self.new_client_order_id())
        self.used |= {request.client_order_id}
        return await super().create_order(request)


class AcknowledgedIsFilled(GrvtClient):
    async def create_order(self, request: OrderRequest) -> Order:
        order = await super().create_order(request)
        return replace(order, status=Status.FILLED, filled=request.size)


# Account


class ShowsAnyOrder(GrvtClient):
    latest: str | None = None

    async def create_order(self, request: OrderRequest) -> Order:
        self.latest = request.client_order_id
        return await super().create_order(request)

    async def fetch_order(self, **ids: Any) -> Order | None:
        return await super().fetch_order(**ids) or await super().fetch_order(client_order_id=self.latest)


class KnowsOpenOrdersOnly(GrvtClient):
    async def fetch_order(self, **ids: Any) -> Order | None:
        order = await super().fetch_order(**ids)
        return None if order is None or order.status.is_final else order


class ListsEndedOrders(GrvtClient):
    async def fetch_open_orders(self, instrument: str | None = None) -> Sequence[Order]:
        return [*await super().fetch_open_orders(instrument), *await super().fetch_order_history(instrument)]


class LosesLatestFill(GrvtClient):
    async def fetch_fills(self, instrument: str | None = None, limit: int = 100) -> Sequence[Fill]:
        return (await super().fetch_fills(instrument, limit))[1:]


class IgnoresFees(GrvtClient):
    async def fetch_fills(self, instrument: str | None = None, limit: int = 100) -> Sequence[Fill]:
        return [replace(one, fee=ZERO) for one in await super().fetch_fills(instrument, limit)]


class PositionWithoutSign(GrvtClient):
    async def position(self, instrument: str) -> Decimal:
        return abs(await super().position(instrument))


class PositionFromOrders(GrvtClient):
    """Sums what it has sent, not what filled."""

    sent = ZERO

    async def create_order(self, request: OrderRequest) -> Order:
        self.sent += request.size if request.side is Side.BUY else -request.size
        return await super().create_order(request)

    async def position(self, instrument: str) -> Decimal:
        return self.sent


class EquityAtStart(GrvtClient):
    equity: Decimal | None = None

    async def fetch_equity(self) -> Decimal:
        self.equity = self.equity or await super().fetch_equity()
        return self.equity


class FailureReadsAsFlat(Hasty):
    async def position(self, instrument: str) -> Decimal:
        try:
            return await super().position(instrument)
        except GrvtError:
            return ZERO


class FailureReadsAsNoOrders(Hasty):
    async def fetch_open_orders(self, instrument: str | None = None) -> Sequence[Order]:
        try:
            return await super().fetch_open_orders(instrument)
        except GrvtError:
            return []


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


# Trouble


class SendsAgain(Hasty):
    """Takes a lost answer for a lost order, and sends it again under a new name."""

    async def create_order(self, request: OrderRequest) -> Order:
        try:
            return await self._sent(request)
        except (NoAnswerError, RefusedError):
            return await self._sent(replace(request, client_order_id=self.new_client_order_id()))

    async def _sent(self, request: OrderRequest) -> Order:
        payload = {"order": await self._signed(request)}
        await self._rest.trading("create_order", payload, repeat=False)
        return _order(request, Status.PENDING)


class LostIsFilled(Hasty):
    async def create_order(self, request: OrderRequest) -> Order:
        payload = {"order": await self._signed(request)}
        try:
            await self._rest.trading("create_order", payload, repeat=False)
        except (NoAnswerError, RefusedError):
            return _order(request, Status.FILLED)
        return _order(request, Status.PENDING)


class NoNewSession(Hasty):
    """An order in a session that has ended fails for good."""

    async def create_order(self, request: OrderRequest) -> Order:
        session = await self._rest.session()
        payload = {"order": await self._signed(request)}
        url = f"{self.environment.trades}/full/v1/create_order"
        await self._rest._post("create_order", url, payload, session.headers())
        return _order(request, Status.PENDING)


class CancelsOnLeaving(GrvtClient):
    async def disconnect(self) -> None:
        if self._rest._session is not None:
            await super().cancel_all_orders()
        await super().disconnect()


class ForgetsPosition(GrvtClient):
    """Counts from zero again after it has connected."""

    start: Decimal | None = None

    async def connect(self) -> None:
        await super().connect()
        self.start = None if self.start is None else await super().position("ETH_USDT_Perp")

    async def position(self, instrument: str) -> Decimal:
        return await super().position(instrument) - (self.start or ZERO)

    async def create_order(self, request: OrderRequest) -> Order:
        self.start = self.start or ZERO
        return await super().create_order(request)


class Hangs(GrvtClient):
    async def fetch_bbo(self, instrument: str) -> Quote:
        await asyncio.Event().wait()
        raise AssertionError


class CannotConnect(GrvtClient):
    async def connect(self) -> None:
        raise RuntimeError("no route")


def _order(request: OrderRequest, status: Status) -> Order:
    return Order(
        order_id="0x0",
        client_order_id=request.client_order_id,
        account="",
        instrument=request.instrument,
        side=request.side,
        size=request.size,
        limit_price=request.limit_price,
        status=status,
    )
