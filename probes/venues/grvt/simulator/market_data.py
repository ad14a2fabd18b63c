"""Public RPCs: instruments, currencies, margin rules, tickers, the book, trades."""

from collections.abc import Iterable
from functools import partial

from probes.market.market import Statistics
from probes.market.order import ZERO
from probes.venues.grvt.errors import VenueError
from probes.venues.grvt.instruments import CREATED_NS, CURRENCIES, FUNDING_HOURS, LISTINGS, Listing
from probes.venues.grvt.simulator.fields import (
    INSTRUMENT,
    KIND_BASE_QUOTE,
    PAGE,
    Fields,
    boolean,
    uint32,
)
from probes.venues.grvt.simulator.pagination import page
from probes.venues.grvt.simulator.quotes import Served
from probes.venues.grvt.simulator.rpc import market_rpc
from probes.venues.grvt.simulator.state import State
from probes.venues.grvt.wire import Json, levels_json, plain, quote_json, trade_json

DEPTHS = (10, 50, 100, 500)
MOST_TRADES = 1000


def listing_of(name: str) -> Listing:
    """The instrument of this exact name; 1004 if the venue does not list it."""
    listing = LISTINGS.get(name)
    if listing is None:
        raise VenueError(1004)
    return listing


def instrument_json(state: State, listing: Listing) -> Json:
    """An InstrumentDisplay. The JSON type of `base_decimals` is a switch of the scenario."""
    instrument = listing.instrument
    as_text = state.scenario.venue.base_decimals == "string"
    return {
        "instrument": instrument.name,
        "instrument_hash": f"0x{listing.asset_hash:06x}",
        "base": instrument.base,
        "quote": instrument.quote,
        "kind": "PERPETUAL",
        "venues": ["ORDERBOOK"],
        "settlement_period": "PERPETUAL",
        "base_decimals": str(listing.base_decimals) if as_text else listing.base_decimals,
        "quote_decimals": str(listing.quote_decimals) if as_text else listing.quote_decimals,
        "tick_size": plain(instrument.tick_size),
        "min_size": plain(instrument.min_size),
        "create_time": str(CREATED_NS),
        "max_position_size": plain(instrument.max_position),
        "funding_interval_hours": FUNDING_HOURS,
        "adjusted_funding_rate_cap": "0.3",
        "adjusted_funding_rate_floor": "-0.3",
        "min_notional": plain(listing.min_notional),
    }


def matching(payload: Json) -> Iterable[Listing]:
    """The listings that pass the filters kind, base and quote."""
    for listing in LISTINGS.values():
        instrument = listing.instrument
        kinds, bases, quotes = payload.get("kind"), payload.get("base"), payload.get("quote")
        if (
            (not kinds or "PERPETUAL" in kinds)
            and (not bases or instrument.base in bases)
            and (not quotes or instrument.quote in quotes)
        ):
            yield listing


def _instrument(state: State, _: None, payload: Json) -> Json:
    return {"result": instrument_json(state, listing_of(payload["instrument"]))}


def _all_instruments(state: State, _: None, payload: Json) -> Json:
    return {"result": [instrument_json(state, listing) for listing in LISTINGS.values()]}


def _instruments(state: State, _: None, payload: Json) -> Json:
    listings = list(matching(payload))[: payload.get("limit", 500)]
    return {"result": [instrument_json(state, listing) for listing in listings]}


def _currency(state: State, _: None, payload: Json) -> Json:
    return {
        "result": [
            {
                "id": number,
                "symbol": symbol,
                "balance_decimals": decimals,
                "quantity_multiplier": str(10**decimals),
            }
            for symbol, (number, decimals) in CURRENCIES.items()
        ]
    }


def _supported_assets(state: State, _: None, payload: Json) -> Json:
    assets = [
        {"asset_id": number, "asset_code": symbol, "balance_decimals": decimals}
        for symbol, (number, decimals) in CURRENCIES.items()
        if symbol == "USDT"
    ]
    futures = [{"mode": "SINGLE_ASSET_MODE", "supported_assets": assets}]
    return {"funding": assets, "spot": [], "futures": futures}


def _margin_rules(state: State, _: None, payload: Json) -> Json:
    """One bracket: the simulator margins every notional alike."""
    listing = listing_of(payload["instrument"])
    initial = listing.instrument.initial_margin_bps / 10_000
    bracket = {
        "tier": 1,
        "notional_floor": "0.0",
        "maintenance_margin_rate": plain(initial / 2),
        "initial_margin_rate": plain(initial),
        "max_leverage": listing.max_leverage,
        "cumulative_maintenance_amount": "0.0",
    }
    return {
        "instrument": listing.instrument.name,
        "max_position_size": plain(listing.instrument.max_position),
        "risk_brackets": [bracket],
    }


def mini_json(state: State, served: Served) -> Json:
    """A MiniTicker without its time."""
    return _mini_json(served, state.exchange.statistics(served.quote.instrument))


def _mini_json(served: Served, stats: Statistics) -> Json:
    return {
        "instrument": served.quote.instrument,
        "mark_price": plain(stats.mark_price),
        "index_price": plain(stats.index_price),
        "last_price": plain(stats.last_price),
        "last_size": plain(stats.last_size),
        **quote_json(served.quote),
    }


def ticker_json(state: State, served: Served) -> Json:
    """A Ticker without its time."""
    stats = state.exchange.statistics(served.quote.instrument)
    funding = plain(100 * stats.funding_rate_bps)  # hundredths of a basis point
    return {
        **_mini_json(served, stats),
        "funding_rate_8h_curr": funding,
        "funding_rate_8h_avg": funding,
        "interest_rate": "0.0",
        "forward_price": "0.0",
        "buy_volume_24h_b": plain(stats.buy_volume),
        "sell_volume_24h_b": plain(stats.sell_volume),
        "buy_volume_24h_q": plain(stats.buy_notional),
        "sell_volume_24h_q": plain(stats.sell_notional),
        "high_price": plain(stats.high_price or ZERO),
        "low_price": plain(stats.low_price or ZERO),
        "open_price": plain(stats.open_price or ZERO),
        "open_interest": plain(stats.open_interest),
        "long_short_ratio": "1.0",
        "funding_rate": funding,
        "next_funding_time": str(next_funding_ns(state.clock.utc_ns())),
    }


def next_funding_ns(now_ns: int) -> int:
    """Funding intervals begin at midnight UTC."""
    interval_ns = FUNDING_HOURS * 3600 * 10**9
    return (now_ns // interval_ns + 1) * interval_ns


def book_json(served: Served) -> Json:
    """OrderbookLevels without their time."""
    return {
        "instrument": served.quote.instrument,
        "bids": levels_json(served.bids),
        "asks": levels_json(served.asks),
    }


def _mini(state: State, _: None, payload: Json) -> bytes:
    name = listing_of(payload["instrument"]).instrument.name
    return state.quotes.body("mini", name, 1, state.fault, partial(mini_json, state))


def _ticker(state: State, _: None, payload: Json) -> bytes:
    name = listing_of(payload["instrument"]).instrument.name
    return state.quotes.body("ticker", name, 1, state.fault, partial(ticker_json, state))


def _book(state: State, _: None, payload: Json) -> bytes:
    name, depth = listing_of(payload["instrument"]).instrument.name, payload["depth"]
    if depth not in DEPTHS:
        raise VenueError(3031)
    return state.quotes.body("book", name, depth, state.fault, book_json)


def _trade(state: State, _: None, payload: Json) -> Json:
    """The newest first."""
    name = listing_of(payload["instrument"]).instrument.name
    trades = state.exchange.trades(name, min(payload["limit"], MOST_TRADES))
    return {"result": [trade_json(trade) for trade in trades]}


def _trade_history(state: State, _: None, payload: Json) -> Json:
    name = listing_of(payload["instrument"]).instrument.name
    trades = state.exchange.trades(name, MOST_TRADES)
    return page(trades, payload, lambda trade: trade.utc_ns, trade_json)


_FILTERS = {**KIND_BASE_QUOTE, "is_active": boolean, "limit": uint32}

RPCS = (
    market_rpc("instrument", _instrument, Fields(INSTRUMENT)),
    market_rpc("all_instruments", _all_instruments, Fields(optional={"is_active": boolean})),
    market_rpc("instruments", _instruments, Fields(optional=_FILTERS)),
    market_rpc("currency", _currency, Fields()),
    market_rpc("supported_assets", _supported_assets, Fields()),
    market_rpc("margin_rules", _margin_rules, Fields(INSTRUMENT)),
    market_rpc("mini", _mini, Fields(INSTRUMENT)),
    market_rpc("ticker", _ticker, Fields(INSTRUMENT)),
    market_rpc("book", _book, Fields({**INSTRUMENT, "depth": uint32})),
    market_rpc("trade", _trade, Fields({**INSTRUMENT, "limit": uint32})),
    market_rpc("trade_history", _trade_history, Fields(INSTRUMENT, PAGE)),
)
