"""Selectors and messages of the streams, held against what the venue's description says."""

import dataclasses
import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysdk import grvt_raw_types as raw

from probes.venues.grvt.streams import (
    CANDLE_MINUTES,
    CANDLE_TYPES,
    STREAMS,
    SelectorError,
    book_delta,
    feed_message,
    parse_selector,
    ticker_delta,
)
from tests.venues.grvt import description

INSTRUMENTS = ("BTC_USDT_Perp", "ETH_USDT_Perp")


@pytest.mark.parametrize(
    ("stream", "text", "expected"),
    [
        ("v1.mini.s", "ETH_USDT_Perp@200", {"instrument": "ETH_USDT_Perp", "rate_ms": 200}),
        ("v1.mini.d", "ETH_USDT_Perp@0", {"rate_ms": 0}),
        ("v1.mini.d", "ETH_USDT_Perp@raw", {"rate_ms": 0, "text": "ETH_USDT_Perp@raw"}),
        ("v1.ticker.s", "ETH_USDT_Perp@500", {"rate_ms": 500, "primary": "ETH_USDT_Perp"}),
        ("v1.book.s", "BTC_USDT_Perp@500-50", {"instrument": "BTC_USDT_Perp", "rate_ms": 500, "depth": 50}),
        ("v1.book.d", "BTC_USDT_Perp@50", {"rate_ms": 50, "depth": 0}),
        ("v1.trade", "BTC_USDT_Perp@1000", {"limit": 1000}),
        ("v1.candle", "BTC_USDT_Perp@CI_1_M-MARK", {"interval": "CI_1_M", "candle_type": "MARK"}),
        ("v1.order", "2345123", {"sub_account": "2345123", "instrument": ""}),
        ("v1.fill", "2345123-ETH_USDT_Perp", {"sub_account": "2345123", "instrument": "ETH_USDT_Perp"}),
        ("v1.cancel", "2345123", {"sub_account": "2345123", "primary": "2345123"}),
        ("v1.deposit", "0xabc", {"main_account": "0xabc", "sub_account": ""}),
        ("v1.transfer", "0xabc-77", {"main_account": "0xabc", "sub_account": "77"}),
    ],
)
def test_a_selector_reads_as_described(stream, text, expected):
    selector = parse_selector(STREAMS[stream], text, INSTRUMENTS)

    assert selector.stream == stream
    assert {name: getattr(selector, name) for name in expected} == expected
    assert selector.text == text


@pytest.mark.parametrize(
    ("stream", "text", "code"),
    [
        ("v1.ticker.s", "ETH_USDT_Perp", 1101),
        ("v1.ticker.s", "ETH_USDT_Perp@500@500", 1101),
        ("v1.ticker.s", "@500", 1102),
        ("v1.ticker.s", "ETH_USDT_Perp-BTC_USDT_Perp@500", 1102),
        ("v1.ticker.s", "ETH_USDT_Perp@", 1103),
        ("v1.ticker.s", "ETH_USDT_Perp@500-10", 1103),
        ("v1.book.s", "ETH_USDT_Perp@500", 1103),
        ("v1.book.d", "ETH_USDT_Perp@500-10", 1103),
        ("v1.candle", "ETH_USDT_Perp@CI_1_M", 1103),
        ("v1.ticker.s", "DOGE_USDT_Perp@500", 3000),
        ("v1.ticker.s", "ETH_USDT_Perp@100", 3030),
        ("v1.ticker.s", "ETH_USDT_Perp@ 500", 3030),
        ("v1.ticker.s", "ETH_USDT_Perp@5_00", 3030),
        ("v1.ticker.d", "ETH_USDT_Perp@raw", 3030),
        ("v1.book.s", "ETH_USDT_Perp@500-11", 3031),
        ("v1.trade", "ETH_USDT_Perp@49", 3011),
        ("v1.trade", "ETH_USDT_Perp@many", 3011),
        ("v1.trade", "ETH_USDT_Perp@51", 3013),
        ("v1.candle", "ETH_USDT_Perp@CI_9_M-TRADE", 3040),
        ("v1.candle", "ETH_USDT_Perp@CI_1_M-LAST", 3041),
        ("v1.order", "", 1102),
        ("v1.order", "1-ETH_USDT_Perp-2", 1102),
        ("v1.order", "1@500", 1103),
        ("v1.order", "0xabc", 3020),
        ("v1.order", str(2**64), 3020),
        ("v1.order", "1-DOGE_USDT_Perp", 3000),
        ("v1.cancel", "1-ETH_USDT_Perp", 1102),
        ("v1.deposit", "0xabc-1", 1102),
        ("v1.transfer", "0xabc-x", 3020),
    ],
)
def test_a_wrong_selector_has_the_code_of_the_venue(stream, text, code):
    with pytest.raises(SelectorError) as caught:
        parse_selector(STREAMS[stream], text, INSTRUMENTS)

    assert caught.value.code == code


@given(st.sampled_from(sorted(STREAMS)), st.text(max_size=40))
def test_any_text_is_a_selector_or_has_a_code(stream, text):
    try:
        selector = parse_selector(STREAMS[stream], text, INSTRUMENTS)
    except SelectorError as error:
        code = error.code
    else:
        assert selector.text == text
        return
    assert 1101 <= code <= 3041


def _rates(comment: str, kind: str) -> tuple[int, ...]:
    found = re.search(rf"{kind} ?\(([^)]*)\)", comment)
    assert found, comment
    return tuple(int(re.match(r"\d+", part.strip())[0]) for part in found[1].split(","))


@pytest.mark.parametrize(
    ("name", "selector"),
    [("mini", "WSMiniTicker"), ("ticker", "WSTicker"), ("book", "WSOrderbookLevels")],
)
def test_rates_are_those_of_the_sdk(name, selector):
    comment = inspect.getsource(getattr(raw, f"{selector}FeedSelectorV1"))
    comment = comment[comment.index("minimal rate") :].replace("\n", " ")

    assert STREAMS[f"v1.{name}.s"].rates_ms == _rates(comment, "Snapshot")
    assert STREAMS[f"v1.{name}.d"].rates_ms == _rates(comment, "Delta")


def test_candles_are_those_of_the_sdk():
    assert set(CANDLE_MINUTES) == {interval.value for interval in raw.CandlestickInterval}
    assert set(CANDLE_TYPES) == {kind.value for kind in raw.CandlestickType}


def test_a_message_has_the_fields_of_the_sdk():
    message = feed_message("v1.ticker.s", "ETH_USDT_Perp@500", 0, 0, {})

    assert set(message) == {field.name for field in dataclasses.fields(raw.WSTickerFeedDataV1)}
    assert message["selector"] == "ETH_USDT_Perp@500"
    assert message["sequence_number"] == "0"


@pytest.mark.skipif(not description.PRESENT, reason="the description is not beside this checkout")
def test_streams_and_codes_are_those_of_the_description():
    gateways = description.spec()["gateways"]
    described = {stream["channel"]: stream for gateway in gateways for stream in gateway["streams"]}

    assert set(described) == set(STREAMS)
    for name, stream in described.items():
        assert STREAMS[name].private == stream["auth_required"]
        codes = {error["code"] for error in stream["on_subscribe_errors"]}
        assert {1101, 1102, 1103} <= codes
        assert ("rate" in STREAMS[name].parts) == (3030 in codes)
        assert ("depth" in STREAMS[name].parts) == (name == "v1.book.s")
        assert (STREAMS[name].account == "sub") == (1000 in codes)


TICKER = {"event_time": "1", "instrument": "ETH_USDT_Perp", "best_bid_price": "1.5", "best_bid_size": "2.0"}


def test_a_ticker_delta_has_only_what_changed():
    after = {**TICKER, "event_time": "2", "best_bid_price": "1.6"}

    assert ticker_delta(TICKER, after) == {
        "event_time": "2",
        "instrument": "ETH_USDT_Perp",
        "best_bid_price": "1.6",
    }


def test_a_ticker_delta_empties_what_is_gone():
    after = {"event_time": "2", "instrument": "ETH_USDT_Perp", "best_bid_size": "0.0"}

    assert ticker_delta(TICKER, after) == {**after, "best_bid_price": ""}


def test_a_ticker_that_stays_makes_no_delta():
    assert ticker_delta(TICKER, {**TICKER, "event_time": "2"}) == {}


_sides = st.dictionaries(st.integers(1, 9), st.integers(1, 5), max_size=6)


def _book(time: int, bids: dict[int, int], asks: dict[int, int]) -> dict[str, object]:
    def levels(side: dict[int, int]) -> list[dict[str, object]]:
        return [{"price": f"{p}.0", "size": f"{s}.0", "num_orders": 1} for p, s in side.items()]

    return {
        "event_time": str(time),
        "instrument": "ETH_USDT_Perp",
        "bids": levels(bids),
        "asks": levels(asks),
    }


@given(_sides, _sides, _sides, _sides)
def test_a_book_with_its_delta_gives_the_next_book(bids, asks, next_bids, next_asks):
    before, after = _book(1, bids, asks), _book(2, next_bids, next_asks)

    delta = book_delta(before, after)

    assert bool(delta) == ((bids, asks) != (next_bids, next_asks))
    for side in ("bids", "asks"):
        held = {level["price"]: level["size"] for level in before[side]}
        for level in delta.get(side, ()):
            assert held.get(level["price"]) != level["size"], "a level that did not change"
            if level["size"] == "0":
                del held[level["price"]]
            else:
                held[level["price"]] = level["size"]
        assert held == {level["price"]: level["size"] for level in after[side]}
