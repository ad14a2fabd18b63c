"""Why a venue does not accept an order."""

from collections.abc import Callable
from decimal import Decimal

from probes.market.account import Account, Holding
from probes.market.order import BUY, ZERO, Instrument, Order, Reason, TimeInForce

_HIGHEST_PRICE = Decimal(10) ** 12
"""Beyond it, the remainder of a division by the tick no longer fits the precision of Decimal."""


def malformed(instrument: Instrument, order: Order) -> Reason | None:
    """What the instrument alone forbids."""
    size, price = order.size, order.limit_price
    if not size.is_finite() or size < instrument.min_size:
        return Reason.SIZE_TOO_SMALL
    if size > instrument.max_position:
        return Reason.SIZE_TOO_LARGE
    if size % instrument.size_step:
        return Reason.SIZE_OFF_STEP
    if price is not None and (
        not price.is_finite() or not 0 < price <= _HIGHEST_PRICE or price % instrument.tick_size
    ):
        return Reason.PRICE_OFF_TICK
    if order.post_only and (price is None or order.time_in_force is not TimeInForce.GOOD_TILL_TIME):
        return Reason.POST_ONLY_NEEDS_REST
    return None


def beyond_limits(
    account: Account, held: Holding, instrument: Instrument, order: Order, mark: Callable[[str], Decimal]
) -> Reason | None:
    """What the position and the cash of the account forbid: reduce-only, position limit, margin.

    Margin is for the worst that open orders can lead to, and only asked of an order that adds to it; fees
    are not part of it.
    """
    if order.reduce_only:
        room = held.reducible(order.side)
        if not held.size:
            return Reason.REDUCE_ONLY_NO_POSITION
        if not room:
            return Reason.REDUCE_ONLY_WOULD_INCREASE
        may_rest = order.limit_price is not None and order.time_in_force is TimeInForce.GOOD_TILL_TIME
        if may_rest and order.size + held.resting_reduce_only() > room:
            return Reason.REDUCE_ONLY_TOO_LARGE
        return None
    before = held.exposure()
    buys, sells = (order.size, ZERO) if order.side is BUY else (ZERO, order.size)
    after = held.exposure(buys, sells)
    if after <= before:
        return None
    if after > instrument.max_position:
        return Reason.SIZE_TOO_LARGE
    price = mark(instrument.name)
    if order.limit_price is not None:
        price = max(price, order.limit_price)
    needed = account.initial_margin(mark) + held.margin(after - before, price)
    return Reason.MARGIN if account.cash + account.unrealized_pnl(mark) < needed else None
