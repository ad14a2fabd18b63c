"""Sends given HTTP/1.1 requests over a few connections, each when the answer before it is there."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load. `body_bytes` is the length of the last answer's body."""

    answered: int
    seconds: float
    body_bytes: int

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds


class _Client(asyncio.Protocol):
    """Fails its future at an answer that is not 200."""

    def __init__(self, requests: Iterator[bytes], done: "asyncio.Future[None]") -> None:
        self._requests = requests
        self._done = done
        self._buffer = b""
        self.answered = 0
        self.body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._buffer = b""
        if head.startswith(b"HTTP/1.1 200"):
            self.answered, self.body = self.answered + 1, body
            self._send()
        else:
            self._end(ValueError(f"refused: {body.decode(errors='replace')[:200]}"))

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or ConnectionError("the server closed the connection"))

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._end(None)
        else:
            self.transport.write(request)

    def _end(self, error: Exception | None) -> None:
        if self._done.done():
            return
        if error is None:
            self._done.set_result(None)
        else:
            self._done.set_exception(error)


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0])


def post(path: str, body: bytes, headers: str = "") -> bytes:
    """A request as it goes over the wire; `headers` ends with a line break."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{headers}"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def send(port: int, requests: Iterator[bytes], connections: int = CONNECTIONS) -> Load:
    """Send all requests to 127.0.0.1; ValueError when one is refused, OSError when the server hangs up."""
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    clients, ends = [], []
    for _ in range(connections):
        done = loop.create_future()
        _, client = await loop.create_connection(lambda end=done: _Client(requests, end), "127.0.0.1", port)
        clients.append(client)
        ends.append(done)
    try:
        await asyncio.gather(*ends)
        seconds = time.perf_counter() - began
    finally:
        for client in clients:
            client.transport.close()
    return Load(sum(client.answered for client in clients), seconds, len(clients[0].body))
