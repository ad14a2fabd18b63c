"""REST: `POST` with a JSON object, on every host of the venue."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache, partial

from aiohttp import web

from diag.record import RecordError
from probes.market.faults import Fault
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
from probes.venues.grvt.simulator.backend import Answer, Backend
from probes.venues.grvt.simulator.broken_answers import OF_HTTP, broken
from probes.venues.grvt.simulator.fields import malformed
from probes.venues.grvt.simulator.request_parsing import ParsedRequest, parse_request
from probes.venues.grvt.simulator.rpc import Rpc
from probes.venues.grvt.simulator.rpcs import rpcs
from probes.venues.grvt.simulator.sessions import Session, chain_of
from probes.venues.grvt.wire import decode, encode

BODY_S = 10.0  # how long a client may take to send a body
_DOMAINS = (".grvt.io", ".gravitymarkets.io")
_CONTENT_TYPES = ("application/json", "application/x-www-form-urlencoded")
"""The venue's own examples leave the type to curl, which says that it is a form."""
_SHORT = 256  # bytes; what is longer hardly comes twice
_MOST_REPEATED = 256  # requests remembered for each RPC


Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def handler_before(others: Handler, backend: Backend, silent: set[asyncio.BaseProtocol]) -> Handler:
    """The handler of the server: RPCs and logins by their path, all else by the application.

    The router of an application takes as long for a path as an RPC for its work.
    """
    handlers = {rpc.path: _serve(backend, rpc) for rpc in rpcs.values()}
    handlers["/auth/api_key/login"] = _login(backend, BY_API_KEY)
    handlers["/auth/wallet/login"] = _login(backend, BY_WALLET)
    not_served = partial(_not_served, backend)

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        silent.discard(request.protocol)
        if request.method == "POST":
            try:
                return await handlers.get(request.path, not_served)(request)
            except RecordError as error:  # the disk is full: whoever runs the venue is told, too
                return _refused(backend, request, VenueError(1002, f"Internal Server Error: {error}"))
        if request.path == "/time":
            return await _time(backend, request)
        return await (others if request.path.startswith("/ws") else not_served)(request)

    return handle


@lru_cache(maxsize=256)
def gateway_of(host: str) -> str | None:
    """Which gateway the Host header names: market-data, trades or edge; None if the host is not GRVT's."""
    name = host.rpartition(":")[0] or host
    return name.partition(".")[0] if name.endswith(_DOMAINS) else None


def session_of(backend: Backend, request: web.BaseRequest) -> Session | None:
    """The session that the cookie and the header X-Grvt-Account-Id name.

    A client that cannot set headers on a WebSocket has `x_grvt_account_id` in its query.
    """
    headers = request.headers
    account_id = headers.get("X-Grvt-Account-Id") or request.query.get("x_grvt_account_id")
    return backend.state.sessions.find(cookie_of(headers.get("Cookie")), account_id)


def _serve(backend: Backend, rpc: Rpc) -> Handler:
    parsed_before: dict[bytes, ParsedRequest] = {}
    respond = backend.responses.json

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        headers = request.headers
        if gateway_of(headers.get("Host", "")) not in (None, rpc.gateway):
            return _refused(backend, request, VenueError(1004))
        try:
            body = await _body(backend, request)
            parsed = parsed_before.get(body)
            if parsed is None:
                parsed = parse_request(rpc, _decoded(body))
                if len(body) <= _SHORT and len(parsed_before) < _MOST_REPEATED:
                    parsed_before[body] = parsed
        except VenueError as error:
            return _refused(backend, request, error)
        session = session_of(backend, request) if rpc.needs_session else None
        answer = backend.answer(parsed, session)
        if answer.delay_s or answer.silence_s is not None:
            await _wait(backend, request, answer)
        if answer.fault is not None and answer.fault.action in OF_HTTP:
            return _broken(backend, request, answer, answer.fault)
        if answer.retry_after_s:
            return respond(request, answer.body, answer.status, {"Retry-After": str(answer.retry_after_s)})
        return respond(request, answer.body, answer.status)

    return handle


def _login(backend: Backend, by: Login) -> Handler:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        host = request.headers.get("Host", "")
        if gateway_of(host) not in (None, "edge"):
            return _refused(backend, request, VenueError(1004))
        try:
            payload = _decoded(await _body(backend, request))
        except VenueError as error:
            return _refused(backend, request, error)
        opened: list[Session] = []
        answer = backend.work(login_rpc(by, chain_of(host), opened), None, payload)
        await _wait(backend, request, answer)
        if answer.fault is not None and answer.fault.action in OF_HTTP:
            return _broken(backend, request, answer, answer.fault)
        response = backend.responses.json_with_headers(answer.body, answer.status)
        if answer.retry_after_s:
            response.headers["Retry-After"] = str(answer.retry_after_s)
        for session in opened:
            response.headers["Set-Cookie"] = set_cookie(session, secure=request.secure)
            response.headers["X-Grvt-Account-Id"] = session.credentials.main_account_id
        return response

    return handle


async def _body(backend: Backend, request: web.BaseRequest) -> bytes:
    """The body; VenueError when it is too long or too slow, or has to be said to be JSON and is not."""
    said = request.headers.get("Content-Type", "")
    if backend.state.scenario.venue.content_type == "json" and not said.startswith(_CONTENT_TYPES):
        raise malformed("Content-Type must be application/json")
    try:
        if request.content.is_eof():
            return await request.read()
        if request.headers.get("Expect", "").lower() == "100-continue":
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.writer.output_size = 0
        async with asyncio.timeout(None) as limit:
            ends = backend.state.clock.call_later(BODY_S, limit.reschedule, 0)
            try:
                return await request.read()
            finally:
                ends.cancel()
    except web.HTTPRequestEntityTooLarge:
        raise VenueError(1003, "Request could not be processed: the body is too long", 413) from None
    except web.RequestPayloadError:
        request.content.feed_eof()  # or aiohttp goes on reading it
        raise malformed("the body cannot be decoded") from None
    except TimeoutError:
        raise VenueError(1003, "Request could not be processed: the body did not come", 408) from None


def _decoded(body: bytes) -> object:
    try:
        return decode(body)
    except ValueError:
        raise malformed("the body is not JSON") from None


async def _wait(backend: Backend, request: web.BaseRequest, answer: Answer) -> None:
    """Let the time pass that the answer takes; close the connection if it is never to be sent."""
    if answer.delay_s:
        await backend.state.clock.sleep(answer.delay_s)
    if answer.silence_s is not None and (answer.fault is None or answer.fault.action not in OF_HTTP):
        await backend.state.clock.sleep(answer.silence_s)
        request.protocol.force_close()
        if request.transport is not None:
            request.transport.abort()


def _broken(backend: Backend, request: web.BaseRequest, answer: Answer, fault: Fault) -> web.StreamResponse:
    return backend.responses.broken(broken(fault, answer.body, answer.status, request.path_qs))


def _refused(backend: Backend, request: web.BaseRequest, error: VenueError) -> web.StreamResponse:
    return backend.responses.json(request, encode(error.body), error.status)


async def _time(backend: Backend, request: web.BaseRequest) -> web.StreamResponse:
    """The clock of the venue in milliseconds."""
    if gateway_of(request.headers.get("Host", "")) not in (None, "market-data"):
        return _refused(backend, request, VenueError(1004))
    return backend.responses.json(request, encode({"server_time": backend.state.clock.utc_ns() // 10**6}))


async def _not_served(backend: Backend, request: web.BaseRequest) -> web.StreamResponse:
    name = request.path.removeprefix("/lite/").removeprefix("/full/")
    if request.method == "POST" and name in RPCS:
        return _refused(backend, request, not_simulated(request.path))
    error = VenueError(1004, f"Data Not Found: {request.method} {request.path[:200]}")
    return _refused(backend, request, error)
