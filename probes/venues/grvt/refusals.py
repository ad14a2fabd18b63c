"""Whose making a refusal of GRVT is: error codes, and the reasons with which orders end.

What the description leaves open counts as the venue's, so that no client is blamed for it.
"""

from collections.abc import Mapping

from diag.record.trading import Origin, Refusal
from probes.venues.grvt.errors import ERRORS

# Halted or delisted instruments, socialized loss, assets in reduce-only mode.
_MARKET = frozenset((2060, 2453, 7004, 7304))
# Checks that the description does not explain, features that are switched off, and internal errors.
_VENUE = frozenset((1005, 1009, 2082, 2084, 2242, 2300, 4002))

_REASONS = {
    "INSTRUMENT_INVALID": (Origin.CLIENT, "the instrument does not exist"),
    "MARKET_ORDER_WITH_LIMIT_PRICE": (Origin.CLIENT, "a market order with a limit price"),
    "EXCEED_MAX_POSITION_SIZE": (Origin.CLIENT, "the position would exceed its maximum"),
    "OVERLAPPING_CLIENT_ORDER_ID": (Origin.CLIENT, "the client order id is in use"),
    "FAIL_POST_ONLY": (Origin.MARKET, "a post-only order that would have taken"),
    "FAIL_REDUCE_ONLY": (Origin.CLIENT, "a reduce-only order that would have increased the position"),
    "REDUCE_ONLY_LIMIT": (Origin.CLIENT, "the rest of a reduce-only order beyond the position"),
    "AON_CANCEL": (Origin.MARKET, "an all-or-none order that could not fill whole"),
    "BELOW_MARGIN": (Origin.CLIENT, "not enough margin"),
    "MARKET_CANCEL": (Origin.MARKET, "the rest of a market order that found nothing to trade against"),
    "IOC_CANCEL": (Origin.MARKET, "the rest of an immediate-or-cancel order"),
    "FOK_CANCEL": (Origin.MARKET, "a fill-or-kill order that could not fill whole"),
    "SELF_TRADE_PROTECTION": (Origin.CLIENT, "it would have traded with an own order"),
    "EXPIRED": (Origin.CLIENT, "its time in force is over"),
    "CLIENT_CANCEL": (Origin.CLIENT, "cancelled by the client"),
    "INSTRUMENT_DEACTIVATED": (Origin.MARKET, "the instrument is not traded"),
    "LIQUIDATION": (Origin.VENUE, "the venue closed the position"),
    "SYSTEM_FAILOVER": (Origin.VENUE, "the venue went over to another system"),
}


def _origin(code: int, status: int) -> Origin:
    if code in _MARKET:
        return Origin.MARKET
    return Origin.VENUE if code in _VENUE or status >= 500 else Origin.CLIENT


REFUSALS: Mapping[str, Refusal] = {
    **{str(code): Refusal(_origin(code, status), message) for code, (message, status) in ERRORS.items()},
    **{reason: Refusal(origin, meaning) for reason, (origin, meaning) in _REASONS.items()},
}
