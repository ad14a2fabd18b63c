"""Clients with one defect each in what they tell of an account, or do when answers are lost."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

from probes.client import OrderRequest
from probes.failures import ClientError, NoAnswerError, RefusedError
from probes.market.order import ZERO, Fill, Order, Side, Status
from probes.venues.grvt.client import GrvtClient
from tests.lifecycle.faulty_orders import acknowledged
from tests.lifecycle.hasty import Hasty


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
        except ClientError:
            return ZERO


class FailureReadsAsNoOrders(Hasty):
    async def fetch_open_orders(self, instrument: str | None = None) -> Sequence[Order]:
        try:
            return await super().fetch_open_orders(instrument)
        except ClientError:
            return []


class DoublesSizes(GrvtClient):
    """Asked by order id, it answers in another unit."""

    async def fetch_order(self, **ids: Any) -> Order | None:
        order = await super().fetch_order(**ids)
        return replace(order, size=2 * order.size) if order and ids.get("order_id") else order


class PositionIsLatestFill(GrvtClient):
    async def position(self, instrument: str) -> Decimal:
        fills = await super().fetch_fills(instrument)
        if not fills:
            return ZERO
        return fills[0].size if fills[0].side is Side.BUY else -fills[0].size


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
        return acknowledged(request, Status.PENDING)


class LostIsFilled(Hasty):
    async def create_order(self, request: OrderRequest) -> Order:
        payload = {"order": await self._signed(request)}
        try:
            await self._rest.trading("create_order", payload, repeat=False)
        except (NoAnswerError, RefusedError):
            return acknowledged(request, Status.FILLED)
        return acknowledged(request, Status.PENDING)


class NoNewSession(Hasty):
    """An order in a session that has ended fails for good."""

    async def create_order(self, request: OrderRequest) -> Order:
        session = await self._rest.session()
        payload = {"order": await self._signed(request)}
        url = f"{self.environment.trades}/full/v1/create_order"
        await self._rest._post("create_order", url, payload, session.headers())
        return acknowledged(request, Status.PENDING)


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


class FailedCancelIsOpen(Hasty):
    """Takes an order for open when the answer to its cancel was lost."""

    open: frozenset[str] = frozenset()

    async def cancel_order(self, **ids: Any) -> None:
        try:
            await self._rest.trading("cancel_order", self._id(ids.get("order_id"), ids["client_order_id"]))
        except NoAnswerError:
            self.open |= {ids["client_order_id"]}
            raise

    async def fetch_order(self, **ids: Any) -> Order | None:
        order = await super().fetch_order(**ids)
        return replace(order, status=Status.OPEN) if order and order.client_order_id in self.open else order


class FailedCancelIsDone(Hasty):
    """Takes a cancel for done when its answer was lost."""

    async def cancel_order(self, **ids: Any) -> None:
        with suppress(NoAnswerError):
            await self._rest.trading("cancel_order", self._id(ids.get("order_id"), ids["client_order_id"]))
