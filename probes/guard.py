"""Money safety: every order to a venue that is not simulated goes through here.

Orders are refused unless they were armed. Each is held against the most that may be at stake before it is
signed, counting what earlier ones may still fill. At the end what the probe opened is cancelled, and position
and open orders of the ticker must be what they were before.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Literal, TypeVar

from diag.conduct.spread import plain
from diag.record import Journal, RecordError
from diag.record.kinds import probe
from probes.client import OrderRequest
from probes.market.ledger import Ledger
from probes.market.order import ZERO, Fill, Order, Reason, Side, Status
from probes.session import VenueView

WAY_OUT_S = 30.0  # after a signal, for everything
CLEAN_UP_S = 25.0  # of it, for what is open at the venue
TRIES = 5  # of a cancel, and of a look whether it worked
Answer = TypeVar("Answer")
MARKET_MARGIN = Decimal("1.05")  # a market order is taken for this much dearer than the touch


class GuardError(Exception):
    """An order that was not sent, and why."""


class Guard:
    """Watches over one ticker of one account during one run.

    `max_notional` is in quote units and bounds what the run may have bought or sold net at any time, so that
    an order is never barred from bringing the position back; None means that orders are not armed and every
    one is refused. `block_ms` is how long the venue lets a cancel stop an order that is still on its way.
    """

    def __init__(
        self,
        view: VenueView,
        venue: str,
        instrument: str,
        journal: Journal,
        max_notional: Decimal | None,
        *,
        block_ms: int = 0,
    ) -> None:
        self.view = view
        self.venue = venue
        self.instrument = instrument
        self.max_notional = max_notional
        self.block_ms = block_ms
        self.journal = journal
        self._ledger = Ledger(journal, venue)
        self._own: dict[str, Order] = {}  # by client order id, as they were last seen
        self._fills: set[tuple[str, str]] = set()
        self._before: frozenset[str] | None = None
        self._position: Decimal | None = ZERO  # None at a venue without positions
        self._one_at_a_time = asyncio.Lock()  # two orders at once must see each other

    async def begin(self) -> None:
        """Take down position and open orders."""
        position, orders = await self._state("before")
        self._before = frozenset(orders)
        self._position = position

    async def permit(self, request: OrderRequest) -> None:
        """Raises GuardError unless the order is armed, on the ticker, and within the notional."""
        async with self._one_at_a_time:
            await self._permit(request)

    async def _permit(self, request: OrderRequest) -> None:
        if self.max_notional is None:
            raise GuardError("orders are not armed")
        if self._before is None:
            raise GuardError("the state before the run is not known")
        if request.instrument != self.instrument:
            raise GuardError(f"an order of {request.instrument}, but the run is armed for {self.instrument}")
        await self.sync()
        quote = await self.view.fetch_bbo(self.instrument)
        price = request.limit_price or ZERO
        touch = quote.ask_price if request.side is Side.BUY else quote.bid_price
        if request.limit_price is None and touch is None:
            raise GuardError("a market order into an empty book")
        if touch is not None and (request.limit_price is None or request.side is Side.SELL):
            price = max(price, touch * (MARKET_MARGIN if request.limit_price is None else 1))
        at_stake = abs(self._worst(request.side) + _signed(request.side, request.size))
        if at_stake * price > self.max_notional:
            raise GuardError(
                f"{plain(at_stake)} at {plain(price)} would put {plain(at_stake * price)} at stake, "
                f"more than --max-notional {plain(self.max_notional)}"
            )
        order = Order(
            order_id="",
            client_order_id=request.client_order_id,
            account="",
            instrument=request.instrument,
            side=request.side,
            size=request.size,
            limit_price=request.limit_price,
            time_in_force=request.time_in_force,
            post_only=request.post_only,
            reduce_only=request.reduce_only,
        )
        self._own[request.client_order_id] = order
        self._ledger.arrival(order, quote)
        self._ledger.order(order)
        self.journal.flush()  # before anything is sent, so that a killed run can be cleaned up by hand

    def _worst(self, side: Side) -> Decimal:
        """Net of own fills, with every open order of this side taken for filled."""
        filled = sum((_signed(order.side, order.filled) for order in self._own.values()), ZERO)
        open_ = sum(
            (
                _signed(order.side, order.remaining)
                for order in self._own.values()
                if order.side is side and not order.status.is_final
            ),
            ZERO,
        )
        return filled + open_

    async def sync(self) -> None:
        """Ask the venue what became of own orders; what changed goes into the record."""
        for name, known in list(self._own.items()):
            if known.status.is_final:
                continue
            order = await self.view.fetch_order(client_order_id=name)
            if order is not None and (order.status, order.filled) != (known.status, known.filled):
                self._own[name] = order
                self._ledger.order(order)

    async def settle(self) -> None:
        """As `sync`, with the fills, until orders, fills and position of the venue tell the same story.

        Queries may lag behind what has happened; after a few tries what they say is taken down as it is.
        """
        fills: Sequence[Fill] = ()
        open_: set[str] | None = None
        for number in range(TRIES):
            await asyncio.sleep(0.1 * number)
            await self.sync()
            before, open_ = open_, {each for each, order in self._own.items() if not order.status.is_final}
            fills = await self.view.fetch_fills(self.instrument)
            filled = sum((_signed(fill.side, fill.size) for fill in fills if self._is_of_run(fill)), ZERO)
            net = sum((_signed(order.side, order.filled) for order in self._own.values()), ZERO)
            if filled == net == await self._moved(net) and (not open_ or open_ == before):
                break
        for order in self._own.values():
            if not order.order_id:  # the venue does not know it, so it was never sent
                order.status, order.reason = Status.REJECTED, Reason.UNKNOWN_ORDER
                self._ledger.order(order)
        self._record_fills(fills)

    async def _moved(self, net: Decimal) -> Decimal:
        """By how much the position has moved since the run began; `net` at a venue without positions."""
        now = await self.view.position(self.instrument)
        return net if now is None or self._position is None else now - self._position

    async def refresh(self) -> None:
        """As `sync`, with the fills, as they are now."""
        await self.sync()
        self._record_fills(await self.view.fetch_fills(self.instrument))

    def _record_fills(self, fills: Sequence[Fill]) -> None:
        for fill in reversed(fills):
            key = (fill.order_id, fill.fill_id)
            if self._is_of_run(fill) and key not in self._fills:
                self._fills.add(key)
                self._ledger.fill(fill)

    def _is_of_run(self, fill: Fill) -> bool:
        return fill.client_order_id in self._own

    async def end(self) -> tuple[str, ...]:
        """Cancel what the run opened and compare with the state before; returns what is not as it was.

        Goes to its end even if the task is cancelled meanwhile, and never takes longer than CLEAN_UP_S.
        """
        if self._before is None:
            return ()
        task = asyncio.ensure_future(self._end_in_time())
        while not task.done():
            try:
                await asyncio.shield(task)
            except asyncio.CancelledError:
                if task.cancelled():
                    raise
        return task.result()

    async def _end_in_time(self) -> tuple[str, ...]:
        try:
            async with asyncio.timeout(CLEAN_UP_S):
                return await self._end()
        except Exception as error:
            return (
                f"{self.instrument}: not known whether anything is left open: {_why(error)}{self._named()}",
            )

    async def _end(self) -> tuple[str, ...]:
        before = self._before or frozenset()
        failed: dict[str, str] = {}  # why an order could not be cancelled
        for number in range(TRIES):
            await asyncio.sleep(0.1 * number)
            for order in await self._open():
                if order.order_id not in before and self._is_own(order):
                    failed[order.order_id] = await self._cancel(order)
            if not await self._cancel_unseen():
                break
        position, left = await self._state_after()
        wrong = [
            f"{_shown(order)} could not be cancelled: {failed.get(order_id) or 'it came at the last moment'}"
            if self._is_own(order)
            else f"{_shown(order)} was not open before and is not of this run"
            for order_id, order in left.items()
            if order_id not in before
        ]
        if self.max_notional is None:
            return tuple(wrong)
        wrong.extend(
            f"order {order_id} was open before and is not any more" for order_id in before - left.keys()
        )
        if position != self._position:
            was, is_now = ("unknown" if each is None else plain(each) for each in (self._position, position))
            wrong.append(f"position of {self.instrument}: {was} before, {is_now} after")
        return tuple(wrong)

    def _is_own(self, order: Order) -> bool:
        """On an armed venue others may trade, too; a simulated account is the run's alone."""
        return self.max_notional is None or order.client_order_id in self._own

    async def _cancel_unseen(self) -> bool:
        """Stop orders that were let through and that the venue has not shown: they may be on their way.

        Returns whether there were such, for not every venue stops what it does not know yet.
        """
        unseen = [name for name, order in self._own.items() if not order.order_id]
        for name in unseen:
            with contextlib.suppress(Exception):
                await self.view.cancel_order(client_order_id=name, block_ms=self.block_ms)
        if unseen:
            with contextlib.suppress(Exception):
                await self.sync()
        return bool(unseen)

    async def _cancel(self, order: Order) -> str:
        """Cancel until the order is gone; why it is not, or nothing."""
        why = "it is still open"
        for number in range(TRIES):
            await asyncio.sleep(0.1 * number)
            try:
                await self.view.cancel_order(order_id=order.order_id)
                self.journal.append(
                    probe.Cancelled(venue=self.venue, instrument=self.instrument, order_id=order.order_id)
                )
            except Exception as error:
                why = _why(error)
            if order.order_id not in {each.order_id for each in await self._open()}:
                return ""
        return why

    async def _open(self) -> Sequence[Order]:
        return await _tried(lambda: self.view.fetch_open_orders(self.instrument))

    async def _state_after(self) -> tuple[Decimal | None, dict[str, Order]]:
        """The state, asked for again while it is not what it was, for queries may lag behind."""
        for number in range(TRIES):
            await asyncio.sleep(0.1 * number)
            if self.max_notional is None or await self.view.position(self.instrument) == self._position:
                break
        return await self._state("after")

    async def _state(self, at: Literal["before", "after"]) -> tuple[Decimal | None, dict[str, Order]]:
        position = await _tried(lambda: self.view.position(self.instrument))
        orders = {order.order_id: order for order in await self._open()}
        state = probe.State(
            venue=self.venue,
            instrument=self.instrument,
            at=at,
            armed=self.max_notional is not None,
            position=position,
            open_orders=tuple(orders),
        )
        try:
            self.journal.append(state)
        except RecordError:  # a full disk ends a run, and must not hide how the venue was left
            if at == "before":
                raise
        return position, orders

    def _named(self) -> str:
        names = [name for name, order in self._own.items() if not order.status.is_final]
        return f"; client order ids that may be open: {', '.join(names)}" if names else ""


async def _tried(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """The answer, asked for a few times if need be; raises the last error."""
    for number in range(1, TRIES):
        try:
            return await ask()
        except Exception:
            await asyncio.sleep(0.1 * number)
    return await ask()


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return "no answer in time"
    return str(error) or type(error).__name__


def _signed(side: Side, size: Decimal) -> Decimal:
    return size if side is Side.BUY else -size


def _shown(order: Order) -> str:
    price = "market" if order.limit_price is None else plain(order.limit_price)
    return f"order {order.order_id} ({order.side} {plain(order.remaining)} {order.instrument} at {price})"
