"""The 16 streams of GRVT: how a selector reads, and what a message of each stream looks like.

Source: GRVT API description, streams `WS*FeedSelectorV1` and `WS*FeedDataV1`. A selector is
`<primary>@<secondary>` for market data (`ETH_USDT_Perp@500-10`) and the primary part alone for
trading (`<sub account>-ETH_USDT_Perp`). Error codes are the venue's.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

FEED_FORMAT = 1101
PRIMARY_COUNT = 1102
SECONDARY_COUNT = 1103
UNKNOWN_INSTRUMENT = 3000
LIMIT_OUT_OF_RANGE = 3011
LIMIT_NOT_SUPPORTED = 3013
SUB_ACCOUNT_NOT_UINT64 = 3020
RATE = 3030
DEPTH = 3031
CANDLE_INTERVAL = 3040
CANDLE_TYPE = 3041

_DEPTHS = (10, 50, 100, 500)
_TRADE_LIMITS = (50, 200, 500, 1000)
_MAX_UINT64 = 2**64 - 1
_HOUR, _DAY = 60, 24 * 60
CANDLE_MINUTES = {
    **{f"CI_{n}_M": n for n in (1, 3, 5, 15, 30)},
    **{f"CI_{n}_H": n * _HOUR for n in (1, 2, 4, 6, 8, 12)},
    **{f"CI_{n}_D": n * _DAY for n in (1, 3, 5)},
    **{f"CI_{n}_W": n * 7 * _DAY for n in (1, 2, 3, 4)},
}
"""How many minutes each CandlestickInterval covers."""
CANDLE_TYPES = ("TRADE", "MARK", "INDEX", "MID")


class SelectorError(ValueError):
    """A selector that the venue refuses; `code` is its error code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream. `rates_ms` are the publishing rates that a selector may name (0: every change)."""

    name: str
    rates_ms: tuple[int, ...] = ()
    parts: tuple[str, ...] = ()  # of the secondary selector
    account: Literal["", "sub", "main"] = ""  # what a private selector names

    @property
    def private(self) -> bool:
        return self.account != ""


STREAMS: Mapping[str, Stream] = {
    stream.name: stream
    for stream in (
        Stream("v1.mini.s", rates_ms=(200, 500, 1000, 5000), parts=("rate",)),
        Stream("v1.mini.d", rates_ms=(0, 50, 100, 200, 500, 1000, 5000), parts=("rate",)),
        Stream("v1.ticker.s", rates_ms=(500, 1000, 5000), parts=("rate",)),
        Stream("v1.ticker.d", rates_ms=(100, 200, 500, 1000, 5000), parts=("rate",)),
        Stream("v1.book.s", rates_ms=(500, 1000), parts=("rate", "depth")),
        Stream("v1.book.d", rates_ms=(50, 100, 500, 1000), parts=("rate",)),
        Stream("v1.trade", parts=("limit",)),
        Stream("v1.candle", parts=("interval", "type")),
        Stream("v1.order", account="sub"),
        Stream("v1.state", account="sub"),
        Stream("v1.fill", account="sub"),
        Stream("v1.position", account="sub"),
        Stream("v1.cancel", account="sub"),
        Stream("v1.deposit", account="main"),
        Stream("v1.transfer", account="main"),
        Stream("v1.withdrawal", account="main"),
    )
}
_OF_ONE_INSTRUMENT = frozenset({"v1.order", "v1.state", "v1.fill", "v1.position"})


@dataclass(frozen=True, slots=True)
class Selector:
    """What one subscription asks for. `text` is the selector exactly as the client wrote it.

    An empty `instrument` means all of them; a `depth` of 0 the whole book.
    """

    stream: str
    text: str
    primary: str
    instrument: str = ""
    sub_account: str = ""
    main_account: str = ""
    rate_ms: int = 0
    depth: int = 0
    limit: int = 0
    interval: str = ""
    candle_type: str = ""


def parse_selector(stream: Stream, text: str, instruments: Collection[str]) -> Selector:
    """Read `text` as a selector of `stream`; raises SelectorError with the venue's code."""
    if stream.private:
        return _private(stream, text, instruments)
    primary, at, secondary = text.partition("@")
    if not at or "@" in secondary:
        raise SelectorError(FEED_FORMAT)
    if not primary or "-" in primary:
        raise SelectorError(PRIMARY_COUNT)
    values = secondary.split("-")
    if len(values) != len(stream.parts) or "" in values:
        raise SelectorError(SECONDARY_COUNT)
    if primary not in instruments:
        raise SelectorError(UNKNOWN_INSTRUMENT)
    part = dict(zip(stream.parts, values, strict=True))
    if stream.name == "v1.candle":
        if part["interval"] not in CANDLE_MINUTES:
            raise SelectorError(CANDLE_INTERVAL)
        if part["type"] not in CANDLE_TYPES:
            raise SelectorError(CANDLE_TYPE)
        return Selector(
            stream.name, text, primary, primary, interval=part["interval"], candle_type=part["type"]
        )
    return Selector(
        stream.name,
        text,
        primary,
        primary,
        rate_ms=_rate(stream, part["rate"]) if "rate" in part else 0,
        depth=_depth(part["depth"]) if "depth" in part else 0,
        limit=_limit(part["limit"]) if "limit" in part else 0,
    )


def _private(stream: Stream, text: str, instruments: Collection[str]) -> Selector:
    if "@" in text:
        raise SelectorError(SECONDARY_COUNT)
    account, *rest = text.split("-")
    if not account or len(rest) > (stream.name in _OF_ONE_INSTRUMENT or stream.name == "v1.transfer"):
        raise SelectorError(PRIMARY_COUNT)
    if stream.account == "main":
        sub = rest[0] if rest else ""
        if rest and not _is_uint64(sub):
            raise SelectorError(SUB_ACCOUNT_NOT_UINT64)
        return Selector(stream.name, text, text, sub_account=sub, main_account=account)
    if not _is_uint64(account):
        raise SelectorError(SUB_ACCOUNT_NOT_UINT64)
    if rest and rest[0] not in instruments:
        raise SelectorError(UNKNOWN_INSTRUMENT)
    return Selector(stream.name, text, text, rest[0] if rest else "", sub_account=account)


def _number(text: str) -> int | None:
    """A plain decimal number; None for anything else that int() would take, such as " 5" or "1_0"."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 20 else None


def _is_uint64(text: str) -> bool:
    number = _number(text)
    return number is not None and number <= _MAX_UINT64


def _rate(stream: Stream, text: str) -> int:
    rate_ms = 0 if text == "raw" else _number(text)
    if rate_ms is None or rate_ms not in stream.rates_ms:
        raise SelectorError(RATE)
    return rate_ms


def _depth(text: str) -> int:
    depth = _number(text)
    if depth is None or depth not in _DEPTHS:
        raise SelectorError(DEPTH)
    return depth


def _limit(text: str) -> int:
    limit = _number(text)
    if limit is None or not _TRADE_LIMITS[0] <= limit <= _TRADE_LIMITS[-1]:
        raise SelectorError(LIMIT_OUT_OF_RANGE)
    if limit not in _TRADE_LIMITS:
        raise SelectorError(LIMIT_NOT_SUPPORTED)
    return limit


def feed_message(
    stream: str, selector: str, sequence: int, previous: int, feed: Mapping[str, object]
) -> dict[str, object]:
    """A message of a stream; `selector` is the one that was subscribed to, to the letter.

    Snapshots have the sequence number 0, what follows counts from 1 up by one.
    """
    return {
        "stream": stream,
        "selector": selector,
        "sequence_number": str(sequence),
        "feed": feed,
        "prev_sequence_number": str(previous),
    }


def ticker_delta(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    """What changed in a (mini) ticker, for the `.d` streams; a field that is gone reads as ''.

    Empty when nothing but the time of the event changed.
    """
    changed = {
        name: "" if (value := after.get(name)) is None else value
        for name in before.keys() | after.keys()
        if name not in ("event_time", "instrument") and before.get(name) != after.get(name)
    }
    if not changed:
        return {}
    ordered = {name: changed[name] for name in (*after, *before) if name in changed}
    return {"event_time": after["event_time"], "instrument": after["instrument"], **ordered}


Levels = list[dict[str, object]]


def book_delta(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    """The levels that changed between two books, for `v1.book.d`; one that is gone has the size 0.

    Empty when no level changed.
    """
    bids = _levels_delta(_levels(before, "bids"), _levels(after, "bids"))
    asks = _levels_delta(_levels(before, "asks"), _levels(after, "asks"))
    if not bids and not asks:
        return {}
    return {"event_time": after["event_time"], "instrument": after["instrument"], "bids": bids, "asks": asks}


def _levels(book: Mapping[str, object], side: str) -> Levels:
    levels = book[side]
    assert isinstance(levels, list)
    return levels


def _levels_delta(before: Levels, after: Levels) -> Levels:
    old = {level["price"]: level for level in before}
    changed = [level for level in after if old.pop(level["price"], None) != level]
    return changed + [{"price": price, "size": "0", "num_orders": 0} for price in old]
