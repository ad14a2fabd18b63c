"""What the streams show: the `feed` of a message, made of the state of the exchange or of one event."""

from probes.market.faults import Fault
from probes.market.order import Fill, Order, Quote
from probes.venues.grvt.simulator.candles import candle_json
from probes.venues.grvt.simulator.market_data import book_json, mini_json, ticker_json
from probes.venues.grvt.simulator.state import State
from probes.venues.grvt.simulator.summaries import position_json
from probes.venues.grvt.streams import CANDLE_MINUTES, Selector, book_delta, ticker_delta
from probes.venues.grvt.wire import Json, fill_json, state_json, trade_json

WHOLE_BOOK = 1_000
"""Levels a side of `v1.book.d`, which shows all of them."""
CANDLES_AT_FIRST = 5


def quote(state: State, selector: Selector, fault: Fault | None) -> tuple[Json, Quote]:
    """The ticker, mini ticker or book that a selector asks for, and its quote."""
    kind = selector.stream.split(".")[1]
    levels = (selector.depth or WHOLE_BOOK) if kind == "book" else 1
    served = state.quotes.served(selector.instrument, fault, levels)
    if kind == "book":
        feed = book_json(served)
    else:
        feed = (mini_json if kind == "mini" else ticker_json)(state, served)
    return {"event_time": str(served.event_ns or state.clock.utc_ns()), **feed}, served.quote


def delta(kind: str, before: Json, after: Json) -> Json:
    """What a `.d` stream says of a change; empty when there is none."""
    return book_delta(before, after) if kind == "book" else ticker_delta(before, after)


def snapshots(state: State, selector: Selector) -> list[Json]:
    """With what a stream of events begins, oldest first: the last trades or candles, open positions.

    The description does not say what the streams of orders and fills begin with; here it is nothing.
    """
    match selector.stream:
        case "v1.trade":
            trades = state.exchange.trades(selector.instrument, selector.limit)
            return [trade_json(each) for each in reversed(trades)]
        case "v1.candle":
            return candles(state, selector, CANDLES_AT_FIRST)
        case "v1.position":
            return [
                position_json(state, each)
                for each in state.exchange.positions(selector.sub_account)
                if selector.instrument in ("", each.instrument)
            ]
    return []


def candles(state: State, selector: Selector, limit: int) -> list[Json]:
    """The last candles that saw trades, oldest first."""
    minutes = CANDLE_MINUTES[selector.interval]
    found = state.exchange.candles(selector.instrument, minutes, limit)
    return [candle_json(selector.instrument, candle, minutes) for candle in reversed(found)]


def fill(state: State, fill: Fill) -> Json:
    """A Fill of an account."""
    order = state.exchange.order(fill.account, order_id=fill.order_id)
    return fill_json(fill, order, state.sessions.by_sub_account[fill.account].signer)


def state(order: Order) -> Json:
    """An OrderStateFeed."""
    return {
        "order_id": order.order_id,
        "client_order_id": order.client_order_id,
        "order_state": state_json(order),
    }
