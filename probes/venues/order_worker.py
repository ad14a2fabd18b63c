"""Works an order with one child order after the other, near the touch, for any reference client.

What it holds, whatever the venue answers: the BBO is fetched anew for each child; one child at a time,
never larger than what remains; its final state comes from the venue before the next goes out; a child
whose acknowledgement was lost is looked for by its client order id; and on the way out, by an error or
by cancellation too, the child that may be open is cancelled.
"""

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Protocol

from probes.client import Claim, OrderPlan, OrderRequest
from probes.failures import (
    ClientError,
    NoAnswerError,
    NotAllowedError,
    RefusedError,
    UnreachableError,
)
from probes.market.order import ZERO, Instrument, Order, Quote, Side, Status

_BPS = Decimal(10_000)
_LAST_TRIES = 3  # to end a child on the way out
_LAST_S = 20.0  # for all of them, for nothing can break them off
REJECT_REASON = "reject_reason"  # the tag of an order that holds the venue's own word


class OrderClient(Protocol):
    """What a worker of orders asks of a client. Failures are a `probes.failures.ClientError`."""

    def new_client_order_id(self) -> str: ...

    async def fetch_instrument(self, instrument: str) -> Instrument: ...

    async def fetch_bbo(self, instrument: str) -> Quote: ...

    async def create_order(self, request: OrderRequest) -> Order: ...

    async def cancel_order(self, *, client_order_id: str, block_ms: int = 0) -> None: ...

    async def fetch_order(self, *, client_order_id: str) -> Order | None: ...

    async def fetch_order_history(self, instrument: str) -> Sequence[Order]: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How patiently an order is worked. All that is counted is counted in requests, not in time, so that
    a simulated run repeats itself.
    """

    poll_s: float = 0.1  # between two looks at the same thing
    looks: int = 5  # at a child before it is cancelled; at its state after each cancel
    cancels: int = 6  # of one child before it counts as unresolved
    unknown: int = 10  # times that the venue does not know a child before it counts as never sent
    quotes: int = 3  # BBOs asked for before one that cannot be traded on ends the order
    refusals: int = 3  # of children in a row before the order ends
    quote_age_s: float = 5.0  # a BBO older than this is not traded on
    child_lifetime_s: float = 120.0  # the venue ends a child by itself after this


class _GiveUp(Exception):  # noqa: N818 - the reason of a claim, not an error
    """The order cannot go on; the text is the reason."""


@dataclass(slots=True)
class _Child:
    client_order_id: str
    size: Decimal
    seen: bool = False  # the venue has shown that it knows it
    unknown: int = 0  # how often the venue said that it knows no such order


async def work(client: OrderClient, plan: OrderPlan, pace: Pace, block_ms: int = 0) -> Claim:
    """Work `plan` to its end, good or bad. Failures of the venue end in the claim, not in an exception.

    `block_ms` is how long the venue lets a cancel stop an order that is still on its way, if it does.
    """
    run = _Run(client, plan, pace, block_ms)
    reason = ""
    try:
        await run.work()
    except (_GiveUp, ClientError) as error:
        reason = str(error)
    finally:
        left = await _to_its_end(run.leave_nothing_open())
    return run.claim("; ".join(text for text in (reason, left) if text))


async def _to_its_end(clean_up: Coroutine[None, None, str]) -> str:
    """Await `clean_up` even while this task is being cancelled; then pass the cancellation on."""
    task = asyncio.ensure_future(clean_up)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return task.result()


class _Run:
    def __init__(self, client: OrderClient, plan: OrderPlan, pace: Pace, block_ms: int) -> None:
        self._client = client
        self._plan = plan
        self._pace = pace
        self._block_ms = block_ms
        self._filled = ZERO
        self._notional = ZERO
        self._children = 0
        self._steps = 0  # ticks that the price has moved towards the market
        self._arrival_mid: Decimal | None = None
        self._open: _Child | None = None

    def claim(self, reason: str) -> Claim:
        success = self._filled == self._plan.size and self._open is None
        average = self._notional / self._filled if self._filled else None
        return Claim(success, self._filled, average, self._children, "" if success else reason)

    async def work(self) -> None:
        plan = self._plan
        instrument = await self._client.fetch_instrument(plan.instrument)
        _check(plan, instrument)
        refusals = 0
        while self._filled < plan.size:
            if self._children == plan.max_iterations:
                raise _GiveUp(
                    f"{_text(self._filled)} of {_text(plan.size)} filled in {self._children} iterations"
                )
            remaining = plan.size - self._filled
            if remaining < instrument.min_size:
                raise _GiveUp(
                    f"the remaining {_text(remaining)} is below the minimum size {instrument.min_size}"
                )
            price = self._price(await self._bbo(), instrument)
            refusal = await self._work_child(remaining, price)
            refusals = refusals + 1 if refusal else 0
            if refusals == self._pace.refusals:
                raise _GiveUp(f"{refusals} orders in a row were refused: {refusal}")
            if not refusal:
                self._steps += 1

    async def leave_nothing_open(self) -> str:
        """End the child that may be open; what could not be done, as a reason."""
        if self._open is None:
            return ""
        name, wrong = self._open.client_order_id, ""
        try:
            async with asyncio.timeout(_LAST_S):
                for _ in range(_LAST_TRIES):
                    try:
                        await self._end(self._open)
                    except (_GiveUp, ClientError) as error:
                        wrong = str(error)
                    else:
                        return ""
        except TimeoutError:
            wrong = wrong or f"no answer within {_LAST_S:.0f} s"
        return f"the order with client order id {name} may be open or filled: {wrong}"

    async def _bbo(self) -> Quote:
        """A BBO that can be traded on."""
        wrong = ""
        for look in range(self._pace.quotes):
            if look:
                await asyncio.sleep(self._pace.poll_s)
            quote = await self._client.fetch_bbo(self._plan.instrument)
            wrong = unfit(quote, time.time_ns(), self._pace.quote_age_s)
            if not wrong:
                return quote
        raise _GiveUp(f"no BBO to trade on: {wrong}")

    def _price(self, quote: Quote, instrument: Instrument) -> Decimal:
        """One tick better than the touch, moved by the steps so far, within the slippage from arrival mid."""
        plan = self._plan
        bid, ask, mid = quote.bid_price, quote.ask_price, quote.mid
        assert bid is not None
        assert ask is not None
        assert mid is not None
        if self._arrival_mid is None:
            self._arrival_mid = mid
        slippage = self._arrival_mid * plan.max_slippage_bps / _BPS
        towards = (self._steps - 1) * plan.tick_size
        if plan.side is Side.BUY:
            ticks = ((self._arrival_mid + slippage) / instrument.tick_size).to_integral_value(ROUND_FLOOR)
            return min(ask + towards, ticks * instrument.tick_size)
        ticks = ((self._arrival_mid - slippage) / instrument.tick_size).to_integral_value(ROUND_CEILING)
        return max(bid - towards, ticks * instrument.tick_size)

    async def _work_child(self, size: Decimal, price: Decimal) -> str:
        """Send a child, look at it, end it. Returns why it was refused, or nothing."""
        plan, pace = self._plan, self._pace
        name = self._client.new_client_order_id()
        lifetime_s = pace.child_lifetime_s
        request = OrderRequest(plan.instrument, plan.side, size, price, name, expires_in_s=lifetime_s)
        child = self._open = _Child(name, size)
        self._children += 1
        report: Order | None = None
        try:
            report = await self._client.create_order(request)
            child.seen = True
        except RefusedError as error:
            if error.is_definite:
                self._open = None
                return str(error)
        except (NotAllowedError, UnreachableError):
            self._open = None  # it was not sent
            raise
        except NoAnswerError:
            pass
        for _ in range(pace.looks if child.seen else 0):
            if report is not None and report.status.is_final:
                break
            await asyncio.sleep(pace.poll_s)
            report = await self._look(child) or report
        report = await self._end(child, report)
        if report is None:
            return "an order got no answer, and the venue does not know it"
        return (
            f"rejected, {report.tags.get(REJECT_REASON, report.reason)}"
            if report.status is Status.REJECTED
            else ""
        )

    async def _end(self, child: _Child, report: Order | None = None) -> Order | None:
        """Cancel until the venue shows the final state, and count its fills. None: it never was an order."""
        for _ in range(self._pace.cancels):
            if report is None or not report.status.is_final:
                report = await self._cancel(child)
            if report is not None and report.status.is_final:
                self._settle(child, report)
                return report
            if not child.seen and child.unknown >= self._pace.unknown:
                self._open = None  # stopped and asked for, again and again: the venue never had it
                return None
        raise _GiveUp(f"the state of the order with client order id {child.client_order_id} is not known")

    async def _cancel(self, child: _Child) -> Order | None:
        """Cancel once, then look for the final state. Whatever becomes of the cancel, the state tells."""
        block_ms = 0 if child.seen else self._block_ms
        with contextlib.suppress(RefusedError, NoAnswerError):
            await self._client.cancel_order(client_order_id=child.client_order_id, block_ms=block_ms)
        report: Order | None = None
        for _ in range(self._pace.looks):
            report = await self._look(child) or report
            if report is not None and report.status.is_final:
                break
            await asyncio.sleep(self._pace.poll_s)
        return report

    async def _look(self, child: _Child) -> Order | None:
        """The child as the venue shows it; by the history where a query finds only open orders.

        A question that fails tells nothing: neither that the child is there nor that it is not.
        """
        try:
            report = await self._client.fetch_order(client_order_id=child.client_order_id)
            if report is None:
                history = await self._client.fetch_order_history(self._plan.instrument)
                found = (each for each in history if each.client_order_id == child.client_order_id)
                report = next(found, None)
        except (RefusedError, NoAnswerError):
            return None
        if report is None:
            child.unknown += 1
        else:
            child.seen = True
        return report

    def _settle(self, child: _Child, report: Order) -> None:
        self._open = None
        self._filled += report.filled
        self._notional += report.filled_notional


def unfit(quote: Quote, now_ns: int, oldest_s: float) -> str:
    """Why this BBO cannot be traded on, or nothing."""
    if quote.bid_price is None or quote.ask_price is None:
        sides = [
            side for side, price in (("bid", quote.bid_price), ("ask", quote.ask_price)) if price is None
        ]
        return f"it has no {' and no '.join(sides)}"
    if quote.bid_price >= quote.ask_price:
        return f"it is crossed: bid {_text(quote.bid_price)}, ask {_text(quote.ask_price)}"
    age_s = (now_ns - quote.utc_ns) / 1e9
    if age_s > oldest_s:
        return f"it is {age_s:.1f} s old"
    if age_s < -oldest_s:
        return f"its stamp is {-age_s:.1f} s in the future: the clocks differ"
    return ""


def _check(plan: OrderPlan, instrument: Instrument) -> None:
    if plan.size < instrument.min_size or plan.size % instrument.min_size:
        raise _GiveUp(f"size {_text(plan.size)} is not a multiple of the minimum size {instrument.min_size}")
    if plan.tick_size <= 0 or plan.tick_size % instrument.tick_size:
        raise _GiveUp(
            f"tick {_text(plan.tick_size)} is not a multiple of the tick size {instrument.tick_size}"
        )


def _text(number: Decimal) -> str:
    return format(number.normalize(), "f")
