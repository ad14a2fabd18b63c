"""Whatever a venue answers is read, or told in one line; nothing else happens."""

import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.failures import BadAnswerError, ClientError, NoAnswerError, RefusedError
from probes.venues.grvt import answers
from probes.venues.grvt.client import GrvtClient
from probes.venues.grvt.environments import simulated
from tests.venues.grvt.simulated import ETH

pytestmark = pytest.mark.slow

FIELDS = (
    *("instrument", "base", "quote", "tick_size", "min_size", "max_position_size", "instrument_hash"),
    *(
        "base_decimals",
        "order_id",
        "metadata",
        "sub_account_id",
        "legs",
        "state",
        "time_in_force",
        "event_time",
    ),
    *("price", "size", "fee", "is_buyer", "is_taker", "best_bid_price", "best_ask_price", "bids", "asks"),
    *("open_time", "close_time", "open", "high", "low", "close", "volume_b", "total_equity", "trade_id"),
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("NaN"), st.just("1")
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner)),
    max_leaves=20,
)
READERS = [getattr(answers, name) for name in dir(answers) if name.startswith("read_")]


@pytest.mark.parametrize("read", READERS)
@given(answer=JSON)
def test_any_json_is_read_or_told(read, answer):
    with contextlib.suppress(BadAnswerError):
        read(answer)


@pytest.mark.parametrize("price", ["NaN", "Infinity", "sNaN", "", "x", None, 1.5, [], {}])
def test_what_is_no_number_is_no_price(price):
    quote = {"instrument": ETH, "event_time": "1", "best_bid_price": "1", "best_ask_price": price}
    if price in ("", None, [], {}):
        assert answers.read_quote(quote).ask_price is None
        return
    with pytest.raises(BadAnswerError):
        answers.read_quote(quote)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ANSWERS = {
    "html": (b"HTTP/1.1 503 Unavailable\r\nContent-Length: 6\r\n\r\n<html>", RefusedError),
    "no JSON": (HEAD + b"Content-Length: 1\r\n\r\n{", BadAnswerError),
    "a list": (HEAD + b"Content-Length: 2\r\n\r\n[]", BadAnswerError),
    "no result": (HEAD + b"Content-Length: 2\r\n\r\n{}", BadAnswerError),
    "result of another type": (HEAD + b'Content-Length: 12\r\n\r\n{"result":1}', BadAnswerError),
    "an error with status 200": (HEAD + b'Content-Length: 13\r\n\r\n{"code": 123}', RefusedError),
    "a redirect": (
        b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n",
        RefusedError,
    ),
    "half an answer": (HEAD + b"Content-Length: 99\r\n\r\n{", NoAnswerError),
    "no HTTP": (b"SSH-2.0-x\r\n", NoAnswerError),
    "nothing": (b"", NoAnswerError),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_server_that_is_no_venue_is_told_in_one_line(name, monkeypatch):
    monkeypatch.setattr("probes.venues.grvt.rest.FIRST_WAIT_S", 0.001)
    raw, kind = ANSWERS[name]

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        writer.close()

    async def look():
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        client = GrvtClient(simulated(f"http://127.0.0.1:{port}"))
        try:
            with pytest.raises(ClientError) as error:
                await client.fetch_bbo(ETH)
        finally:
            await client.disconnect()
            server.close()
            await server.wait_closed()
        return error.value

    error = asyncio.run(asyncio.wait_for(look(), 20))
    assert type(error) is kind
    assert "\n" not in str(error)
    assert str(error).startswith("ticker")
