"""The simulator among clients that are many, broken or hostile: it serves the others and leaks nothing."""

import asyncio
import json
import logging
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, closing, suppress
from pathlib import Path

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diag.record import Journal
from probes.embedded import Embedded, embedded
from probes.market.scenario import load
from probes.venues.grvt.coverage import RPCS
from probes.venues.grvt.errors import ERRORS
from probes.venues.grvt.simulator import app, rest, stream_connection
from probes.venues.grvt.simulator.app import Simulator
from probes.venues.grvt.simulator.rpcs import rpcs
from probes.venues.grvt.simulator.stream_sockets import LARGEST_MESSAGE
from probes.venues.grvt.streams import STREAMS
from tests.venues.grvt.streaming import ETH, PATIENCE_S, Socket, Trader, trader

pytestmark = pytest.mark.slow

Venue = Embedded[Simulator]


def held(venue: Venue) -> dict[str, int]:
    """What the venue holds on to at this moment."""

    def count() -> dict[str, int]:
        simulator = venue.simulator
        return {
            "tasks": len(asyncio.all_tasks()),
            "silent connections": len(simulator.silent),
            "subscribers": sum(len(channel.connections) for channel in simulator.backend.streams.channels),
            "sockets": _open_sockets(),
        }

    return venue.call(count)


def _open_sockets() -> int:
    """Of this process; 0 on a system that does not tell."""
    found = 0
    for each in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):
            found += str(each.readlink()).startswith("socket:")
    return found


@pytest.fixture
def venue(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Venue]:
    """A venue that has to hold on to nothing when the test is over, and to have logged no error."""
    with (
        Journal(tmp_path / "run") as journal,
        embedded(Simulator(load("walk"), 1, journal)) as venue,
    ):
        before = held(venue)
        yield venue
        end = time.monotonic() + PATIENCE_S
        while any(now > before[name] for name, now in held(venue).items()):
            assert time.monotonic() < end, f"held at the end {held(venue)}, at the beginning {before}"
            time.sleep(0.01)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def play(venue: Venue, scene) -> None:
    async def whole() -> None:
        async with trader(venue) as one:
            await scene(one)

    asyncio.run(asyncio.wait_for(whole(), 60))


async def is_served(one: Trader) -> None:
    """An honest client gets its quote, its order and its stream."""
    async with one.socket() as honest:
        await honest.subscribe("v1.order", one.account)
        assert (await one.post("ticker", instrument=ETH))["result"]["instrument"] == ETH
        assert (await one.post("create_order", order=one.order(price="2900")))["result"]
        assert len(await honest.sync()) == 2
        await one.post("cancel_all_orders", sub_account_id=one.account)


def raw(venue: Venue) -> socket.socket:
    return socket.create_connection((venue.host, venue.port), timeout=PATIENCE_S)


def answered(connection: socket.socket) -> bytes:
    """All that comes until the venue closes the connection."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def test_two_hundred_clients_at_once(venue):
    async def scene(one: Trader) -> None:
        async with AsyncExitStack() as stack:
            sockets: list[Socket] = [await stack.enter_async_context(one.socket()) for _ in range(200)]
            for each in sockets:
                await each.subscribe("v1.ticker.s", f"{ETH}@500")
                await each.subscribe("v1.order", one.account)
            quotes = [one.post("ticker", instrument=ETH) for _ in range(40)]
            orders = [one.post("create_order", order=one.order(size="0.1")) for _ in range(10)]
            answers = await asyncio.gather(*quotes, *orders)
            assert all("result" in answer for answer in answers)
            said = await asyncio.gather(*(each.sync() for each in sockets))
            assert {sum(message["stream"] == "v1.order" for message in own) for own in said} == {20}

    play(venue, scene)


def test_a_flood_of_connections_that_come_and_go(venue, monkeypatch):
    monkeypatch.setattr(app, "SILENT_S", 0.3)

    async def scene(one: Trader) -> None:
        for number in range(1000):
            with closing(raw(venue)) as each:
                if number % 2:
                    # Gone with a reset instead of a goodbye.
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await is_served(one)

    play(venue, scene)


def test_headers_and_bodies_that_never_end(venue, monkeypatch):
    monkeypatch.setattr(app, "SILENT_S", 0.3)
    monkeypatch.setattr(rest, "BODY_S", 0.3)
    head = b"POST /full/v1/ticker HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"

    async def scene(one: Trader) -> None:
        with ExitStack() as stack:
            heads = [stack.enter_context(raw(venue)) for _ in range(50)]
            bodies = [stack.enter_context(raw(venue)) for _ in range(50)]
            for each in heads:
                each.sendall(head)
            for each in bodies:
                each.sendall(head + b"Content-Length: 100\r\n\r\n{")
            await is_served(one)
            for each in heads:
                assert await asyncio.to_thread(answered, each) == b""
            for each in bodies:
                assert (await asyncio.to_thread(answered, each)).startswith(b"HTTP/1.1 408 ")

    play(venue, scene)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"\xff\xfe", 400),
        (b'{"instrument": NaN}', 400),
        (b'{"instrument": 1e999}', 400),
        (rb'{"instrument": "\ud800"}', 400),
        (b'{"instrument": ' + b"9" * 5000 + b"}", 400),
        (b"[" * 100_000, 400),
        (b'{"instrument": "' + b"x" * 300_000 + b'"}', 413),
    ],
    ids=lambda value: str(value)[:20],
)
def test_bodies_that_are_no_request(venue, body, status):
    async def scene(one: Trader) -> None:
        for path in ("ticker", "create_order"):
            url = f"{venue.url}/full/v1/{path}"
            headers = {**one.headers, "Content-Type": "application/json"}
            async with one.http.post(url, data=body, headers=headers) as reply:
                assert reply.status == status
                assert (await reply.json())["code"] == 1003
        await is_served(one)

    play(venue, scene)


@pytest.mark.parametrize(
    "garbage", [b"\x00" * 1000, b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"\r\n" * 500]
)
def test_bytes_that_are_no_http(venue, garbage, monkeypatch):
    monkeypatch.setattr(app, "SILENT_S", 0.3)

    async def scene(one: Trader) -> None:
        with closing(raw(venue)) as broken:
            broken.sendall(garbage)
            assert (await asyncio.to_thread(answered, broken))[:12] in (b"HTTP/1.1 400", b"HTTP/1.0 400", b"")
        await is_served(one)

    play(venue, scene)


def test_clients_that_hang_up_before_the_answer(venue):
    request = b'{"instrument":"ETH_USDT_Perp"}'
    head = b"POST /full/v1/ticker HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"

    async def scene(one: Trader) -> None:
        for number in range(100):
            with closing(raw(venue)) as half:
                half.sendall(head + b"Content-Length: %d\r\n\r\n" % len(request) + request)
                half.shutdown(socket.SHUT_WR if number % 2 else socket.SHUT_RDWR)
                if number % 2:
                    assert b"HTTP/1.1 500" not in await asyncio.to_thread(answered, half)
        await is_served(one)

    play(venue, scene)


@pytest.mark.parametrize(
    "message",
    [
        *("", "{", "null", "[]", "7", '"x"', "{}", '{"jsonrpc":"2.0"}', "[" * 50_000),
        *('{"method":NaN}', '{"params":1e999}', r'{"jsonrpc":"2.0","method":"v1/\ud800"}'),
    ],
    ids=lambda message: message[:12],
)
def test_messages_that_are_no_request(venue, message):
    async def scene(one: Trader) -> None:
        async with one.socket() as broken:
            for _ in range(3):
                await broken.raw.send_str(message)
                reply = await broken.raw.receive_json()
                assert reply.get("code", reply.get("error", {}).get("code")) in (1003, 1200)
            await broken.subscribe("v1.mini.d", f"{ETH}@0")
            assert len(await broken.sync()) == 1

    play(venue, scene)


def test_binary_frames_and_messages_that_are_too_long(venue):
    async def scene(one: Trader) -> None:
        async with one.socket() as broken:
            await broken.raw.send_bytes(b"\x00\x01")
            assert (await broken.raw.receive_json())["error"]["code"] == 1003
            await broken.raw.send_str("x" * (LARGEST_MESSAGE + 1))
            assert await broken.closed() == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
        await is_served(one)

    play(venue, scene)


def test_a_socket_that_vanishes_or_stops_halfway(venue):
    async def scene(one: Trader) -> None:
        for end in ("reset", "half", "frame"):
            async with one.socket() as broken:
                await broken.subscribe("v1.ticker.s", f"{ETH}@500")
                transport = broken.raw._response.connection.transport
                if end == "reset":
                    transport.abort()
                elif end == "half":
                    transport.get_extra_info("socket").shutdown(socket.SHUT_WR)
                else:
                    transport.write(b"\x81\xfe\x10\x00only the beginning")
                    await one.post("ticker", instrument=ETH)
                    transport.abort()
        await is_served(one)

    play(venue, scene)


def test_a_client_that_does_not_read_is_cut_off(venue, monkeypatch):
    monkeypatch.setattr(stream_connection, "MOST_WAITING_BYTES", 100_000)
    subscribe = {"stream": "v1.book.s", "selectors": [f"{ETH}@500-500"]}
    message = json.dumps({"jsonrpc": "2.0", "method": "subscribe", "params": subscribe})

    async def scene(one: Trader) -> None:
        async with one.socket() as stuck:
            stuck.raw._response.connection.transport.pause_reading()
            with suppress(ConnectionError):
                for _ in range(20_000):
                    await stuck.raw.send_str(message)
            await is_served(one)
            assert held(venue)["subscribers"] == 0

    play(venue, scene)


_numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
_texts = st.text(max_size=20) | st.sampled_from(
    [
        ETH,
        f"{ETH}@500",
        f"{ETH}@500-10",
        "0",
        "-1",
        "1e9999999",
        "0x",
        "0x1",
        str(2**64),
        "GOOD_TILL_TIME",
    ]
)
_scalars = st.none() | st.booleans() | _numbers | _texts
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4),
    max_leaves=8,
)
_NAMES = sorted({name for rpc in rpcs.values() for name in rpc.fields.names})
_ORDER = (
    *("sub_account_id", "is_market", "time_in_force", "post_only", "reduce_only", "legs", "signature"),
    *("metadata", "order_id", "state", "builder", "builder_fee"),
)


@st.composite
def payloads(draw: st.DrawFn) -> object:
    """Nearly a request: known fields, some with a value that fits, some without."""
    if draw(st.integers(0, 9)) == 0:
        return draw(_values)
    payload = draw(st.dictionaries(st.sampled_from(_NAMES) | _texts, _values, max_size=4))
    if draw(st.booleans()):
        payload |= {"instrument": ETH, "limit": draw(st.integers(0, 2000)), "depth": 10}
    if draw(st.booleans()):
        payload["sub_account_id"] = "{account}"
    if draw(st.booleans()):
        order = draw(st.dictionaries(st.sampled_from(_ORDER), _values, max_size=5))
        changes = draw(st.dictionaries(st.sampled_from(_ORDER), _values, max_size=1))
        payload["order"] = order if draw(st.booleans()) else {"{order}": changes}
    return payload


def _filled_in(value: object, one: Trader) -> object:
    """The generated payload with the account and, where it asks for one, a rightly signed order."""
    if isinstance(value, dict):
        if "{order}" in value:
            return {**one.order(price="2950.5"), **value["{order}"]}
        return {name: _filled_in(each, one) for name, each in value.items()}
    return one.account if value == "{account}" else value


def fuzz(venue: Venue, ask, cases: st.SearchStrategy, examples: int) -> None:
    """Ask the venue generated questions over one connection that has to last."""
    with asyncio.Runner() as runner:
        loop_open = AsyncExitStack()
        one = runner.run(loop_open.enter_async_context(trader(venue)))
        connection = runner.run(loop_open.enter_async_context(one.socket()))

        @settings(
            max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(cases)
        def check(case) -> None:
            runner.run(asyncio.wait_for(ask(one, connection, case), PATIENCE_S))

        check()
        runner.run(is_served(one))
        runner.run(loop_open.aclose())


def test_any_payload_of_any_rpc_has_an_answer(venue):
    async def ask(one: Trader, connection: Socket, case) -> None:
        name, payload = case
        payload = _filled_in(payload, one)
        body = json.dumps(payload)
        headers = {**one.headers, "Content-Type": "application/json"}
        async with one.http.post(f"{venue.url}/full/{name}", data=body, headers=headers) as reply:
            answer = await reply.json()
            if reply.status != 200:
                assert answer["code"] in ERRORS
                assert answer["code"] not in (1002, 1005), "the venue broke"
        over_socket = await connection.ask(name, payload)
        assert ("result" in over_socket) != ("error" in over_socket)

    fuzz(venue, ask, st.tuples(st.sampled_from(sorted(RPCS)), payloads()), 400)


def test_any_subscription_has_an_answer(venue):
    names = st.sampled_from(["stream", "selectors", "feed", "method", "is_full", "id"])
    selectors = st.lists(_texts | st.just("{account}"), max_size=4)
    subscription = st.fixed_dictionaries(
        {"stream": st.sampled_from(sorted(STREAMS)) | _texts, "selectors": selectors | _values}
    )

    async def ask(one: Trader, connection: Socket, case) -> None:
        params, changes = case
        params = _filled_in(params, one)
        for method in ("subscribe", "unsubscribe"):
            answer = await connection.ask(method, params)
            assert ("result" in answer) != ("error" in answer)
            legacy = {"stream": params["stream"], "feed": params["selectors"], "method": method}
            await connection.raw.send_json({**legacy, **changes, "request_id": 4_000_000_000})
            await connection.answer("request_id", 4_000_000_000)
        connection.kept.clear()

    fuzz(venue, ask, st.tuples(subscription, st.dictionaries(names, _values, max_size=2)), 200)
