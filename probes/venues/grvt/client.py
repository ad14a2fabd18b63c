"""The reference client of GRVT: fully async, for the simulator, testnet and production.

Failures are a ClientError (see `failures`). What changes nothing is asked again until the venue answers.
An order is never sent twice: after a lost answer the client asks for it by its client order id.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from types import TracebackType
from typing import Any, Self, TypeVar

from probes.client import Book, Candle, Claim, OrderPlan, OrderRequest, Trade
from probes.failures import ClientError, NoAnswerError, NotAllowedError, RefusedError
from probes.market.order import Fill, Instrument, Order, Quote, Side
from probes.venue import Permit
from probes.venues import order_worker
from probes.venues.grvt import answers, subscriptions
from probes.venues.grvt.answers import Listed, result, results
from probes.venues.grvt.credentials import Credentials
from probes.venues.grvt.environments import CANCEL_BLOCK_MS, Environment
from probes.venues.grvt.feeds import Feeds
from probes.venues.grvt.rest import Rest
from probes.venues.grvt.signing import SigningError, sign_order
from probes.venues.grvt.wire import TIME_IN_FORCE, plain
from probes.wire import WireClock

NOT_FOUND = 1004
_NO_TIME_TO_LIVE = 2300
_LOOKS = 6  # for an order whose answer was lost
_LOOK_S = 0.05
_LIFETIME_S = 120.0  # of an order whose request names none
_TIME_IN_FORCE_NAMES = {value: name for name, value in TIME_IN_FORCE.items()}
_STREAM_S = 3.0  # for a stream to be subscribed to and to bring its first message
_DEPTHS = (10, 50, 100, 500)

T = TypeVar("T", Order, Fill)


async def refuse(request: OrderRequest) -> None:
    """The permit of every environment that is not simulated, unless another is given."""
    raise NotAllowedError(f"orders are not armed for this venue: {request.instrument} was not traded")


class GrvtClient:
    """A client of one sub account; without credentials, of market data alone. It is a `probes.client.Trader`.

    `permit` sees each order first; without one, orders go to a simulated venue only. `pace` says how
    patiently orders are worked. `seed` makes client order ids and nonces repeatable, for simulations.
    """

    def __init__(
        self,
        environment: Environment,
        credentials: Credentials | None = None,
        *,
        permit: Permit | None = None,
        pace: order_worker.Pace | None = None,
        timeout_s: float = 10.0,
        seed: int | None = None,
    ) -> None:
        self.environment = environment
        self.pace = pace or order_worker.Pace()
        self._rest = Rest(environment, credentials, timeout_s)
        self._feeds = Feeds(self._rest)
        self._permit = permit or (_allow if environment.is_simulated else refuse)
        self._random = random.SystemRandom() if seed is None else random.Random(seed)
        self._listed: dict[str, Listed] = {}

    @property
    def clock(self) -> WireClock:
        """Times the REST exchanges."""
        return self._rest.clock

    @property
    def sources(self) -> dict[str, Callable[[str], Awaitable[Quote]]]:
        """The ways in which the venue tells the BBO."""
        return {"ticker": self.fetch_bbo, "mini": self.fetch_mini, "book": self._top, "stream": self._next}

    def on_answer(self, call: Callable[[str], object]) -> None:
        """Call `call` with the endpoint of each answer of REST from now on."""
        self._rest.on_answer = call

    async def connect(self) -> None:
        """Read the instruments and, with credentials, log in."""
        await self.fetch_instruments()
        if self._rest.credentials is not None:
            await self._rest.session()

    async def disconnect(self) -> None:
        """Close streams and connections. Orders stay as they are."""
        await self._feeds.close()
        await self._rest.close()

    async def __aenter__(self) -> Self:
        try:
            await self.connect()
        except BaseException:
            await self.disconnect()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.disconnect()

    # Market data

    async def fetch_instruments(self) -> Sequence[Instrument]:
        """The active perpetuals."""
        answer = await self._rest.market_data("instruments", {"kind": ["PERPETUAL"], "is_active": True})
        listed = [answers.read_instrument(entry) for entry in results(answer, "instruments")]
        self._listed = {each.instrument.name: each for each in listed}
        return [each.instrument for each in listed]

    async def listed(self, instrument: str) -> Listed:
        """Tick, sizes and signing facts of an instrument; RefusedError if the venue has none such."""
        if instrument not in self._listed:
            answer = await self._rest.market_data("instrument", {"instrument": instrument})
            self._listed[instrument] = answers.read_instrument(result(answer, "instrument"))
        return self._listed[instrument]

    async def fetch_instrument(self, instrument: str) -> Instrument:
        return (await self.listed(instrument)).instrument

    async def fetch_bbo(self, instrument: str) -> Quote:
        """The best bid and offer of the ticker, as served: not judged."""
        answer = await self._rest.market_data("ticker", {"instrument": instrument})
        return answers.read_quote(result(answer, "ticker"))

    async def fetch_mini(self, instrument: str) -> Quote:
        """The best bid and offer of the mini ticker."""
        answer = await self._rest.market_data("mini", {"instrument": instrument})
        return answers.read_quote(result(answer, "mini"))

    async def fetch_book(self, instrument: str, levels: int = 10) -> Book:
        """At least `levels` a side, as far as there are so many; the venue knows 10, 50, 100 and 500."""
        depth = next((depth for depth in _DEPTHS if depth >= levels), _DEPTHS[-1])
        answer = await self._rest.market_data("book", {"instrument": instrument, "depth": depth})
        return answers.read_book(result(answer, "book"))

    async def fetch_trades(self, instrument: str, limit: int) -> Sequence[Trade]:
        answer = await self._rest.market_data("trade", {"instrument": instrument, "limit": limit})
        trades = [answers.read_trade(entry) for entry in results(answer, "trade")]
        return sorted(trades, key=lambda trade: trade.utc_ns, reverse=True)

    async def fetch_candles(self, instrument: str, limit: int) -> Sequence[Candle]:
        payload = {"instrument": instrument, "interval": "CI_1_M", "type": "TRADE", "limit": limit}
        answer = await self._rest.market_data("kline", payload)
        candles = [answers.read_candle(entry) for entry in results(answer, "kline")]
        return sorted(candles, key=lambda candle: candle.open_ns, reverse=True)

    # Orders

    def new_client_order_id(self) -> str:
        """One of the upper half of 64 bits, which the venue leaves to API clients."""
        return str(self._random.randrange(2**63, 2**64))

    async def create_order(self, request: OrderRequest) -> Order:
        """Send an order; return it as acknowledged, or as found by its client order id after a lost answer.

        Raises RefusedError when the venue refused it, UnreachableError when it was not sent. When the venue
        neither answered nor knows the order a little later, NoAnswerError: the order may still come to be.
        """
        payload = {"order": await self._signed(request)}
        return await self._answered(request, self._rest.trading("create_order", payload, repeat=False))

    async def create_order_over_stream(self, request: OrderRequest) -> Order:
        """As `create_order`, by JSON-RPC over the trading WebSocket."""
        payload = {"order": await self._signed(request)}
        return await self._answered(request, self._feeds.call("v1/create_order", payload))

    async def _answered(self, request: OrderRequest, answer: Awaitable[dict[str, Any]]) -> Order:
        try:
            return answers.read_order(result(await answer, "create_order"))
        except NoAnswerError as error:
            return await self._find(request, error)
        except RefusedError as error:
            if error.is_definite:
                raise
            return await self._find(request, error)

    async def _find(self, request: OrderRequest, lost: ClientError) -> Order:
        """Look for an order whose answer was lost. That a look fails says nothing of the order."""
        seen = "is not known there"
        for look in range(_LOOKS):
            await asyncio.sleep(_LOOK_S * 2**look)
            try:
                order = await self.fetch_order(client_order_id=request.client_order_id)
            except ClientError as error:
                seen = f"could not be asked for ({error})"
                continue
            if order is not None:
                return order
            seen = "is not known there"
        name = f"the order with client order id {request.client_order_id}"
        raise NoAnswerError(f"{lost}; {name} {seen}") from None

    async def cancel_order(
        self, *, order_id: str | None = None, client_order_id: str | None = None, block_ms: int = 0
    ) -> None:
        """Ask for the end of an order; its state tells when it has ended. RefusedError if there is none such.

        `block_ms` (up to 5000) also stops an order of this client order id that arrives later, where the
        venue does so.
        """
        payload = self._id(order_id, client_order_id)
        if block_ms:
            try:
                await self._cancel({**payload, "time_to_live_ms": str(block_ms)})
            except RefusedError as error:
                if error.code != _NO_TIME_TO_LIVE:
                    raise
            else:
                return
        await self._cancel(payload)

    async def _cancel(self, payload: dict[str, str]) -> None:
        try:
            await self._rest.trading("cancel_order", payload, repeat=False)
            return
        except NoAnswerError:
            pass
        except RefusedError as error:
            if error.is_definite:
                raise
        try:
            await self._rest.trading("cancel_order", payload)
        except RefusedError as error:
            if error.code != NOT_FOUND:  # most likely the first one did its work
                raise

    async def cancel_all_orders(self, instrument: str | None = None) -> None:
        """Ask for the end of all orders of the sub account, or of those in an instrument's currencies."""
        await self._rest.trading("cancel_all_orders", await self._filter(instrument))

    async def fetch_order(
        self, *, order_id: str | None = None, client_order_id: str | None = None
    ) -> Order | None:
        """The order, or None if the venue does not know it (now)."""
        try:
            answer = await self._rest.trading("order", self._id(order_id, client_order_id))
        except RefusedError as error:
            if error.code == NOT_FOUND:
                return None
            raise
        return answers.read_order(result(answer, "order"))

    async def fetch_open_orders(self, instrument: str | None = None) -> Sequence[Order]:
        answer = await self._rest.trading("open_orders", await self._filter(instrument))
        return _of(instrument, [answers.read_order(entry) for entry in results(answer, "open_orders")])

    async def fetch_order_history(self, instrument: str | None = None, limit: int = 100) -> Sequence[Order]:
        """The orders that the venue remembers, ended ones among them, the latest first."""
        payload = {**await self._filter(instrument), "limit": limit}
        answer = await self._rest.trading("order_history", payload)
        return _of(instrument, [answers.read_order(entry) for entry in results(answer, "order_history")])

    async def fetch_fills(self, instrument: str | None = None, limit: int = 100) -> Sequence[Fill]:
        """The latest own fills, newest first."""
        payload = {**await self._filter(instrument), "limit": limit}
        answer = await self._rest.trading("fill_history", payload)
        fills = _of(instrument, [answers.read_fill(entry) for entry in results(answer, "fill_history")])
        return sorted(fills, key=lambda fill: fill.utc_ns, reverse=True)

    async def position(self, instrument: str) -> Decimal:
        """Signed base units; long is positive."""
        answer = await self._rest.trading("positions", await self._filter(instrument))
        sizes = dict(answers.read_position(entry) for entry in results(answer, "positions"))
        return sizes.get(instrument, Decimal(0))

    async def fetch_equity(self) -> Decimal:
        """Total equity of the sub account in its settle currency."""
        answer = await self._rest.trading("account_summary", {"sub_account_id": self.sub_account_id})
        return answers.read_equity(result(answer, "account_summary"))

    async def work_order(self, plan: OrderPlan) -> Claim:
        """Fill `plan` with child orders near the touch, one at a time; see `order_worker`."""
        return await order_worker.work(self, plan, self.pace, CANCEL_BLOCK_MS)

    # Streams: each is entered once the venue has confirmed it, and comes back after a lost connection

    def watch_quotes(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Quote]]:
        """BBOs of the mini ticker, at most every 200 ms."""
        return subscriptions.each(self._feeds, "v1.mini.s", f"{instrument}@200", answers.read_quote)

    def watch_book(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Book]]:
        """The book after each change, kept from a snapshot and deltas every 50 ms."""
        return subscriptions.book(self._feeds, f"{instrument}@50")

    def watch_trades(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Trade]]:
        return subscriptions.each(self._feeds, "v1.trade", f"{instrument}@50", answers.read_trade)

    def watch_candles(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Candle]]:
        return subscriptions.each(self._feeds, "v1.candle", f"{instrument}@CI_1_M-TRADE", answers.read_candle)

    def watch_orders(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Order]]:
        return subscriptions.each(self._feeds, "v1.order", self._own(instrument), answers.read_order)

    def watch_fills(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Fill]]:
        return subscriptions.each(self._feeds, "v1.fill", self._own(instrument), answers.read_fill)

    def watch_positions(self, instrument: str) -> AbstractAsyncContextManager[AsyncIterator[Decimal]]:
        """The signed position after each change."""
        return subscriptions.each(
            self._feeds, "v1.position", self._own(instrument), lambda entry: answers.read_position(entry)[1]
        )

    # Own parts

    async def _top(self, instrument: str) -> Quote:
        found = await self.fetch_book(instrument)
        bid, ask = (levels[0] if levels else None for levels in (found.bids, found.asks))
        zero = Decimal(0)
        return Quote(
            instrument,
            bid.price if bid else None,
            bid.size if bid else zero,
            ask.price if ask else None,
            ask.size if ask else zero,
            found.utc_ns,
        )

    async def _next(self, instrument: str) -> Quote:
        async with asyncio.timeout(_STREAM_S), self.watch_quotes(instrument) as quotes:
            return await anext(quotes)

    @property
    def sub_account_id(self) -> str:
        return self._credentials.sub_account_id

    @property
    def _credentials(self) -> Credentials:
        if self._rest.credentials is None:
            raise NotAllowedError("this takes credentials, and the client has none")
        return self._rest.credentials

    def _own(self, instrument: str) -> str:
        return f"{self.sub_account_id}-{instrument}"

    def _id(self, order_id: str | None, client_order_id: str | None) -> dict[str, str]:
        if (order_id is None) == (client_order_id is None):
            raise ValueError("name the order by one of order_id and client_order_id")
        named = {"client_order_id": str(client_order_id)} if order_id is None else {"order_id": order_id}
        return {"sub_account_id": self.sub_account_id, **named}

    async def _filter(self, instrument: str | None) -> dict[str, Any]:
        payload: dict[str, Any] = {"sub_account_id": self.sub_account_id}
        if instrument is not None:
            listed = (await self.listed(instrument)).instrument
            payload |= {"kind": ["PERPETUAL"], "base": [listed.base], "quote": [listed.quote]}
        return payload

    async def _signed(self, request: OrderRequest) -> dict[str, Any]:
        await self._permit(request)
        asset = (await self.listed(request.instrument)).asset
        expiration_ns = time.time_ns() + int((request.expires_in_s or _LIFETIME_S) * 1e9)
        payload: dict[str, Any] = {
            "sub_account_id": self.sub_account_id,
            "is_market": request.limit_price is None,
            "time_in_force": _TIME_IN_FORCE_NAMES[request.time_in_force],
            "post_only": request.post_only,
            "reduce_only": request.reduce_only,
            "legs": [
                {
                    "instrument": request.instrument,
                    "size": plain(request.size),
                    "limit_price": plain(request.limit_price or Decimal(0)),
                    "is_buying_asset": request.side is Side.BUY,
                }
            ],
            "signature": {"nonce": self._random.randrange(2**32), "expiration": str(expiration_ns)},
            "metadata": {"client_order_id": request.client_order_id},
        }
        assets = {request.instrument: asset}
        chain_id = self.environment.chain_id
        try:
            payload["signature"] = sign_order(payload, assets, self._credentials.wallet, chain_id)
        except SigningError as error:
            raise NotAllowedError(f"an order of {request.instrument} cannot be signed: {error}") from None
        return payload


async def _allow(request: OrderRequest) -> None:
    pass


def _of(instrument: str | None, entries: list[T]) -> list[T]:
    return [entry for entry in entries if instrument in (None, entry.instrument)]
