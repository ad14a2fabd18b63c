"""What works a request, whichever transport brought it: faults, the handler, the ledger, the answer."""

from dataclasses import dataclass
from math import ceil

from probes.market.events import BookChanged, Filled, MarketEvent, OrderChanged, Traded
from probes.market.faults import Action, Fault
from probes.market.rate_limit import RateLimit
from probes.venues.grvt.errors import REFUSALS, VenueError
from probes.venues.grvt.simulator.request_parsing import ParsedRequest, parse_request
from probes.venues.grvt.simulator.responses import Responses
from probes.venues.grvt.simulator.rpc import Rpc
from probes.venues.grvt.simulator.sessions import Session
from probes.venues.grvt.simulator.state import State
from probes.venues.grvt.simulator.stream_hub import Hub
from probes.venues.grvt.wire import LIQUIDATION_TAGS, Json, encode

_BEFORE_WORK = (Action.LOSE_REQUEST, Action.DISCONNECT, Action.GATEWAY_ERROR, Action.REDIRECT)
_UNREADABLE = (Action.LOSE_ACK, Action.CUT_ANSWER, Action.FALSE_GZIP)


@dataclass(slots=True)
class Answer:
    """What a request comes to. With `silence_s`, nothing is answered: silence, then the connection closes.

    `fault` is what befell it: some faults act on the way back.
    """

    status: int
    body: bytes
    error: VenueError | None = None
    delay_s: float = 0.0
    silence_s: float | None = None
    fault: Fault | None = None
    retry_after_s: int = 0  # 0: the answer does not say


class Backend:
    """Behind REST and WebSockets alike.

    `paced`: tickers and books go out at their rates, not at every change.
    """

    def __init__(self, state: State, *, paced: bool) -> None:
        self.state = state
        self.responses = Responses(state.clock)
        state.exchange.listeners.append(self._on_event)
        self.streams = Hub(state, paced=paced)

    def work(self, rpc: Rpc, session: Session | None, payload: object, *, over_http: bool = True) -> Answer:
        """Work one request, whichever transport brought it, and write it to the ledger."""
        return self.answer(parse_request(rpc, payload), session, over_http=over_http)

    def answer(self, parsed: ParsedRequest, session: Session | None, *, over_http: bool = True) -> Answer:
        """`work` for a request that was read already."""
        self.streams.flush()  # what came before has its rows before this one
        rpc, error = parsed.rpc, parsed.error
        account = session.sub_account_id if session is not None else None
        beyond = self.state.rate_limits.exceeded(rpc.endpoint, account or "")
        if beyond is not None:
            return self._too_many(parsed, account, *beyond)
        self.state.exchange.step()
        seq = self.state.ledger.repeat(parsed.row(self.state.ledger, account))
        fault = self.state.faults.on_request(rpc.endpoint)
        silence_s = None
        if fault is not None:
            self.state.ledger.fault(fault.action, request=seq)
            if fault.action in (*_BEFORE_WORK, *_UNREADABLE):
                is_silent = fault.action in (Action.LOSE_REQUEST, Action.LOSE_ACK)
                silence_s = fault.silence_ms / 1000 if is_silent else 0.0
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
            if fault is not None and fault.action is Action.NULL_RESULT and error is None:
                body = encode({"result": None})
        status = error.status if error is not None else 200
        answered = (
            status if silence_s is None else fault.http_status if fault is not None and over_http else 0
        )
        wait_s = _retry_after_s(fault)
        self.state.ledger.response(seq, answered, error.code if error else None, retry_after_s=wait_s or None)
        self.state.history.request_worked()
        return Answer(
            status,
            body,
            error,
            self.state.latency.response_s(rpc.endpoint),
            silence_s,
            fault,
            wait_s,
        )

    def _too_many(
        self, parsed: ParsedRequest, account: str | None, limit: RateLimit, wait_s: float
    ) -> Answer:
        """Beyond the rate limit: nothing moves and no fault counts it, for it hangs on the clock."""
        error = VenueError(1006)
        seq = self.state.ledger.repeat(parsed.row(self.state.ledger, account))
        retry_after_s = ceil(wait_s) * limit.retry_after
        self.state.ledger.response(seq, error.status, error.code, retry_after_s=retry_after_s or None)
        return Answer(error.status, encode(error.body), error, retry_after_s=retry_after_s)

    def _handle(self, rpc: Rpc, session: Session | None, payload: Json, fault: Fault | None) -> bytes:
        self.state.fault = fault
        if fault is not None and fault.action is Action.LAG:
            self.state.history.look_back(fault.lag)
            self.state.view = self.state.history
        try:
            answer = rpc.handle(self.state, session, payload)
        finally:
            self.state.fault, self.state.view = None, self.state.exchange
        return answer if isinstance(answer, bytes) else encode(answer)

    def _apply_fault(self, fault: Fault, rpc: Rpc, session: Session | None) -> None:
        if fault.action is Action.RATE_LIMIT:
            raise VenueError(1006)
        if fault.action is Action.FAIL:
            raise VenueError(1002)
        if fault.action is Action.REFUSE:
            raise VenueError(REFUSALS.get(fault.reason, 2082) if "order" in rpc.endpoint else 1003)
        if fault.action is Action.EXPIRE_SESSION and session is not None:
            self.state.sessions.end(session)
        if fault.action is Action.LIQUIDATE and session is not None:
            self.state.exchange.liquidate(session.sub_account_id, LIQUIDATION_TAGS)

    def _on_event(self, event: MarketEvent) -> None:
        match event:
            case BookChanged(instrument):
                self.state.quotes.changed(instrument)
            case Traded(trade):
                self.state.quotes.changed(trade.instrument)
            case OrderChanged(order):
                self.state.history.order_changed(order)
            case Filled(fill):
                self._filled(fill.account)

    def _filled(self, account: str) -> None:
        fault = self.state.faults.on_fill()
        if fault is None:
            return
        self.state.ledger.fault(fault.action, account=account)
        if fault.action is Action.EXPIRE_SESSION:
            self.state.sessions.end_all(account)
        else:
            self.streams.end(account, fault)


def _retry_after_s(fault: Fault | None) -> int:
    return fault.retry_after_s if fault is not None and fault.action is Action.RATE_LIMIT else 0
