"""What a client may send over a WebSocket, and how it is answered: JSON-RPC 2.0 and the older form.

Source: GRVT API description, JSONRPCRequest, WSSubscribeParams, WSSubscribeRequestV1Legacy and the error
examples of its streams. Fields that the description does not have are let pass: ccxt sends some.
"""

from probes.venues.grvt.coverage import RPCS
from probes.venues.grvt.errors import VenueError, not_simulated
from probes.venues.grvt.names import NAMES
from probes.venues.grvt.simulator.backend import Backend
from probes.venues.grvt.simulator.broken_answers import OF_HTTP
from probes.venues.grvt.simulator.fields import Fields, boolean, list_of, malformed, text, uint32
from probes.venues.grvt.simulator.rpcs import rpcs
from probes.venues.grvt.simulator.stream_connection import CUT, Connection
from probes.venues.grvt.wire import Json, decode, encode

_SUBSCRIPTIONS = ("subscribe", "unsubscribe")
_METHOD = Fields({"method": text})
_PARAMS = Fields({"stream": text, "selectors": list_of(text)}, {"use_global_sequence_number": boolean})
_LEGACY = Fields({"stream": text, "feed": list_of(text), "method": text}, {"is_full": boolean})


async def answer(backend: Backend, connection: Connection, message: str) -> None:
    """Work one message of a client and answer it; what the streams have to say of it comes after."""
    backend.streams.flush()  # what came before has its rows before this one
    try:
        request = decode(message)
    except ValueError:
        request = None
    if not isinstance(request, dict):
        error = malformed("a JSON object is due")
        refusal = {"code": error.code, "message": error.message}
        connection.send(encode({"jsonrpc": "2.0", "error": refusal, "id": 0, "method": ""}))
    elif "jsonrpc" in request or "params" in request:
        await _jsonrpc(backend, connection, request)
    else:
        connection.send(encode(_legacy(backend, connection, request)))
    backend.streams.flush()


async def _jsonrpc(backend: Backend, connection: Connection, request: Json) -> None:
    method, identity = "", _identity("id", request)
    try:
        method = _METHOD.parse(request)["method"]
        if method in _SUBSCRIPTIONS:
            params = _PARAMS.parse(request.get("params"))
            is_global = params.get("use_global_sequence_number", False)
            result = encode(
                _subscription(backend, connection, method, params["stream"], params["selectors"], is_global)
            )
        else:
            answered = await _rpc(backend, connection, method, request.get("params"))
            if answered is None:
                return
            result = answered
    except VenueError as error:
        if method not in _SUBSCRIPTIONS and backend.state.scenario.venue.rpc_errors == "rest":
            connection.send(encode(error.body))
        else:
            refusal = {"code": error.code, "message": error.message}
            connection.send(encode({"jsonrpc": "2.0", "error": refusal, **identity, "method": method}))
        return
    # The result is JSON already.
    rest = encode({**identity, "method": method})[1:]
    connection.send(b'{"jsonrpc":"2.0","result":%b,%b' % (result, rest))


async def _rpc(backend: Backend, connection: Connection, method: str, params: object) -> bytes | None:
    """Work an RPC as REST does; None when a fault leaves it unanswered."""
    rpc = rpcs.get(method)
    if rpc is None or connection.gateway not in (None, rpc.gateway):
        raise not_simulated(method) if method in RPCS else VenueError(1200)
    session = connection.session if rpc.needs_session else None
    answered = backend.work(rpc, session, params, over_http=False)
    if answered.silence_s is not None:
        backend.streams.flush()
        await backend.state.clock.sleep(answered.silence_s)
        fault = answered.fault
        connection.close(CUT if fault is None or fault.action in OF_HTTP else fault.close_code)
        return None
    if answered.delay_s:
        backend.streams.flush()
        await backend.state.clock.sleep(answered.delay_s)
    if answered.error is not None:
        raise answered.error
    return answered.body


def _legacy(backend: Backend, connection: Connection, request: Json) -> Json:
    identity = _identity("request_id", request)
    try:
        asked = _LEGACY.parse(request)
        if asked["method"] not in _SUBSCRIPTIONS:
            raise malformed("method must be subscribe or unsubscribe")
        if not asked.get("is_full", True):
            raise not_simulated("the lite form of a stream")
        result = _subscription(
            backend, connection, asked["method"], asked["stream"], asked["feed"], is_global=False
        )
    except VenueError as error:
        return {**identity, "code": error.code, "message": error.message, "status": error.status}
    # An answer of the older form has all fields, even to "unsubscribe".
    lists = ("subs", "unsubs", "num_snapshots", "first_sequence_number", "latest_sequence_number")
    return {**identity, "stream": asked["stream"], **{name: [] for name in lists}, **result}


def _subscription(
    backend: Backend,
    connection: Connection,
    method: str,
    stream: str,
    selectors: list[str],
    is_global: bool,
) -> Json:
    """Subscribe or unsubscribe, and write it to the ledger."""
    session, ledger = connection.session, backend.state.ledger
    account = session.sub_account_id if session is not None else None
    feed = NAMES.streams.get(stream.split(".")[1] if "." in stream else stream)
    seq = ledger.request(method, account=account, data={"stream": stream, "selectors": selectors}, feed=feed)
    work = backend.streams.subscribe if method == "subscribe" else backend.streams.unsubscribe
    try:
        result = work(connection, stream, selectors, is_global)
    except VenueError as error:
        ledger.response(seq, error.status, error.code)
        raise
    ledger.response(seq, 200)
    return result


def _identity(name: str, request: Json) -> Json:
    """The number by which the client knows its request, if it gave one."""
    try:
        return {name: uint32(request[name])}
    except (KeyError, ValueError):
        return {}
