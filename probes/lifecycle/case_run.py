"""What a case has at hand while it is run: the client, the venue's rows, an instrument."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, TypeVar

from diag.conduct.history import NO_POSITIONS
from diag.record.kinds import venue
from diag.verdict import Evidence
from probes.client import Bbo, OrderRequest, OrderView, Trader
from probes.guard import GuardError
from probes.lifecycle.errors import FailedError, SkippedError
from probes.lifecycle.messages import Messages, subscribe
from probes.lifecycle.rows import Rows, evidence
from probes.market.order import ZERO, Instrument, Quote, Side, Status, TimeInForce
from probes.session import VenueView
from probes.venue import Feature

T = TypeVar("T")
PASSIVE_OFFSET = Decimal("0.02")  # of the price: an order that far from the touch rests


@dataclass
class CaseRun:
    """One case being run. What `require` sees goes into the verdict."""

    client: Trader
    rows: Rows
    instrument: Instrument
    other: Instrument | None  # a second instrument of the venue
    ids: "itertools.count[int]"  # client order ids, never given twice in a run
    view: VenueView  # looks at the venue past the client
    has_ledger: bool  # the rows are the venue's own, quotes and requests among them
    before: Decimal | None = ZERO  # position when the case began; None at a venue without positions
    lacks: Mapping[Feature, str] = field(default_factory=dict)
    requests: list[OrderRequest] = field(default_factory=list)
    observations: list[str] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.instrument.name

    @property
    def small_size(self) -> Decimal:
        """A small order: the minimum size on the step."""
        steps = (self.instrument.min_size / self.instrument.size_step).to_integral_value(ROUND_CEILING)
        return steps * self.instrument.size_step

    def require(self, ok: object, observed: str, bound: str, *rows: venue.VenueEvent | None) -> None:
        """Fail the case unless `ok`; else keep what was observed."""
        if not ok:
            raise FailedError(observed, bound, *(row.where for row in rows if row))
        self.observations.append(observed)
        self.evidence += [evidence(row) for row in rows if row]

    def require_equal(self, what: str, client: object, held: object, *rows: venue.VenueEvent | None) -> None:
        """The client's view of something must be the venue's."""
        if client != held:
            self.require(False, f"{what}: client {_text(client)}", f"venue {_text(held)}", *rows)
        plain = isinstance(client, (str, int, Decimal)) and len(_text(client)) < 16
        self.require(True, f"{what} {_text(client) if plain else 'as at the venue'}", "", *rows)

    async def same_position(self, size: Decimal | None = None) -> None:
        """The client's position is the venue's, and of this size if one is given.

        Where there are no positions nothing is compared, and the verdict says so.
        """
        if why := self.lacks.get(Feature.POSITIONS):
            self.observations.append(f"no position to compare: {why}")
            return
        held = await self.position()
        if size is not None:
            self.require_equal("position", held, size)
        self.require_equal("position", await self.client.position(self.name), held)

    async def position(self) -> Decimal:
        """Signed size by the venue."""
        if self.has_ledger:
            return self.rows.position(self.name)
        held = await self.view.position(self.name)
        if held is None:
            raise SkippedError(NO_POSITIONS)
        return held

    async def moved(self) -> Decimal:
        """By how much the position moved since the case began, or the own fills net of one another."""
        held = await self.view.position(self.name)
        if held is not None and self.before is not None:
            return held - self.before
        return sum((self._net(request) for request in self.requests), ZERO)

    def _net(self, request: OrderRequest) -> Decimal:
        filled = self.rows.filled(request.client_order_id)
        return filled if request.side is Side.BUY else -filled

    async def open_at_venue(self) -> list[str]:
        """Client order ids of the orders of this case that stand at the venue."""
        if self.has_ledger:
            return [row.client_order_id for row in self.rows.open_orders(self.name)]
        own = {request.client_order_id for request in self.requests}
        held = await self.view.fetch_open_orders(self.name)
        return [one.client_order_id for one in held if one.client_order_id in own]

    async def open_at_client(self) -> list[OrderView]:
        """What the client says is open. (On a real venue others may trade on the account, too.)"""
        own = {request.client_order_id for request in self.requests}
        listed = await self.client.fetch_open_orders(self.name)
        return [one for one in listed if self.has_ledger or one.client_order_id in own]

    async def quote(self) -> Quote | Bbo:
        """A fresh quote with both sides; without one there is no price to place an order from."""
        quote: Quote | Bbo = await self.client.fetch_bbo(self.name)
        if quote.bid_price is None or quote.ask_price is None:
            raise SkippedError("the book has no two sides to take a price from")
        return quote

    async def passive_price(self, side: Side) -> Decimal:
        """A price at which an order of this side rests."""
        quote = await self.quote()
        assert quote.bid_price is not None
        assert quote.ask_price is not None
        if side is Side.BUY:
            return self.on_tick(quote.bid_price * (1 - PASSIVE_OFFSET), ROUND_FLOOR)
        return self.on_tick(quote.ask_price * (1 + PASSIVE_OFFSET), ROUND_CEILING)

    async def marketable_price(self, side: Side) -> Decimal:
        """A price at which an order of this side trades at once, with room for the market to move."""
        quote = await self.quote()
        assert quote.bid_price is not None
        assert quote.ask_price is not None
        if side is Side.BUY:
            return self.on_tick(quote.ask_price * (1 + PASSIVE_OFFSET / 4), ROUND_CEILING)
        return self.on_tick(quote.bid_price * (1 - PASSIVE_OFFSET / 4), ROUND_FLOOR)

    def on_tick(self, price: Decimal, rounding: str) -> Decimal:
        tick = self.instrument.tick_size
        return (price / tick).to_integral_value(rounding) * tick

    def request(
        self,
        side: Side,
        price: Decimal | None,
        size: Decimal | None = None,
        *,
        instrument: str | None = None,
        client_order_id: str | None = None,
        time_in_force: TimeInForce = TimeInForce.GOOD_TILL_TIME,
        post_only: bool = False,
        reduce_only: bool = False,
        expires_in_s: float | None = None,
    ) -> OrderRequest:
        """An order request with a client order id of its own; a small one unless `size` is given."""
        request = OrderRequest(
            instrument=instrument or self.name,
            side=side,
            size=self.small_size if size is None else size,
            limit_price=price,
            client_order_id=client_order_id or str(next(self.ids)),
            time_in_force=time_in_force,
            post_only=post_only,
            reduce_only=reduce_only,
            expires_in_s=expires_in_s,
        )
        self.requests.append(request)
        return request

    async def place(self, request: OrderRequest) -> OrderView:
        """Send it and return the acknowledgement, which must be of this order."""
        order = await self.client.create_order(request)
        if order.client_order_id != request.client_order_id:
            raise FailedError(
                f"acknowledged order {order.client_order_id}", f"order {request.client_order_id}"
            )
        if order.status is Status.FILLED:
            await self.wait_status(request.client_order_id, "filled")
        return order

    async def concurrently(self, *calls: Awaitable[T]) -> list[T]:
        """The answers of calls made at the same time, all of which come to their end."""
        answers = await asyncio.gather(*calls, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return [answer for answer in answers if not isinstance(answer, BaseException)]

    async def place_resting(self, side: Side) -> OrderView:
        """An order that stands in the book by the venue's ledger."""
        order = await self.place(self.request(side, await self.passive_price(side)))
        await self.wait_open(order.client_order_id)
        return order

    async def place_filled(self, side: Side, size: Decimal | None = None) -> OrderView:
        """A market order that filled whole by the venue's ledger."""
        request = self.request(side, None, size)
        order = await self.place(request)
        await self.wait_status(request.client_order_id, "filled")
        return order

    async def wait_open(self, client_order_id: str) -> None:
        await self.wait_status(client_order_id, "open")

    async def wait_status(self, client_order_id: str, *statuses: str) -> venue.Order:
        """The order comes to one of these states by the venue's ledger; returns the row."""

        def row() -> venue.Order | None:
            return self.rows.last(venue.Order, client_order_id=client_order_id)

        came = await self.rows.wait(lambda: (last := row()) and last.status in statuses)
        last = row()
        observed = f"order {last.status if last else 'unknown to the venue'}"
        self.require(came, observed, " or ".join(statuses), last)
        assert last is not None
        return last

    async def expect_refusal(self, request: OrderRequest) -> None:
        """The client tells that the venue refuses this order: it raises, or answers that it was rejected.

        Either way nothing of it stands or fills.
        """
        observed = await self.refusal_reported(request)
        await self.sync()
        standing = [name for name in await self.open_at_venue() if name == request.client_order_id]
        filled = self.rows.filled(request.client_order_id)
        come = f"{len(standing)} orders standing, {filled} filled"
        self.require(not standing and not filled, come, "nothing stands, nothing fills")
        self.require_report(observed)

    def require_report(self, refusal: str) -> None:
        """Fail the case if the client reported no refusal."""
        self.require(
            refusal, refusal or "the client reported no error", "an error, or an order that was rejected"
        )

    async def sync(self) -> None:
        """Have the rows of a real venue brought up to date."""
        if self.rows.refresh is not None:
            await self.rows.refresh()

    async def refusal_reported(self, request: OrderRequest) -> str:
        """How the client reported that it was refused; empty when it did not."""
        try:
            order = await self.client.create_order(request)
            if not order.status.is_final:
                order = await self.client.fetch_order(client_order_id=request.client_order_id) or order
        except Exception as error:
            return self.error_text(error)
        ended = order.status.is_final and not order.filled and order.status != "filled"
        return f"answered {order.status}" if ended else ""

    def error_text(self, error: Exception) -> str:
        """What is said of an error of the client. What the guard stopped shows nothing of the venue."""
        if isinstance(error, GuardError):
            raise SkippedError(f"the guard let no order through: {error}") from error
        return f"raised {type(error).__name__}"

    async def expect_error(self, what: Awaitable[object], means: str) -> None:
        """The client raises; an answer would be a lie."""
        try:
            answer = await what
        except Exception as error:
            self.require(True, self.error_text(error), means)
            return
        raise FailedError(f"answered {_text(answer)}", f"an error: {means}")

    def subscribe(
        self, subscription: AbstractAsyncContextManager[AsyncIterator[T]], *, public: bool = False
    ) -> AbstractAsyncContextManager[Messages[T]]:
        """Subscribe. A `public` stream of a real venue may have nothing to say."""
        return subscribe(subscription, self.rows.timeout_s, may_be_silent=public and not self.has_ledger)


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return f"{len(value)} of them" if isinstance(value, (list, tuple)) and len(value) > 4 else str(value)
