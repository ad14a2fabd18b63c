"""The clock at the socket, against a client that knows nothing of it: a bare socket."""

import asyncio
import threading
import time
from collections.abc import Iterator

import aiohttp
import pytest
from aiohttp import web

from probes.wire import WireClock

DELAY_S = 0.004
BODY = b'{"instrument":"ETH_USDT_Perp"}'
REQUEST = (
    b"POST /ticker HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


@pytest.fixture
def port() -> Iterator[int]:
    """A venue in a thread of its own that answers after a while."""
    started: list[int] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(DELAY_S)
        return web.json_response({"result": "x" * 500})

    async def start() -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/ticker", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        started.append(runner.addresses[0][1])
        ready.set()
        return runner

    def serve() -> None:
        runner = loop.run_until_complete(start())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    ready.wait(10)
    yield started[0]
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def test_the_time_is_that_of_the_wire_and_not_of_the_client(port: int) -> None:
    """bench.latency holds it against a bare socket."""

    async def ask() -> None:
        clock = WireClock()
        connector = aiohttp.TCPConnector(socket_factory=clock.socket)
        async with aiohttp.ClientSession(connector=connector) as http:
            for number in range(1, 6):
                began = time.monotonic_ns()
                async with http.post(f"http://127.0.0.1:{port}/ticker", data=BODY) as response:
                    await response.json()
                time.sleep(0.001)  # noqa: ASYNC251  # work of the client, which is not the venue's
                elapsed = time.monotonic_ns() - began
                assert clock.exchanges == number
                assert DELAY_S * 1e9 <= clock.last_ns <= elapsed - 1_000_000

    asyncio.run(ask())
