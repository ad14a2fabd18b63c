"""Whose turn it is at one price: where in the queue an order of a client stands."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from probes.market.order import ORDER_FLOW, Order

Turn = Callable[[Mapping[str, Order]], Iterable[Order]]
"""The orders that rest at one price, given oldest first by their ids, in the order in which they fill."""


class QueueModel(StrEnum):
    """What the time of an order is worth at a price."""

    FIFO = "fifo"  # first come, first filled
    RISK_AVERSE = "risk_averse"  # an order of a client fills when all that others have at its price is gone

    @property
    def turn(self) -> Turn:
        return _others_first if self is QueueModel.RISK_AVERSE else _oldest_first


def _oldest_first(orders: Mapping[str, Order]) -> Iterable[Order]:
    return orders.values()


def _others_first(orders: Mapping[str, Order]) -> Iterable[Order]:
    return sorted(orders.values(), key=lambda order: order.account != ORDER_FLOW)
