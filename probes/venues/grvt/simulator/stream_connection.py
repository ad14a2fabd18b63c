"""One open WebSocket: what waits to be written to it, and when it is cut off."""

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode, WSMsgType, web

if TYPE_CHECKING:
    from probes.venues.grvt.simulator.sessions import Session
    from probes.venues.grvt.simulator.stream_hub import Channel

MOST_WAITING_BYTES = 4 * 2**20
"""A client that lets more than this pile up is cut off, so that a slow reader never costs memory."""


class Connection:
    """Messages go out in the order in which they were sent. `send` and `close` never wait.

    `gateway` is the one that the Host header names, None for an address of this machine.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport,
        session: "Session | None",
        gateway: str | None,
    ) -> None:
        self.session = session
        self.gateway = gateway
        self.subscriptions: dict[tuple[str, str, bool], Channel] = {}
        self._socket = socket
        self._transport = transport
        self._waiting: deque[bytes | None] = deque()
        self._waiting_bytes = 0
        self._wake = asyncio.Event()
        self._writer = asyncio.create_task(self._write())
        self._is_closing = False

    def send(self, message: bytes) -> None:
        """Put a message into the outbox; cuts the client off when that is full."""
        if self._is_closing:
            return
        self._waiting.append(message)
        self._waiting_bytes += len(message)
        if self._waiting_bytes > MOST_WAITING_BYTES:
            self._waiting.clear()
            self._transport.abort()
        self._wake.set()

    def close(self) -> None:
        """Close the connection once everything sent so far is written."""
        self._is_closing = True
        self._waiting.append(None)
        self._wake.set()

    async def finish(self) -> None:
        """The reader has ended: so does the writer, who may be about to say goodbye."""
        if not self._is_closing:
            self._writer.cancel()
        await asyncio.wait([self._writer])

    async def _write(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    message = self._waiting.popleft()
                    if message is None:
                        await self._socket.close(code=WSCloseCode.GOING_AWAY)
                        return
                    self._waiting_bytes -= len(message)
                    await self._socket.send_frame(message, WSMsgType.TEXT)
        except ConnectionError:  # the client is gone; the reader learns of it by itself
            return
