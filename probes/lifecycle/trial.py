"""What a card has at hand while it is played: the client, the venue's rows, an instrument."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, TypeVar

from diag.record.kinds import venue
from diag.verdict import Evidence
from probes.client import NO_POSITIONS, Bbo, OrderRequest, OrderView, Trader
from probes.guard import GuardError
from probes.lifecycle.errors import FailedError, SkippedError
from probes.lifecycle.heard import Heard, listen
from probes.lifecycle.rows import Rows, evidence
from probes.market.order import ZERO, Instrument, Quote, Side, Status, TimeInForce
from probes.session import Watch
from probes.venue import Feature

T = TypeVar("T")
AWAY = Decimal("0.02")  # of the price: an order that far from the touch rests


@dataclass
class Trial:
    """One card being played. What `must` sees goes into the verdict."""

    client: Trader
    rows: Rows
    instrument: Instrument
    other: Instrument | None  # a second instrument of the venue
    ids: "itertools.count[int]"  # client order ids, never given twice in a run
    watch: Watch  # looks at the venue past the client
    has_ledger: bool  # the rows are the venue's own, quotes and requests among them
    before: Decimal | None = ZERO  # position when the card began; None at a venue without positions
    lacks: Mapping[Feature, str] = field(default_factory=dict)
    tickets: list[OrderRequest] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    shown: list[Evidence] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.instrument.name

    @property
    def unit(self) -> Decimal:
        """A small order: the minimum size on the step."""
        steps = (self.instrument.min_size / self.instrument.size_step).to_integral_value(ROUND_CEILING)
        return steps * self.instrument.size_step

    def must(self, ok: object, observed: str, bound: str, *rows: venue.VenueEvent | None) -> None:
        """Fail the card unless `ok`; else keep what was observed."""
        if not ok:
            raise FailedError(observed, bound, *(row.where for row in rows if row))
        self.seen.append(observed)
        self.shown += [evidence(row) for row in rows if row]

    def equal(self, what: str, client: object, held: object, *rows: venue.VenueEvent | None) -> None:
        """The client's view of something must be the venue's."""
        if client != held:
            self.must(False, f"{what}: client {_text(client)}", f"venue {_text(held)}", *rows)
        plain = isinstance(client, (str, int, Decimal)) and len(_text(client)) < 16
        self.must(True, f"{what} {_text(client) if plain else 'as at the venue'}", "", *rows)

    async def same_position(self, size: Decimal | None = None) -> None:
        """The client's position is the venue's, and of this size if one is given.

        Where there are no positions nothing is compared, and the verdict says so.
        """
        if why := self.lacks.get(Feature.POSITIONS):
            self.seen.append(f"no position to compare: {why}")
            return
        held = await self.position()
        if size is not None:
            self.equal("position", held, size)
        self.equal("position", await self.client.position(self.name), held)

    async def position(self) -> Decimal:
        """Signed size by the venue."""
        if self.has_ledger:
            return self.rows.position(self.name)
        held = await self.watch.position(self.name)
        if held is None:
            raise SkippedError(NO_POSITIONS)
        return held

    async def moved(self) -> Decimal:
        """By how much the position moved since the card began, or the own fills net of one another."""
        held = await self.watch.position(self.name)
        if held is not None and self.before is not None:
            return held - self.before
        return sum((self._net(ticket) for ticket in self.tickets), ZERO)

    def _net(self, ticket: OrderRequest) -> Decimal:
        filled = self.rows.filled(ticket.client_order_id)
        return filled if ticket.side is Side.BUY else -filled

    async def standing(self) -> list[str]:
        """Client order ids of the orders of this card that stand at the venue."""
        if self.has_ledger:
            return [row.client_order_id for row in self.rows.open_orders(self.name)]
        own = {ticket.client_order_id for ticket in self.tickets}
        held = await self.watch.fetch_open_orders(self.name)
        return [one.client_order_id for one in held if one.client_order_id in own]

    async def listed(self) -> list[OrderView]:
        """What the client says is open. (On a real venue others may trade on the account, too.)"""
        own = {ticket.client_order_id for ticket in self.tickets}
        listed = await self.client.fetch_open_orders(self.name)
        return [one for one in listed if self.has_ledger or one.client_order_id in own]

    async def quote(self) -> Quote | Bbo:
        """A fresh quote with both sides; without one there is no price to place an order from."""
        quote: Quote | Bbo = await self.client.fetch_bbo(self.name)
        if quote.bid_price is None or quote.ask_price is None:
            raise SkippedError("the book has no two sides to take a price from")
        return quote

    async def away(self, side: Side) -> Decimal:
        """A price at which an order of this side rests."""
        quote = await self.quote()
        assert quote.bid_price is not None
        assert quote.ask_price is not None
        if side is Side.BUY:
            return self.on_tick(quote.bid_price * (1 - AWAY), ROUND_FLOOR)
        return self.on_tick(quote.ask_price * (1 + AWAY), ROUND_CEILING)

    async def through(self, side: Side) -> Decimal:
        """A price at which an order of this side trades at once, with room for the market to move."""
        quote = await self.quote()
        assert quote.bid_price is not None
        assert quote.ask_price is not None
        if side is Side.BUY:
            return self.on_tick(quote.ask_price * (1 + AWAY / 4), ROUND_CEILING)
        return self.on_tick(quote.bid_price * (1 - AWAY / 4), ROUND_FLOOR)

    def on_tick(self, price: Decimal, rounding: str) -> Decimal:
        tick = self.instrument.tick_size
        return (price / tick).to_integral_value(rounding) * tick

    def ticket(
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
        ticket = OrderRequest(
            instrument=instrument or self.name,
            side=side,
            size=self.unit if size is None else size,
            limit_price=price,
            client_order_id=client_order_id or str(next(self.ids)),
            time_in_force=time_in_force,
            post_only=post_only,
            reduce_only=reduce_only,
            expires_in_s=expires_in_s,
        )
        self.tickets.append(ticket)
        return ticket

    async def place(self, ticket: OrderRequest) -> OrderView:
        """Send it and return the acknowledgement, which must be of this order."""
        order = await self.client.create_order(ticket)
        if order.client_order_id != ticket.client_order_id:
            raise FailedError(
                f"acknowledged order {order.client_order_id}", f"order {ticket.client_order_id}"
            )
        if order.status is Status.FILLED:
            await self.ends(ticket.client_order_id, "filled")
        return order

    async def together(self, *calls: Awaitable[T]) -> list[T]:
        """The answers of calls made at the same time, all of which come to their end."""
        answers = await asyncio.gather(*calls, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return [answer for answer in answers if not isinstance(answer, BaseException)]

    async def rest(self, side: Side) -> OrderView:
        """An order that stands in the book by the venue's ledger."""
        order = await self.place(self.ticket(side, await self.away(side)))
        await self.stands(order.client_order_id)
        return order

    async def fill(self, side: Side, size: Decimal | None = None) -> OrderView:
        """A market order that filled whole by the venue's ledger."""
        ticket = self.ticket(side, None, size)
        order = await self.place(ticket)
        await self.ends(ticket.client_order_id, "filled")
        return order

    async def stands(self, client_order_id: str) -> None:
        await self.ends(client_order_id, "open")

    async def ends(self, client_order_id: str, *statuses: str) -> venue.Order:
        """The order comes to one of these states by the venue's ledger; returns the row."""

        def row() -> venue.Order | None:
            return self.rows.last(venue.Order, client_order_id=client_order_id)

        came = await self.rows.wait(lambda: (last := row()) and last.status in statuses)
        last = row()
        told = f"order {last.status if last else 'unknown to the venue'}"
        self.must(came, told, " or ".join(statuses), last)
        assert last is not None
        return last

    async def refuses(self, ticket: OrderRequest) -> None:
        """The client tells that the venue refuses this order: it raises, or answers that it was rejected.

        Either way nothing of it stands or fills.
        """
        told = await self.told_refused(ticket)
        await self.sync()
        standing = [name for name in await self.standing() if name == ticket.client_order_id]
        filled = self.rows.filled(ticket.client_order_id)
        come = f"{len(standing)} orders standing, {filled} filled"
        self.must(not standing and not filled, come, "nothing stands, nothing fills")
        self.must(told, told or "the client reported no error", "an error, or an order that was rejected")

    async def sync(self) -> None:
        """Have the rows of a real venue brought up to date."""
        if self.rows.ask is not None:
            await self.rows.ask()

    async def told_refused(self, ticket: OrderRequest) -> str:
        """How the client told that it was refused; empty when it did not."""
        try:
            order = await self.client.create_order(ticket)
            if not order.status.is_final:
                order = await self.client.fetch_order(client_order_id=ticket.client_order_id) or order
        except Exception as error:
            return self.raised(error)
        ended = order.status.is_final and not order.filled and order.status != "filled"
        return f"answered {order.status}" if ended else ""

    def raised(self, error: Exception) -> str:
        """How an error of the client is told. What the guard stopped shows nothing of the venue."""
        if isinstance(error, GuardError):
            raise SkippedError(f"the guard let no order through: {error}") from error
        return f"raised {type(error).__name__}"

    async def raises(self, what: Awaitable[object], means: str) -> None:
        """The client raises; an answer would be a lie."""
        try:
            answer = await what
        except Exception as error:
            self.must(True, self.raised(error), means)
            return
        raise FailedError(f"answered {_text(answer)}", f"an error: {means}")

    def listen(
        self, subscription: AbstractAsyncContextManager[AsyncIterator[T]], *, public: bool = False
    ) -> AbstractAsyncContextManager[Heard[T]]:
        """Subscribe. A `public` stream of a real venue may have nothing to say."""
        return listen(subscription, self.rows.patience_s, may_be_silent=public and not self.has_ledger)


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return f"{len(value)} of them" if isinstance(value, (list, tuple)) and len(value) > 4 else str(value)
