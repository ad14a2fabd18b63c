"""What an incoming order would trade, without touching anything.

The plan is made first and carried out afterwards, so that "all or nothing" needs no undoing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from probes.market.book import Book
from probes.market.order import ORDER_FLOW, ZERO, Order, Side


class SelfTrade(StrEnum):
    """What gives way when an order meets one of its own account (a venue may not say which)."""

    CANCEL_TAKER = "cancel taker"
    CANCEL_MAKER = "cancel maker"
    CANCEL_BOTH = "cancel both"


@dataclass(slots=True)
class Plan:
    """`trades` by priority; `own` the resting orders that self-trade prevention cancels.

    `stopped`: self-trade prevention ended the taker. `capped`: its position did, as it is reduce-only.
    """

    trades: list[tuple[Order, Decimal]] = field(default_factory=list)
    size: Decimal = ZERO
    own: list[Order] = field(default_factory=list)
    stopped: bool = False
    capped: bool = False


def plan(book: Book, taker: Order, policy: SelfTrade, reducible: Callable[[str, Side], Decimal]) -> Plan:
    """Match `taker` against the book. `reducible(account, side)` is by how much an order of that side
    could reduce the position of the account.
    """
    found = Plan()
    if not book.crosses(taker.side, taker.limit_price):
        return found
    wanted = taker.remaining
    if taker.reduce_only:
        wanted = min(wanted, reducible(taker.account, taker.side))
    may_trade = wanted
    for maker in book.makers(taker.side, taker.limit_price):
        if not wanted:
            break
        if maker.account == taker.account and maker.account != ORDER_FLOW:
            if policy is not SelfTrade.CANCEL_TAKER:
                found.own.append(maker)
            if policy is not SelfTrade.CANCEL_MAKER:
                found.stopped = True
                break
            continue
        size = min(wanted, maker.remaining)
        if maker.reduce_only:
            # Other orders of the same account may use the position up before it is this one's turn.
            used = sum((s for m, s in found.trades if m.account == maker.account), ZERO)
            size = min(size, reducible(maker.account, maker.side) - used)
            if size <= 0:
                continue
        found.trades.append((maker, size))
        found.size += size
        wanted -= size
    found.capped = not wanted and may_trade < taker.remaining
    return found
