"""One open WebSocket, what waits to be written to it and when it is cut off; and what it can subscribe to."""

import asyncio
from collections import deque

from aiohttp import WSCloseCode, WSMsgType, web

from probes.market.clock import Timer
from probes.market.order import Quote
from probes.venues.grvt.simulator.sessions import Session
from probes.venues.grvt.streams import Selector
from probes.venues.grvt.wire import Json

MOST_WAITING_BYTES = 4 * 2**20
"""A client that lets more than this pile up is cut off, so that a slow reader never costs memory."""
QUOTES = ("mini", "ticker", "book")


CUT = 1006
"""The close code that clients give a connection that broke; nobody sends it."""


class Connection:
    """Messages go out in the order in which they were sent. `send` and `close` never wait.

    `gateway` is the one that the Host header names, None for an address of this machine.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport,
        session: Session | None,
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
        self._is_mute = False
        self._close_code = int(WSCloseCode.GOING_AWAY)

    def send(self, message: bytes) -> None:
        """Put a message into the outbox; cuts the client off when that is full."""
        if self._is_closing or self._is_mute:
            return
        self._waiting.append(message)
        self._waiting_bytes += len(message)
        if self._waiting_bytes > MOST_WAITING_BYTES:
            self._waiting.clear()
            self._transport.abort()
        self._wake.set()

    def mute(self) -> None:
        """Say nothing any more, but keep the connection open and answer pings."""
        self._is_mute = True

    def close(self, code: int = WSCloseCode.GOING_AWAY) -> None:
        """Close the connection once everything sent so far is written; with CUT, without a goodbye."""
        self._is_closing, self._close_code = True, int(code)
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
                        if self._close_code == CUT:
                            self._transport.abort()
                        else:
                            await self._socket.close(code=self._close_code)
                        return
                    self._waiting_bytes -= len(message)
                    await self._socket.send_frame(message, WSMsgType.TEXT)
        except ConnectionError:  # the client is gone; the reader learns of it by itself
            return


class Channel:
    """One selector of one stream, with its sequence of messages and who gets them."""

    def __init__(self, selector: Selector, is_global: bool) -> None:
        self.selector = selector
        self.is_global = is_global
        _, self.kind, *flavour = selector.stream.split(".")
        self.is_delta = flavour == ["d"]
        self.repeats = flavour == ["s"]
        self.connections: dict[Connection, None] = {}
        self.sequence = 0
        self.shown: Json = {}  # the state that the last message left the client with
        self.quote: Quote | None = None  # of what is shown
        self.is_true = True  # what is shown is the market, not a fault's
        self.held: bytes | None = None  # a message that waits for the next to overtake it
        self.is_due = False  # something changed since the last message
        self.is_fresh = False  # something went out since the last tick
        self.timer: Timer | None = None

    @property
    def topic(self) -> tuple[str, str]:
        """Under which events find the channel: what they are about, and of which instrument or account."""
        about = self.selector
        return (
            "quote" if self.kind in QUOTES else self.kind,
            about.sub_account or about.main_account or about.instrument,
        )
