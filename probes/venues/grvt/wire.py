"""The nouns of the market as GRVT writes them: full field names, numbers in plain decimal strings.

Source: https://api-docs.grvt.io (Order, Fill, Positions, Trade, Ticker, OrderbookLevels).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson

from probes.market.order import ZERO, Fill, Level, Order, Quote, Side, TimeInForce
from probes.venues.grvt.errors import REJECT_REASONS

Json = dict[str, Any]

NO_ADDRESS = "0x" + "0" * 40

TIME_IN_FORCE: Mapping[str, TimeInForce] = {
    "GOOD_TILL_TIME": TimeInForce.GOOD_TILL_TIME,
    "IMMEDIATE_OR_CANCEL": TimeInForce.IMMEDIATE_OR_CANCEL,
    "FILL_OR_KILL": TimeInForce.FILL_OR_KILL,
    "ALL_OR_NONE": TimeInForce.ALL_OR_NONE,
}
_TIME_IN_FORCE_NAMES = {value: name for name, value in TIME_IN_FORCE.items()}

encode = orjson.dumps


def decode(data: str | bytes) -> object:
    """The JSON value of a text; ValueError when it is none, as with NaN, half of a surrogate, or depth."""
    value: object = orjson.loads(data)
    return value


@lru_cache(maxsize=8192)
def plain(value: Decimal) -> str:
    """`value` without an exponent; the venue's wire shows at least one decimal place."""
    text = format(value, "f")
    if "." not in text:
        return f"{text}.0"
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}"


def order_tags(signature: Json, metadata: Json, builder: str | None, builder_fee: str | None) -> Json:
    """What `order_json` needs beyond the order itself, for its `tags`: as the client sent it."""
    return {
        "signature": signature,
        "metadata": metadata,
        "builder": builder or NO_ADDRESS,
        "builder_fee": builder_fee or "0.0",
    }


LIQUIDATION_TAGS = order_tags(
    {
        "signer": NO_ADDRESS,
        "r": "0x" + "0" * 64,
        "s": "0x" + "0" * 64,
        "v": 27,
        "expiration": "0",
        "nonce": 0,
    },
    {"client_order_id": "0"},
    None,
    None,
)
"""Of an order that the venue itself places; nobody signed it."""


def order_json(order: Order) -> Json:
    """An Order as RPCs and the stream `v1.order` show it."""
    sent = order.tags
    return {
        "order_id": order.order_id,
        "sub_account_id": order.account,
        "is_market": order.limit_price is None,
        "time_in_force": _TIME_IN_FORCE_NAMES[order.time_in_force],
        "post_only": order.post_only,
        "reduce_only": order.reduce_only,
        "legs": [
            {
                "instrument": order.instrument,
                "size": plain(order.size),
                "limit_price": plain(order.limit_price or ZERO),
                "is_buying_asset": order.side is Side.BUY,
            }
        ],
        "signature": sent["signature"],
        "metadata": {**sent["metadata"], "create_time": str(order.created_ns)},
        "state": state_json(order),
        "builder": sent["builder"],
        "builder_fee": sent["builder_fee"],
    }


def state_json(order: Order) -> Json:
    """An OrderState. What no longer can trade has a book size of zero."""
    resting = ZERO if order.status.is_final else order.remaining
    return {
        "status": order.status.name,
        "reject_reason": REJECT_REASONS.get(order.reason, "UNSPECIFIED") if order.reason else "UNSPECIFIED",
        "book_size": [plain(resting)],
        "traded_size": [plain(order.filled)],
        "update_time": str(order.updated_ns),
        "avg_fill_price": [plain(rounded(order.average_price or ZERO))],
    }


def rounded(price: Decimal) -> Decimal:
    """A price with the nine decimals that the venue has."""
    return price.quantize(Decimal("1e-9"))


def levels_json(levels: Sequence[Level]) -> list[Json]:
    return [
        {"price": plain(level.price), "size": plain(level.size), "num_orders": level.orders}
        for level in levels
    ]


def quote_json(quote: Quote) -> Json:
    """The best prices of a ticker. A side that is empty shows zeros."""
    return {
        "mid_price": plain(quote.mid or ZERO),
        "best_bid_price": plain(quote.bid_price or ZERO),
        "best_bid_size": plain(quote.bid_size),
        "best_ask_price": plain(quote.ask_price or ZERO),
        "best_ask_size": plain(quote.ask_size),
    }


def trade_json(fill: Fill) -> Json:
    """A public Trade; `fill` is the taker's side of it."""
    return {
        "event_time": str(fill.utc_ns),
        "instrument": fill.instrument,
        "is_taker_buyer": fill.side is Side.BUY,
        "size": plain(fill.size),
        "price": plain(fill.price),
        "mark_price": plain(fill.mark_price),
        "index_price": plain(fill.mark_price),
        "interest_rate": "0.0",
        "forward_price": "0.0",
        "trade_id": fill.fill_id,
        "venue": "ORDERBOOK",
        "is_rpi": False,
    }


def fill_json(fill: Fill, order: Order | None, signer: str) -> Json:
    """A Fill of RPCs and of the stream `v1.fill`. `order` is the order it is of, unless that is forgotten."""
    sent = order.tags if order is not None else {}
    notional = fill.price * fill.size
    return {
        "event_time": str(fill.utc_ns),
        "sub_account_id": fill.account,
        "instrument": fill.instrument,
        "is_buyer": fill.side is Side.BUY,
        "is_taker": fill.is_taker,
        "size": plain(fill.size),
        "price": plain(fill.price),
        "mark_price": plain(fill.mark_price),
        "index_price": plain(fill.mark_price),
        "interest_rate": "0.0",
        "forward_price": "0.0",
        "realized_pnl": plain(fill.realized_pnl),
        "fee": plain(fill.fee),
        "fee_rate": plain(rounded(fill.fee / notional)),
        "trade_id": fill.fill_id,
        "order_id": fill.order_id,
        "venue": "ORDERBOOK",
        "is_liquidation": sent is LIQUIDATION_TAGS,
        "client_order_id": fill.client_order_id,
        "signer": signer,
        "broker": sent.get("metadata", {}).get("broker", "UNSPECIFIED"),
        "is_rpi": False,
        "builder": sent.get("builder", NO_ADDRESS),
        "builder_fee_rate": sent.get("builder_fee", "0.0"),
        "builder_fee": "0.0",
        "fee_currency": "USDT",
    }
