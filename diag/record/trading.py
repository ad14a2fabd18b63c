"""The words of trading that a record, the market of a simulator and the clients of venues share."""

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Which way an order or a fill goes; of a fill, as seen by its account."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> "Side":
        return SELL if self is BUY else BUY


# For inner loops: up to Python 3.11, looking a member up in its class takes longer than the rest of a line.
BUY, SELL = Side.BUY, Side.SELL


class TimeInForce(StrEnum):
    """What becomes of the part of an order that does not trade at once."""

    GOOD_TILL_TIME = "GTT"
    IMMEDIATE_OR_CANCEL = "IOC"
    FILL_OR_KILL = "FOK"
    ALL_OR_NONE = "AON"


class Status(StrEnum):
    """Where an order stands: acknowledged and not in the book yet, in the book, or at one of three ends."""

    PENDING = "pending"
    OPEN = "open"
    FILLED = "filled"
    REJECTED = "rejected"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in (Status.FILLED, Status.REJECTED, Status.CANCELLED)


class Reason(StrEnum):
    """Why an order was refused, rejected or cancelled; a venue maps each to its own code."""

    UNKNOWN_INSTRUMENT = "unknown instrument"
    UNKNOWN_ACCOUNT = "unknown account"
    PRICE_OFF_TICK = "price is not a multiple of the tick"
    PRICE_MISSING = "limit order without a price"
    PRICE_ON_MARKET_ORDER = "market order with a price"
    SIZE_TOO_SMALL = "size below the minimum"
    SIZE_TOO_LARGE = "position would exceed the maximum"
    SIZE_OFF_STEP = "size is not a multiple of the step"
    DUPLICATE_CLIENT_ORDER_ID = "client order id is in use"
    UNKNOWN_ORDER = "no such order"
    ORDER_IS_FINAL = "order has ended"
    POST_ONLY_WOULD_CROSS = "post-only order would take"
    POST_ONLY_NEEDS_REST = "post-only with a time in force that never rests"
    REDUCE_ONLY_NO_POSITION = "reduce-only order without a position"
    REDUCE_ONLY_WOULD_INCREASE = "reduce-only order would increase the position"
    REDUCE_ONLY_TOO_LARGE = "reduce-only orders would together exceed the position"
    REDUCE_ONLY_LIMIT = "remainder of a reduce-only order that exceeds the position"
    TOO_MANY_ORDERS = "too many open orders"
    MARGIN = "not enough margin"
    NO_LIQUIDITY = "nothing to trade against"
    IOC_REMAINDER = "remainder of an immediate-or-cancel order"
    FOK_UNFILLABLE = "fill-or-kill order could not fill whole"
    AON_UNFILLABLE = "all-or-none order could not fill whole"
    MARKET_REMAINDER = "remainder of a market order"
    SELF_TRADE = "would trade with an own order"
    EXPIRED = "time in force is over"
    BY_CLIENT = "cancelled by the client"
    HALTED = "trading is halted"
    LIQUIDATED = "the account is liquidated"
    BY_SCENARIO = "rejected by the scenario"


class Origin(StrEnum):
    """Where the cause of a refusal lies."""

    CLIENT = "client"  # a correct client would not have sent it
    VENUE = "venue"  # the venue could not do what it should
    MARKET = "market"  # prices, liquidity or trading hours; nobody's mistake


@dataclass(frozen=True, slots=True)
class Refusal:
    """What one code of a venue says, in the venue's own words."""

    origin: Origin
    meaning: str
