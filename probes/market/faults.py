"""What goes wrong, and when. A fault fires on protocol events (the third request, every fill), never by the
clock, so that the same seed and the same client meet the same faults on a quiet and on a busy machine.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from probes.market.operations import EVENTS, NO_NAMES, Operation, WireNames
from probes.market.order import Reason


class Action(StrEnum):
    """What the venue does when a fault fires."""

    # instead of answering a request as it should
    REFUSE = "refuse"  # answered with the error of `reason`; not worked
    REJECT = "reject"  # an order: acknowledged as pending, then rejected for `reason`
    FAIL = "fail"  # answered with an internal error (HTTP 500); not worked
    RATE_LIMIT = "rate_limit"  # answered with "too many requests" (HTTP 429); not worked
    LOSE_REQUEST = "lose_request"  # not worked; silence for `silence_ms`, then the connection closes
    LOSE_ACK = "lose_ack"  # worked; silence for `silence_ms`, then the connection closes
    CUT_ANSWER = "cut_answer"  # worked; the answer breaks off in the middle, and the connection with it
    FALSE_GZIP = "false_gzip"  # worked; the answer says that it is gzip, and is not
    NULL_RESULT = "null_result"  # worked; the answer has null where its result should be
    GATEWAY_ERROR = "gateway_error"  # not worked; a page or JSON of what stands before the venue, by `status`
    REDIRECT = "redirect"  # not worked; sent on to the same place, by `status`
    LIQUIDATE = (
        "liquidate"  # before the event, the venue cancels the account's orders and closes its positions
    )
    EXPIRE_SESSION = (
        "expire_session"  # the session ends before the event: not authenticated until the next login
    )
    LAG = "lag"  # a query: answered from the state as it stood `lag` requests before
    DISCONNECT = "disconnect"  # the connection closes, unanswered; on a fill, every stream of the account
    MUTE = "mute"  # the stream stays open and says nothing any more; on a fill, every stream of the account
    # instead of delivering a message of a stream
    DROP = "drop"
    DUPLICATE = "duplicate"
    SWAP = "swap"  # delivered after the next message of the same stream
    # instead of the true quote
    STALE_QUOTE = "stale_quote"  # the quote of `lag` quotes before, stamped `age_ms` in the past
    CROSSED_QUOTE = "crossed_quote"  # bid above ask
    EMPTY_QUOTE = "empty_quote"  # no bids, no asks


_OF_MESSAGES = (Action.DROP, Action.DUPLICATE, Action.SWAP, Action.MUTE, Action.DISCONNECT)
_OF_QUOTES = (Action.STALE_QUOTE, Action.CROSSED_QUOTE, Action.EMPTY_QUOTE)
_OF_FILLS = (Action.DISCONNECT, Action.MUTE, Action.EXPIRE_SESSION)
_OF_REQUESTS = tuple(
    action for action in Action if action not in (*_OF_MESSAGES[:4], *_OF_QUOTES, Action.REJECT)
)
_STATUSES = {
    Action.GATEWAY_ERROR: (502, range(400, 600)),
    Action.REDIRECT: (302, (301, 302, 303, 307, 308)),
}
"""HTTP statuses by action: the default, and those that there are."""
_CLOSE_CODES = (*range(1000, 1004), *range(1006, 1015), *range(3000, 5000))
"""Of RFC 6455, 7.4; 1006 is what a client sees of a connection that breaks without one."""


def actions_on(event: str, names: WireNames = NO_NAMES) -> tuple[Action, ...]:
    """The actions that make sense on this event."""
    if event == "fill":
        return _OF_FILLS
    if event == "quote":
        return _OF_QUOTES
    if event.startswith("stream"):
        events = names.of_message(event.removeprefix("stream."))
        return (*_OF_MESSAGES, *_OF_QUOTES) if "quote" in events else _OF_MESSAGES
    events = names.of_request(event)
    rejects = (Action.REJECT,) if Operation.PLACE in events else ()
    return (*rejects, *_OF_REQUESTS, *(_OF_QUOTES if "quote" in events else ()))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    `on` is the event that is counted: an operation (`place`), `request` (any of them), a stream
    (`stream.order`), `stream` (any message), `quote` (any ticker or book served, by request or stream),
    `fill` (a fill of an account), or an endpoint or a stream by the name that the venue has for it. It fires
    at the `nth` event, or at `every` so many events, or, when neither is given, at each; `times` bounds how
    often in all (0: no bound; with `nth`, that many events on end, at least one).
    """

    on: str
    action: Action
    nth: int = 0
    every: int = 0
    times: int = 0
    reason: Reason = Reason.BY_SCENARIO
    lag: int = 3
    age_ms: int = 0
    silence_ms: int = 300
    status: int = 0  # HTTP, of `gateway_error` (default 502) and `redirect` (302)
    body: Literal["html", "json"] = "html"  # of `gateway_error`
    retry_after_s: int = 0  # the header Retry-After of `rate_limit` and `gateway_error`; 0: none
    close_code: int = 1001  # of a WebSocket that `disconnect` closes; 1006: cut without a word

    def __post_init__(self) -> None:
        wrong = [
            f"{name} must not be negative"
            for name in ("nth", "every", "times", "lag", "age_ms", "silence_ms", "retry_after_s")
            if getattr(self, name) < 0
        ]
        if self.nth and self.every:
            wrong.append("nth and every exclude each other")
        if self.status and self.status not in _STATUSES.get(self.action, (0, ()))[1]:
            wrong.append(f"status {self.status} is none of {self.action}")
        if self.close_code not in _CLOSE_CODES:
            wrong.append(f"close_code {self.close_code} is none of a WebSocket, as 1000 or 1011 are")
        if self.on in EVENTS and (unfit := self.misfit(NO_NAMES)):
            wrong.append(unfit)
        if wrong:
            raise ValueError("; ".join(wrong))

    def misfit(self, names: WireNames) -> str:
        """Why its action makes no sense on its event; empty when it does."""
        fitting = actions_on(self.on, names)
        if self.action in fitting:
            return ""
        return f'"{self.action}" cannot happen on "{self.on}"; these can: {", ".join(fitting)}'

    @property
    def http_status(self) -> int:
        """What `gateway_error` and `redirect` answer with; 0 of other actions."""
        return self.status or _STATUSES.get(self.action, (0, ()))[0]

    def fires(self, count: int) -> bool:
        """Whether it fires at the event of this number, counted from 1."""
        if self.nth:
            return self.nth <= count < self.nth + max(self.times, 1)
        every = self.every or 1
        return count % every == 0 and (not self.times or count // every <= self.times)


Waiting = tuple[tuple[int, Fault], ...]


class Faults:
    """Counts the events of one venue and says what happens instead. Serves one event loop."""

    def __init__(self, faults: tuple[Fault, ...], names: WireNames) -> None:
        self._faults = tuple(enumerate(faults))
        self._counts = [0] * len(faults)
        self._names = names
        self._of_requests: dict[str, Waiting] = {}
        self._of_messages: dict[str, Waiting] = {}
        self._of_fills = self._waiting_for(("fill",))

    def on_request(self, endpoint: str) -> Fault | None:
        """A request to `endpoint`, by the venue's name for it, is about to be worked."""
        waiting = self._of_requests.get(endpoint)
        if waiting is None:
            waiting = self._of_requests[endpoint] = self._waiting_for(self._names.of_request(endpoint))
        return self._happened(waiting)

    def on_message(self, stream: str) -> Fault | None:
        """A message of `stream`, by the venue's name for it, is about to be delivered."""
        waiting = self._of_messages.get(stream)
        if waiting is None:
            waiting = self._of_messages[stream] = self._waiting_for(self._names.of_message(stream))
        return self._happened(waiting)

    def on_fill(self) -> Fault | None:
        """An order of an account was filled, in part or whole."""
        return self._happened(self._of_fills)

    def _waiting_for(self, events: tuple[str, ...]) -> Waiting:
        return tuple((index, fault) for index, fault in self._faults if fault.on in events)

    def _happened(self, waiting: Waiting) -> Fault | None:
        """Count the event for every fault that waits for it; the first of the file that fires is it."""
        fired: Fault | None = None
        for index, fault in waiting:
            self._counts[index] += 1
            if fired is None and fault.fires(self._counts[index]):
                fired = fault
        return fired
