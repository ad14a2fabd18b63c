"""REST: `POST` with a JSON object, on every host of the venue."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from aiohttp import web

from probes.venues.grvt.coverage import RPCS
from probes.venues.grvt.errors import VenueError, not_simulated
from probes.venues.grvt.simulator.auth import (
    BY_API_KEY,
    BY_WALLET,
    Login,
    cookie_of,
    login_rpc,
    set_cookie,
)
from probes.venues.grvt.simulator.fields import malformed
from probes.venues.grvt.simulator.rpc import Rpc
from probes.venues.grvt.simulator.rpcs import rpcs
from probes.venues.grvt.simulator.sessions import Session, chain_of
from probes.venues.grvt.wire import encode

if TYPE_CHECKING:
    from probes.venues.grvt.simulator.app import Answer, Simulator

BODY_S = 10.0  # how long a client may take to send a body
_DOMAINS = (".grvt.io", ".gravitymarkets.io")
_CONTENT_TYPES = ("application/json", "application/x-www-form-urlencoded")
"""The venue's own examples leave the type to curl, which says it is a form."""
_HEADERS = {"Content-Type": "application/json"}


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def attach(app: web.Application, simulator: "Simulator") -> None:
    for rpc in rpcs.values():
        app.router.add_post(rpc.path, _serve(simulator, rpc))
    app.router.add_post("/auth/api_key/login", _login(simulator, BY_API_KEY))
    app.router.add_post("/auth/wallet/login", _login(simulator, BY_WALLET))
    app.router.add_get("/time", _time(simulator))
    app.router.add_route("*", "/{path:.*}", _elsewhere(simulator))


@lru_cache(maxsize=256)
def gateway_of(host: str) -> str | None:
    """Which gateway the Host header names: market-data, trades or edge; None if the host is not GRVT's."""
    name = host.rpartition(":")[0] or host
    return name.partition(".")[0] if name.endswith(_DOMAINS) else None


def session_of(simulator: "Simulator", request: web.BaseRequest) -> Session | None:
    """The session that the cookie and the header X-Grvt-Account-Id name.

    A client that cannot set headers on a WebSocket has `x_grvt_account_id` in its query.
    """
    headers = request.headers
    account_id = headers.get("X-Grvt-Account-Id") or request.query.get("x_grvt_account_id")
    return simulator.sessions.find(cookie_of(headers.get("Cookie")), account_id)


def _serve(simulator: "Simulator", rpc: Rpc) -> _Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        simulator.silent.discard(request.protocol)
        if gateway_of(request.headers.get("Host", "")) not in (None, rpc.gateway):
            return _refused(VenueError(1004))
        try:
            payload = await _payload(request)
        except VenueError as error:
            return _refused(error)
        session = session_of(simulator, request) if rpc.needs_session else None
        return await _deliver(request, simulator.work(rpc, session, payload))

    return handle


def _login(simulator: "Simulator", by: Login) -> _Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        simulator.silent.discard(request.protocol)
        host = request.headers.get("Host", "")
        if gateway_of(host) not in (None, "edge"):
            return _refused(VenueError(1004))
        try:
            payload = await _payload(request)
        except VenueError as error:
            return _refused(error)
        opened: list[Session] = []
        answer = simulator.work(login_rpc(by, chain_of(host), opened), None, payload)
        response = await _deliver(request, answer)
        for session in opened:
            response.headers["Set-Cookie"] = set_cookie(session, secure=request.secure)
            response.headers["X-Grvt-Account-Id"] = session.credentials.main_account_id
        return response

    return handle


async def _payload(request: web.Request) -> object:
    """The JSON value in the body; VenueError when there is none, or it is too long or too slow."""
    if not request.headers.get("Content-Type", "").startswith(_CONTENT_TYPES):
        raise malformed("Content-Type must be application/json")
    try:
        if request.content.is_eof():
            body = await request.read()
        else:
            async with asyncio.timeout(BODY_S):
                body = await request.read()
        return _DECODER.decode(body.decode())
    except web.HTTPRequestEntityTooLarge:
        raise VenueError(1003, "Request could not be processed: the body is too long", 413) from None
    except TimeoutError:
        raise VenueError(1003, "Request could not be processed: the body did not come", 408) from None
    except (ValueError, RecursionError):
        raise malformed("the body is not JSON") from None


async def _deliver(request: web.Request, answer: "Answer") -> web.StreamResponse:
    if answer.delay_s:
        await asyncio.sleep(answer.delay_s)
    if answer.silence_s is not None:
        await asyncio.sleep(answer.silence_s)
        request.protocol.force_close()
        if request.transport is not None:
            request.transport.abort()
    return web.Response(body=answer.body, status=answer.status, headers=_HEADERS)


def _refused(error: VenueError) -> web.Response:
    return web.Response(body=encode(error.body), status=error.status, headers=_HEADERS)


def _time(simulator: "Simulator") -> _Handler:
    """The clock of the venue in milliseconds."""

    async def handle(request: web.Request) -> web.StreamResponse:
        simulator.silent.discard(request.protocol)
        if gateway_of(request.headers.get("Host", "")) not in (None, "market-data"):
            return _refused(VenueError(1004))
        return web.Response(body=encode({"server_time": time.time_ns() // 10**6}), headers=_HEADERS)

    return handle


def _elsewhere(simulator: "Simulator") -> _Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        simulator.silent.discard(request.protocol)
        name = request.path.removeprefix("/lite/").removeprefix("/full/")
        if request.method == "POST" and name in RPCS:
            return _refused(not_simulated(request.path))
        return _refused(VenueError(1004, f"Data Not Found: {request.method} {request.path[:200]}"))

    return handle
