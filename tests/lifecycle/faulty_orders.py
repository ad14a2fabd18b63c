"""Clients with one defect each in what they do with orders, positions and money."""

from contextlib import suppress
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from typing import Any

from probes.client import OrderRequest
from probes.failures import ClientError, RefusedError
from probes.market.order import ZERO, Order, Side, Status, TimeInForce
from probes.venues.grvt.client import GrvtClient


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
        with suppress(ClientError):
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
            return acknowledged(request, Status.PENDING)


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


def acknowledged(request: OrderRequest, status: Status) -> Order:
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
