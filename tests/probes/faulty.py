"""Clients with the faults that real ones have. Each talks to the simulated venue over real sockets."""

import asyncio
import contextlib
from decimal import Decimal

from probes.client import Claim, OrderPlan, OrderRequest
from probes.failures import ClientError
from probes.market.order import ZERO, Order, Quote, Side, Status, TimeInForce
from probes.venues.grvt.client import GrvtClient
from probes.venues.order_worker import Pace


class Simple(GrvtClient):
    """Works an order one child at a time, each until it has had its chance and is cancelled. No faults."""

    def __init__(self, environment, credentials, **options) -> None:
        super().__init__(environment, credentials, seed=7, pace=Pace(poll_s=0.001), **options)

    async def work_order(self, plan: OrderPlan) -> Claim:
        filled = notional = ZERO
        for step in range(plan.max_iterations):
            order = await self.child(plan, plan.size - filled, step)
            filled += self.seen(order)
            notional += self.seen(order) * (order.average_price or ZERO)
            if filled >= plan.size:
                break
        return self.claim(plan, filled, notional / filled if filled else None)

    def claim(self, plan: OrderPlan, filled: Decimal, average: Decimal | None) -> Claim:
        return Claim(filled == plan.size, filled, average, 0, "" if filled == plan.size else "not all filled")

    def seen(self, order: Order) -> Decimal:
        return order.filled

    async def price(self, plan: OrderPlan, step: int) -> Decimal | None:
        quote = await self.fetch_bbo(plan.instrument)
        assert quote.ask_price is not None
        assert quote.bid_price is not None
        move = (step - 1) * plan.tick_size
        return quote.ask_price + move if plan.side is Side.BUY else quote.bid_price - move

    async def send(self, plan: OrderPlan, size: Decimal, price: Decimal | None) -> str:
        name = self.new_client_order_id()
        await self.create_order(OrderRequest(plan.instrument, plan.side, size, price, name))
        return name

    async def ended(self, name: str) -> Order:
        """The order, cancelled if it was still open."""
        for _ in range(4):  # each look is a step of the market
            order = await self.fetch_order(client_order_id=name)
            assert order is not None
            if order.status.is_final:
                return order
        with contextlib.suppress(ClientError):
            await self.cancel_order(client_order_id=name)
        order = await self.fetch_order(client_order_id=name)
        assert order is not None
        return order

    async def child(self, plan: OrderPlan, size: Decimal, step: int) -> Order:
        return await self.ended(await self.send(plan, size, await self.price(plan, step)))


class SeesZero(Simple):
    """Reads every fill as zero, so that it orders the whole size again and again."""

    def seen(self, order: Order) -> Decimal:
        return ZERO


class TenDollars(Simple):
    """Takes a count of ticks for a price step: 10 USD a step."""

    async def price(self, plan: OrderPlan, step: int) -> Decimal | None:
        quote = await self.fetch_bbo(plan.instrument)
        assert quote.ask_price is not None
        return quote.ask_price - 20 + 10 * step


class OnlyFilled(Simple):
    """Counts an order only if it filled whole; what filled in part before the cancel is lost."""

    def seen(self, order: Order) -> Decimal:
        return order.filled if order.status is Status.FILLED else ZERO


class LeavesOpen(Simple):
    """Gives up without cancelling."""

    async def work_order(self, plan: OrderPlan) -> Claim:
        quote = await self.fetch_bbo(plan.instrument)
        assert quote.bid_price is not None
        await self.send(plan, plan.size, quote.bid_price - plan.tick_size)
        return Claim(False, ZERO, None, 1, "not filled")


class SuccessOnReject(Simple):
    """Takes the acknowledgement for the fill, and the error for an acknowledgement."""

    async def work_order(self, plan: OrderPlan) -> Claim:
        price = await self.price(plan, 1)
        with contextlib.suppress(ClientError):
            await self.send(plan, plan.size, price)
        return Claim(True, plan.size, price, 1)


class StaleBbo(Simple):
    """Reads the BBO once and works from that."""

    first: Decimal | None = None

    async def price(self, plan: OrderPlan, step: int) -> Decimal | None:
        if self.first is None:
            self.first = await super().price(plan, 0)
        assert self.first is not None
        return self.first + step * plan.tick_size


class AwaitsPlain(Simple):
    """The seed's bug: awaits a plain call, hides the TypeError, and falls back to a market order."""

    def plain_ticker(self, instrument: str) -> dict[str, str]:
        return {"best_bid_price": "3000.0", "best_ask_price": "3000.1"}

    async def fetch_bbo(self, instrument: str) -> Quote:
        return await self.plain_ticker(instrument)  # type: ignore[misc]

    async def price(self, plan: OrderPlan, step: int) -> Decimal | None:
        try:
            return await super().price(plan, step)
        except Exception:
            return None


class Fallthrough(AwaitsPlain):
    """As before, but nothing hides the error: it leaves the client."""

    async def price(self, plan: OrderPlan, step: int) -> Decimal | None:
        return await Simple.price(self, plan, step)


class TwoAtOnce(Simple):
    """Sends the next child before the last one has ended. Nothing over-fills, by luck alone."""

    async def work_order(self, plan: OrderPlan) -> Claim:
        quote = await self.fetch_bbo(plan.instrument)
        assert quote.bid_price is not None
        resting = await self.send(plan, plan.size, quote.bid_price - 5 * plan.tick_size)
        order = await self.child(plan, plan.size, 1)
        await self.ended(resting)
        return self.claim(plan, order.filled, order.average_price)


class WrongAverage(Simple):
    """Reports the limit price of its last child as the average."""

    def claim(self, plan: OrderPlan, filled: Decimal, average: Decimal | None) -> Claim:
        return super().claim(plan, filled, None if average is None else average + 1)


class Chases(Simple):
    """Pays whatever it takes: limits far through the market."""

    async def price(self, plan: OrderPlan, step: int) -> Decimal | None:
        quote = await self.fetch_bbo(plan.instrument)
        assert quote.ask_price is not None
        return quote.ask_price + 30


class NeverEnds(Simple):
    """Goes on and on with small bites."""

    async def work_order(self, plan: OrderPlan) -> Claim:
        filled = ZERO
        for _ in range(25):
            order = await self.child(plan, Decimal("0.02"), 1)
            filled += order.filled
        return self.claim(plan, filled, order.average_price)


class Hangs(Simple):
    """Never comes back, with an order open."""

    async def work_order(self, plan: OrderPlan) -> Claim:
        quote = await self.fetch_bbo(plan.instrument)
        assert quote.bid_price is not None
        await self.send(plan, plan.size, quote.bid_price - plan.tick_size)
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


class Careless(Simple):
    """Sells when it should buy."""

    async def send(self, plan: OrderPlan, size: Decimal, price: Decimal | None) -> str:
        name = self.new_client_order_id()
        request = OrderRequest(
            plan.instrument, plan.side.opposite, size, None, name, TimeInForce.IMMEDIATE_OR_CANCEL
        )
        await self.create_order(request)
        return name


class Hedges(Simple):
    """Also trades what nobody asked for."""

    async def work_order(self, plan: OrderPlan) -> Claim:
        other = OrderRequest("BTC_USDT_Perp", Side.SELL, Decimal("0.01"), None, self.new_client_order_id())
        await self.create_order(other)
        return await super().work_order(plan)


class Feints(Simple):
    """Begins with an order to the wrong side, and takes it back."""

    async def work_order(self, plan: OrderPlan) -> Claim:
        quote = await self.fetch_bbo(plan.instrument)
        assert quote.ask_price is not None
        name = self.new_client_order_id()
        await self.create_order(
            OrderRequest(plan.instrument, Side.SELL, plan.size, quote.ask_price + 1, name)
        )
        await self.ended(name)
        return await super().work_order(plan)


class Forgets(Simple):
    """Sends the order once more in a task that nobody awaits, and reports before it has gone out."""

    async def work_order(self, plan: OrderPlan) -> Claim:
        claim = await super().work_order(plan)
        quote = await self.fetch_bbo(plan.instrument)
        self.forgotten = asyncio.ensure_future(self.send(plan, plan.size, quote.ask_price))
        return claim


class OldQuotes(Simple):
    """Hands out the first BBO for ever."""

    kept: Quote | None = None

    async def fetch_bbo(self, instrument: str) -> Quote:
        if self.kept is None:
            self.kept = await super().fetch_bbo(instrument)
        await super().fetch_bbo(instrument)
        return self.kept


class MadeUp(Simple):
    """Rounds prices to what is nice to read."""

    async def fetch_bbo(self, instrument: str) -> Quote:
        quote = await super().fetch_bbo(instrument)
        assert quote.bid_price is not None
        assert quote.ask_price is not None
        bid, ask = quote.bid_price + Decimal("0.003"), quote.ask_price + Decimal("0.003")
        return Quote(instrument, bid, quote.bid_size, ask, ZERO, quote.utc_ns)
