"""A simulated GRVT: real sockets, the protocol of the API description, a matching engine and a ledger.

From the description, the venue's SDK and ccxt, not from live capture; what these leave open is a switch
of the scenario.
"""

import asyncio
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from decimal import Decimal

from aiohttp import web

from diag.record import Journal
from probes.market.clock import Clock, SystemClock, Timer
from probes.market.events import BookChanged, Filled, MarketEvent, OrderChanged, Traded
from probes.market.exchange import Exchange
from probes.market.faults import Action, Fault, Faults
from probes.market.latency import LatencyModel
from probes.market.ledger import Ledger
from probes.market.scenario import Scenario
from probes.venue import SimulatedAccount
from probes.venues.grvt import NAME
from probes.venues.grvt.credentials import API_KEY, PRIVATE_KEY, SUB_ACCOUNT
from probes.venues.grvt.environments import HOSTS
from probes.venues.grvt.errors import REFUSALS, VenueError
from probes.venues.grvt.instruments import LISTINGS
from probes.venues.grvt.names import NAMES
from probes.venues.grvt.simulator import rest, stream_sockets
from probes.venues.grvt.simulator.account_history import AccountHistory
from probes.venues.grvt.simulator.quotes import Quotes
from probes.venues.grvt.simulator.request_parsing import ParsedRequest, parse_request
from probes.venues.grvt.simulator.responses import Responses
from probes.venues.grvt.simulator.rpc import Rpc
from probes.venues.grvt.simulator.sessions import Credentials, Session, Sessions
from probes.venues.grvt.simulator.stream_hub import Hub
from probes.venues.grvt.wire import Json, encode

CASH = Decimal(1_000_000)  # USDT, in each account at the start
LARGEST_BODY = 256 * 1024
LINGER_S = 1.0  # what a client still sends of a body that was refused is read for so long
SILENT_S = 10.0  # a connection that has not sent its first request by then is closed

_BEFORE_WORK = (Action.LOSE_REQUEST, Action.DISCONNECT)


@dataclass(slots=True)
class Answer:
    """What a request comes to. With `silence_s`, nothing is answered: silence, then the connection closes."""

    status: int
    body: bytes
    error: VenueError | None = None
    delay_s: float = 0.0
    silence_s: float | None = None


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
        self.scenario = scenario
        self.clock = clock or SystemClock()
        self.responses = Responses(self.clock)
        self.ledger = Ledger(journal, NAME)
        self.faults = Faults(scenario.faults, NAMES)
        self.latency = LatencyModel(scenario.latency, NAMES, seed)
        instruments = [listing.instrument for listing in LISTINGS.values()]
        self.exchange = Exchange.in_scenario(instruments, scenario, seed, self.ledger, self.clock)
        self.sessions = Sessions(seed, self.clock)
        for account in self.sessions.by_sub_account:
            self.exchange.open_account(account, CASH)
        self.quotes = Quotes(self.exchange, self.ledger, self.clock, scenario.faults)
        self.builders: dict[str, dict[str, Json]] = {}
        self.leverages: dict[tuple[str, str], int] = {}
        self.countdowns: dict[str, Timer] = {}
        self.fault: Fault | None = None
        """What befalls the request that is worked right now."""
        self._history = AccountHistory(self.exchange, tuple(self.sessions.by_sub_account), scenario.faults)
        self.view: Exchange | AccountHistory = self.exchange
        """Where queries read the state of accounts: the exchange, or how it stood before."""
        self.exchange.listeners.append(self._on_event)
        self.streams = Hub(self, paced=free_running_ms is not None)
        self.silent: set[asyncio.BaseProtocol] = set()
        """Connections that have not brought a request yet."""
        self._free_running_ms = free_running_ms
        self._ticking: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None
        self._servers: list[asyncio.Server] = []

    @property
    def credentials(self) -> tuple[Credentials, ...]:
        return self.sessions.credentials

    @property
    def accounts(self) -> tuple[SimulatedAccount, ...]:
        return tuple(
            SimulatedAccount(
                each.sub_account_id,
                {API_KEY: each.api_key, PRIVATE_KEY: each.private_key, SUB_ACCOUNT: each.sub_account_id},
            )
            for each in self.credentials
        )

    def leverage(self, account: str, instrument: str) -> int:
        return self.leverages.get((account, instrument), LISTINGS[instrument].max_leverage)

    def work(self, rpc: Rpc, session: Session | None, payload: object) -> Answer:
        """Work one request, whichever transport brought it, and write it to the ledger."""
        return self.answer(parse_request(rpc, payload), session)

    def answer(self, parsed: ParsedRequest, session: Session | None) -> Answer:
        """`work` for a request that was read already."""
        self.streams.flush()  # what came before has its rows before this one
        self.exchange.step()
        rpc, error = parsed.rpc, parsed.error
        account = session.sub_account_id if session is not None else None
        seq = self.ledger.repeat(parsed.row(self.ledger, account))
        fault = self.faults.on_request(rpc.endpoint)
        silence_s = None
        if fault is not None:
            self.ledger.fault(fault.action, request=seq)
            if fault.action in (*_BEFORE_WORK, Action.LOSE_ACK):
                silence_s = 0.0 if fault.action is Action.DISCONNECT else fault.silence_ms / 1000
        body = b""
        if fault is None or fault.action not in _BEFORE_WORK:
            try:
                if fault is not None:
                    self._apply_fault(fault, rpc, session)
                if rpc.needs_session and (session is None or session.ended):
                    raise VenueError(1000)
                if error is not None:
                    raise error
                body = self._handle(rpc, session, parsed.payload, fault)
            except VenueError as refused:
                error, body = refused, encode(refused.body)
        status = error.status if error is not None else 200
        self.ledger.response(seq, 0 if silence_s is not None else status, error.code if error else None)
        self._history.request_worked()
        return Answer(status, body, error, self.latency.response_s(rpc.endpoint), silence_s)

    def _handle(self, rpc: Rpc, session: Session | None, payload: Json, fault: Fault | None) -> bytes:
        self.fault = fault
        if fault is not None and fault.action is Action.LAG:
            self._history.look_back(fault.lag)
            self.view = self._history
        try:
            answer = rpc.handle(self, session, payload)
        finally:
            self.fault, self.view = None, self.exchange
        return answer if isinstance(answer, bytes) else encode(answer)

    def _apply_fault(self, fault: Fault, rpc: Rpc, session: Session | None) -> None:
        if fault.action is Action.RATE_LIMIT:
            raise VenueError(1006)
        if fault.action is Action.FAIL:
            raise VenueError(1002)
        if fault.action is Action.REFUSE:
            raise VenueError(REFUSALS.get(fault.reason, 2082) if "order" in rpc.endpoint else 1003)
        if fault.action is Action.EXPIRE_SESSION and session is not None:
            self.sessions.end(session)

    def _on_event(self, event: MarketEvent) -> None:
        match event:
            case BookChanged(instrument):
                self.quotes.changed(instrument)
            case Traded(trade):
                self.quotes.changed(trade.instrument)
            case OrderChanged(order):
                self._history.order_changed(order)
            case Filled(fill):
                self._filled(fill.account)

    def _filled(self, account: str) -> None:
        fault = self.faults.on_fill()
        if fault is None:
            return
        self.ledger.fault(fault.action, account=account)
        if fault.action is Action.EXPIRE_SESSION:
            self.sessions.end_all(account)
        else:
            self.streams.disconnect(account)

    async def start(
        self, host: str = "127.0.0.1", port: int = 0, ssl_context: ssl.SSLContext | None = None
    ) -> int:
        """Listen and return the port. ValueError unless `host` is loopback; OSError if the port is taken."""
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"{host} is not a loopback address; the simulator serves this machine only")
        app = web.Application(client_max_size=LARGEST_BODY)
        stream_sockets.attach(app, self)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, lingering_time=LINGER_S)
        await self._runner.setup()
        make = self._runner.server
        assert make is not None
        make.request_handler = rest.handler_before(make.request_handler, self)
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
            self.clock.call_later(SILENT_S, self._close_if_silent, protocol)
            return protocol

        self._servers.append(await loop.create_server(connected, sock=sock, ssl=ssl_context, backlog=512))

    async def close(self) -> None:
        """Stop listening, close every connection, end every timer."""
        if self._ticking is not None:
            self._ticking.cancel()
        self.streams.close()
        for countdown in self.countdowns.values():
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
            await self.clock.sleep(step_s)
            self.exchange.step()
