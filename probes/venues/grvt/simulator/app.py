"""A simulated GRVT: real sockets, the protocol of the API description, a matching engine and a ledger.

From the description, the venue's SDK and ccxt, not from live capture; what these leave open is a switch
of the scenario.
"""

import asyncio
import ipaddress
import socket
import ssl

from aiohttp import web

from diag.record import Journal
from probes.market.clock import Clock, SkewedClock, SystemClock
from probes.market.exchange import Exchange
from probes.market.scenario import Scenario
from probes.venue import SimulatedAccount
from probes.venues.grvt.credentials import API_KEY, PRIVATE_KEY, SUB_ACCOUNT
from probes.venues.grvt.environments import HOSTS
from probes.venues.grvt.simulator import rest, stream_sockets
from probes.venues.grvt.simulator.backend import Backend
from probes.venues.grvt.simulator.sessions import Credentials
from probes.venues.grvt.simulator.state import State

LARGEST_BODY = 256 * 1024
LINGER_S = 1.0  # what a client still sends of a body that was refused is read for so long
SILENT_S = 10.0  # a connection that has not sent its first request by then is closed


class Simulator:
    """The venue. All of it lives in one event loop; `start` binds it to a port of this machine."""

    hosts = HOSTS

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        journal: Journal,
        *,
        free_running_ms: int | None = None,
        clock: Clock | None = None,
    ) -> None:
        clock = clock or SystemClock()
        if scenario.venue.clock_skew_ms:
            clock = SkewedClock(clock, scenario.venue.clock_skew_ms * 10**6)
        self.state = State(scenario, seed, journal, clock)
        self.backend = Backend(self.state, paced=free_running_ms is not None)
        self.silent: set[asyncio.BaseProtocol] = set()
        """Connections that have not brought a request yet."""
        self._free_running_ms = free_running_ms
        self._ticking: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None
        self._servers: list[asyncio.Server] = []

    @property
    def scenario(self) -> Scenario:
        return self.state.scenario

    @property
    def exchange(self) -> Exchange:
        return self.state.exchange

    @property
    def credentials(self) -> tuple[Credentials, ...]:
        return self.state.sessions.credentials

    @property
    def accounts(self) -> tuple[SimulatedAccount, ...]:
        return tuple(
            SimulatedAccount(
                each.sub_account_id,
                {API_KEY: each.api_key, PRIVATE_KEY: each.private_key, SUB_ACCOUNT: each.sub_account_id},
            )
            for each in self.credentials
        )

    async def start(
        self, host: str = "127.0.0.1", port: int = 0, ssl_context: ssl.SSLContext | None = None
    ) -> int:
        """Listen and return the port. ValueError unless `host` is loopback; OSError if the port is taken."""
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"{host} is not a loopback address; the simulator serves this machine only")
        app = web.Application(client_max_size=LARGEST_BODY)
        stream_sockets.attach(app, self.backend)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, lingering_time=LINGER_S)
        await self._runner.setup()
        make = self._runner.server
        assert make is not None
        make.request_handler = rest.handler_before(make.request_handler, self.backend, self.silent)
        self._make = make
        sock = socket.create_server((host, port))
        await self.listen(sock, ssl_context)
        if self._free_running_ms:
            self._ticking = asyncio.create_task(self._run_free(self._free_running_ms / 1000))
        bound: int = sock.getsockname()[1]
        return bound

    async def listen(self, sock: socket.socket, ssl_context: ssl.SSLContext | None) -> None:
        """Answer on this socket as well; it is the venue's from then on."""
        loop = asyncio.get_running_loop()
        make = self._make

        def connected() -> asyncio.Protocol:
            protocol = make()
            self.silent.add(protocol)
            self.state.clock.call_later(SILENT_S, self._close_if_silent, protocol)
            return protocol

        self._servers.append(await loop.create_server(connected, sock=sock, ssl=ssl_context, backlog=512))

    async def close(self) -> None:
        """Stop listening, close every connection, end every timer."""
        if self._ticking is not None:
            self._ticking.cancel()
        self.backend.streams.close()
        for countdown in self.state.countdowns.values():
            countdown.cancel()
        for server in self._servers:
            server.close()
        if self._runner is not None and self._runner.server is not None:
            transports = [each.transport for each in self._runner.server.connections]
            await self._runner.cleanup()
            for transport in transports:
                if transport is not None:
                    transport.abort()  # over TLS, closing alone waits for the client's goodbye
            await asyncio.sleep(0)
        for server in self._servers:
            await server.wait_closed()

    def _close_if_silent(self, protocol: web.RequestHandler) -> None:
        if protocol in self.silent:
            self.silent.discard(protocol)
            protocol.force_close()

    async def _run_free(self, step_s: float) -> None:
        while True:
            await self.state.clock.sleep(step_s)
            self.state.exchange.step()
