"""A simulated venue in a thread of its own, so that synchronous clients can be driven beside it."""

import asyncio
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

HOST = "127.0.0.1"
_STOP_S = 10.0
_SWITCH_S = 0.0002  # a client must not wait Python's 5 ms for its turn while the venue's thread works on


class Server(Protocol):
    """What runs here: it listens on loopback and takes all down again on `close`."""

    @property
    def hosts(self) -> Iterable[str]:
        """The names under which clients know the real venue; its certificate holds for them."""
        ...

    async def start(self, host: str, port: int, ssl_context: ssl.SSLContext | None) -> int: ...

    async def listen(self, sock: socket.socket, ssl_context: ssl.SSLContext | None) -> None: ...

    async def close(self) -> None: ...


S = TypeVar("S", bound=Server)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Embedded(Generic[S]):
    """A venue that listens. `ca_file` is there with TLS: clients have to trust it."""

    simulator: S
    host: str
    port: int
    ca_file: Path | None
    _loop: asyncio.AbstractEventLoop
    _context: ssl.SSLContext | None

    @property
    def url(self) -> str:
        return f"{'https' if self.ca_file else 'http'}://{self.host}:{self.port}"

    def listen(self, sock: socket.socket) -> None:
        """Answer on this socket, too, with the same TLS; a socket of another network namespace is fine."""
        asyncio.run_coroutine_threadsafe(self.simulator.listen(sock, self._context), self._loop).result()

    def call(self, function: Callable[[], T]) -> T:
        """Run `function` in the venue's thread, between two events, and return its result."""

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()


@contextmanager
def embedded(simulator: S, *, tls: bool = False, port: int = 0) -> Iterator[Embedded[S]]:
    """Run `simulator` until the block ends. Raises OSError if the port is taken."""
    with tempfile.TemporaryDirectory(prefix="diag-venue-") as folder:
        context, ca_file = None, None
        if tls:
            from probes.tls import issue

            certificates = issue(simulator.hosts)
            context, ca_file = certificates.server, certificates.write_ca(Path(folder, "ca.pem"))
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="simulated venue", daemon=True)
        thread.start()
        switch_s = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_S)
        try:
            starting = asyncio.run_coroutine_threadsafe(simulator.start(HOST, port, context), loop)
            yield Embedded(simulator, HOST, starting.result(), ca_file, loop, context)
        finally:
            sys.setswitchinterval(switch_s)
            try:
                asyncio.run_coroutine_threadsafe(_end(simulator), loop).result(_STOP_S)
            finally:
                loop.call_soon_threadsafe(loop.stop)
                thread.join(_STOP_S)
                loop.close()


async def _end(simulator: Server) -> None:
    """Close the venue and see every task of its loop to its end."""
    await simulator.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
