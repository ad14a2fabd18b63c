"""What can be said of an order from its instrument alone."""

from decimal import Decimal

from probes.market.order import Instrument, Order, Reason, TimeInForce

_HIGHEST_PRICE = Decimal(10) ** 12
"""Beyond it, the remainder of a division by the tick no longer fits the precision of Decimal."""


def refusal(instrument: Instrument, order: Order) -> Reason | None:
    """Why a venue refuses this order whatever the book and the account are; None when it does not."""
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
