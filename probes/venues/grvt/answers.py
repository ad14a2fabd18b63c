"""What GRVT answers, as the nouns of the market. What is not as described is a BadAnswerError."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from probes.client import Book, Candle, Trade
from probes.failures import BadAnswerError
from probes.market.order import ZERO, Fill, Instrument, Level, Order, Quote, Side, Status
from probes.venues.grvt.errors import REJECT_REASONS
from probes.venues.grvt.signing import Asset
from probes.venues.grvt.wire import TIME_IN_FORCE
from probes.venues.order_worker import REJECT_REASON

Json = Mapping[str, Any]
P = ParamSpec("P")
T = TypeVar("T")


_NOT_LISTED = Decimal("NaN")  # fees and margin belong to the account, not to the listing
_REASONS = {name: reason for reason, name in REJECT_REASONS.items()}


@dataclass(frozen=True, slots=True)
class Listed:
    """An instrument with what its orders are signed with. Its fees and margin are NaN: not known."""

    instrument: Instrument
    asset: Asset


def _reads(what: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Tell any defect of the JSON in one line."""

    def decorate(read: Callable[P, T]) -> Callable[P, T]:
        @wraps(read)
        def checked(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return read(*args, **kwargs)
            except KeyError as error:
                raise BadAnswerError(f"{what} without {error}") from None
            except (TypeError, ValueError, IndexError, AttributeError, DecimalException) as error:
                raise BadAnswerError(
                    f"{what} that is not as described: {type(error).__name__} {error}"
                ) from None

        return checked

    return decorate


def _number(value: object) -> Decimal:
    """The venue writes numbers as strings; NaN and the like are none."""
    number = Decimal(value) if isinstance(value, (str, int)) else None
    if number is None or not number.is_finite():
        raise ValueError(f"{str(value)[:40]!r} is not a number")
    return number


@_reads("an instrument")
def read_instrument(answer: Json) -> Listed:
    """An instrument as it is listed; fees and margin are of the account, so they are NaN here."""
    min_size = _number(answer["min_size"])
    instrument = Instrument(
        name=answer["instrument"],
        base=answer["base"],
        quote=answer["quote"],
        tick_size=_number(answer["tick_size"]),
        min_size=min_size,
        size_step=min_size,  # the venue lists no other granularity
        max_position=_number(answer["max_position_size"])
        if answer.get("max_position_size")
        else Decimal("Infinity"),
        maker_fee_bps=_NOT_LISTED,
        taker_fee_bps=_NOT_LISTED,
        initial_margin_bps=_NOT_LISTED,
    )
    return Listed(instrument, Asset.of(answer))


@_reads("an order")
def read_order(answer: Json) -> Order:
    """An order with its state. Times are UTC nanoseconds."""
    (leg,) = answer["legs"]
    price = _number(leg.get("limit_price") or 0)
    order = Order(
        order_id=answer["order_id"],
        client_order_id=str(answer["metadata"]["client_order_id"]),
        account=str(answer["sub_account_id"]),
        instrument=leg["instrument"],
        side=Side.BUY if leg["is_buying_asset"] else Side.SELL,
        size=_number(leg["size"]),
        limit_price=None if answer.get("is_market") else price,
        time_in_force=TIME_IN_FORCE[answer["time_in_force"]],
        post_only=bool(answer.get("post_only")),
        reduce_only=bool(answer.get("reduce_only")),
        created_ns=int(answer["metadata"].get("create_time") or 0),
    )
    return _with_state(order, answer["state"])


@_reads("the state of an order")
def _with_state(order: Order, state: Json) -> Order:
    order.status = Status[state["status"]]
    order.filled = _number(state["traded_size"][0])
    order.filled_notional = order.filled * _number(state["avg_fill_price"][0]) if order.filled else ZERO
    order.updated_ns = int(state["update_time"])
    order.tags[REJECT_REASON] = state["reject_reason"]
    order.reason = _REASONS.get(state["reject_reason"])
    return order


@_reads("a fill")
def read_fill(answer: Json) -> Fill:
    """A fill of the own account; a negative fee is a rebate."""
    return Fill(
        fill_id=answer["trade_id"],
        order_id=answer["order_id"],
        client_order_id=str(answer["client_order_id"]),
        account=str(answer["sub_account_id"]),
        instrument=answer["instrument"],
        side=Side.BUY if answer["is_buyer"] else Side.SELL,
        price=_number(answer["price"]),
        size=_number(answer["size"]),
        fee=_number(answer["fee"]),
        is_taker=bool(answer["is_taker"]),
        utc_ns=int(answer["event_time"]),
    )


@_reads("a quote")
def read_quote(answer: Json) -> Quote:
    """The BBO in a ticker or mini ticker. A price that is absent or zero means that the side is empty."""
    bid, ask = (_number(answer.get(f"best_{side}_price") or 0) for side in ("bid", "ask"))
    return Quote(
        answer["instrument"],
        bid or None,
        _number(answer.get("best_bid_size") or 0),
        ask or None,
        _number(answer.get("best_ask_size") or 0),
        int(answer["event_time"]),
    )


@_reads("a book")
def read_book(answer: Json) -> Book:
    """A snapshot of the book, the best levels first."""
    bids, asks = (
        tuple(
            Level(_number(level["price"]), _number(level["size"]), int(level["num_orders"]))
            for level in answer[side]
        )
        for side in ("bids", "asks")
    )
    return Book(answer["instrument"], bids, asks, int(answer["event_time"]))


@_reads("a trade")
def read_trade(answer: Json) -> Trade:
    """A public trade, with the side of its taker."""
    return Trade(
        answer["trade_id"],
        answer["instrument"],
        Side.BUY if answer["is_taker_buyer"] else Side.SELL,
        _number(answer["price"]),
        _number(answer["size"]),
        int(answer["event_time"]),
    )


@_reads("a candle")
def read_candle(answer: Json) -> Candle:
    """A candle; the volume is in the base currency."""
    return Candle(
        instrument=answer["instrument"],
        open_ns=int(answer["open_time"]),
        close_ns=int(answer["close_time"]),
        open=_number(answer["open"]),
        high=_number(answer["high"]),
        low=_number(answer["low"]),
        close=_number(answer["close"]),
        volume=_number(answer["volume_b"]),
    )


@_reads("a position")
def read_position(answer: Json) -> tuple[str, Decimal]:
    """Instrument and signed size."""
    return str(answer["instrument"]), _number(answer["size"])


@_reads("an account summary")
def read_equity(answer: Json) -> Decimal:
    """Total equity in the settle currency."""
    return _number(answer["total_equity"])


def result(answer: Json, endpoint: str) -> Json:
    """The object in an answer."""
    found = answer.get("result")
    if not isinstance(found, dict):
        raise BadAnswerError(f"{endpoint}: an answer without a result")
    return found


def results(answer: Json, endpoint: str) -> list[Json]:
    """The list in an answer."""
    found = answer.get("result")
    if not isinstance(found, list):
        raise BadAnswerError(f"{endpoint}: an answer without a list of results")
    return found
