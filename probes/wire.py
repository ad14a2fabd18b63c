"""How long a venue takes to answer, measured at the socket.

What stands around the `await` of a client also holds its JSON, its decimals and the queue of the event loop.
Here it is the time from the request handed to the kernel to the first bytes of the answer taken from it.
"""

import socket
import time
from typing import Any


class WireClock:
    """Times the exchanges of the connections whose sockets it makes: aiohttp's `socket_factory`.

    `exchanges` counts answers, `last_ns` is the newest latency in nanoseconds. The connection must carry one
    exchange at a time (HTTP/1.1 does); of connections side by side, the one that answered last counts.
    """

    def __init__(self) -> None:
        self.exchanges = 0
        self.last_ns = 0

    def socket(self, address: tuple[Any, ...]) -> socket.socket:
        """A socket for an address as `getaddrinfo` gives it."""
        family, kind, protocol, *_ = address
        made = _TimedSocket(family, kind, protocol)
        made.clock = self
        return made


class _TimedSocket(socket.socket):
    clock: WireClock
    sent_ns = 0  # when the request that is not answered yet began; 0: there is none

    # asyncio sends by these two and receives by these two.

    def send(self, *args: Any) -> int:
        self.sent_ns = self.sent_ns or time.monotonic_ns()
        return super().send(*args)

    def sendmsg(self, *args: Any) -> int:
        self.sent_ns = self.sent_ns or time.monotonic_ns()
        return super().sendmsg(*args)

    def recv(self, *args: Any) -> bytes:
        data = super().recv(*args)
        self._received()
        return data

    def recv_into(self, *args: Any) -> int:
        number = super().recv_into(*args)
        self._received()
        return number

    def _received(self) -> None:
        if self.sent_ns:
            self.clock.last_ns = time.monotonic_ns() - self.sent_ns
            self.clock.exchanges += 1
            self.sent_ns = 0
