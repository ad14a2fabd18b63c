"""The WebSockets of the venue: `/ws` and `/ws/full`, for market data and for trading."""

from aiohttp import WSMsgType, web

from probes.venues.grvt.errors import not_simulated
from probes.venues.grvt.simulator.backend import Backend
from probes.venues.grvt.simulator.rest import gateway_of, session_of
from probes.venues.grvt.simulator.stream_connection import Connection
from probes.venues.grvt.simulator.stream_requests import answer
from probes.venues.grvt.wire import encode

LARGEST_MESSAGE = 256 * 1024
PING_S = 30.0
CLOSE_S = 1.0  # how long the client may take to confirm that the connection closes


def attach(app: web.Application, backend: Backend) -> None:
    """Serve the WebSockets of the simulator under `app`."""
    connections: set[Connection] = set()

    async def serve(request: web.Request) -> web.StreamResponse:
        gateway = gateway_of(request.headers.get("Host", ""))
        if gateway == "edge":
            raise web.HTTPNotFound
        socket = web.WebSocketResponse(
            timeout=CLOSE_S, heartbeat=PING_S, compress=False, max_msg_size=LARGEST_MESSAGE
        )
        await socket.prepare(request)
        assert request.transport is not None
        connection = Connection(socket, request.transport, session_of(backend, request), gateway)
        connections.add(connection)
        try:
            async for message in socket:
                await answer(backend, connection, message.data if message.type is WSMsgType.TEXT else "")
        finally:
            connections.remove(connection)
            backend.streams.leave(connection)
            await connection.finish()
        return socket

    async def lite(_: web.Request) -> web.StreamResponse:
        error = not_simulated("/ws/lite")
        return web.Response(body=encode(error.body), status=error.status, content_type="application/json")

    async def close_all(_: web.Application) -> None:
        for connection in connections:
            connection.close()

    for path in ("/ws", "/ws/full"):
        app.router.add_get(path, serve)
    app.router.add_get("/ws/lite", lite)
    app.on_shutdown.append(close_all)
