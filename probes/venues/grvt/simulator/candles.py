"""The public RPC of candles."""

from probes.market.trade_history import MINUTE_NS, Candle
from probes.venues.grvt.errors import not_simulated
from probes.venues.grvt.simulator.fields import INSTRUMENT, PAGE, Fields, one_of
from probes.venues.grvt.simulator.market_data import listing_of
from probes.venues.grvt.simulator.pagination import page
from probes.venues.grvt.simulator.rpc import market_rpc
from probes.venues.grvt.simulator.state import State
from probes.venues.grvt.streams import CANDLE_MINUTES, CANDLE_TYPES
from probes.venues.grvt.wire import Json, plain

_MOST = 24 * 60  # a day of minutes is what is kept


def candle_json(instrument: str, candle: Candle, minutes: int) -> Json:
    """A Candlestick, of the RPC and of the stream `v1.candle`."""
    return {
        "open_time": str(candle.open_ns),
        "close_time": str(candle.open_ns + minutes * MINUTE_NS),
        "open": plain(candle.open),
        "close": plain(candle.close),
        "high": plain(candle.high),
        "low": plain(candle.low),
        "volume_b": plain(candle.volume),
        "volume_q": plain(candle.notional),
        "trades": candle.trades,
        "instrument": instrument,
    }


def _kline(state: State, _: None, payload: Json) -> Json:
    if payload["type"] != "TRADE":
        raise not_simulated(f"kline of type {payload['type']}")
    name, minutes = listing_of(payload["instrument"]).instrument.name, CANDLE_MINUTES[payload["interval"]]
    candles = state.exchange.candles(name, minutes, _MOST)
    return page(
        candles, payload, lambda candle: candle.open_ns, lambda candle: candle_json(name, candle, minutes)
    )


RPCS = (
    market_rpc(
        "kline",
        _kline,
        Fields({**INSTRUMENT, "interval": one_of(*CANDLE_MINUTES), "type": one_of(*CANDLE_TYPES)}, PAGE),
    ),
)
