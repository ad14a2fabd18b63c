"""What goes wrong, and when. A fault fires on protocol events (the third request, every fill), never by the
clock, so that the same seed and the same client meet the same faults on a quiet and on a busy machine.
"""

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from probes.market.order import Reason

if TYPE_CHECKING:
    from probes.market.scenario import Scenario


class Action(StrEnum):
    """What the venue does when a fault fires."""

    # instead of answering a request as it should
    REFUSE = "refuse"  # answered with the error of `reason`; not worked
    REJECT = "reject"  # an order: acknowledged as pending, then rejected for `reason`
    FAIL = "fail"  # answered with an internal error (HTTP 500); not worked
    RATE_LIMIT = "rate_limit"  # answered with "too many requests" (HTTP 429); not worked
    LOSE_REQUEST = "lose_request"  # not worked; silence for `silence_ms`, then the connection closes
    LOSE_ACK = "lose_ack"  # worked; silence for `silence_ms`, then the connection closes
    EXPIRE_SESSION = (
        "expire_session"  # the session ends before the event: not authenticated until the next login
    )
    LAG = "lag"  # a query: answered from the state as it stood `lag` requests before
    DISCONNECT = "disconnect"  # the connection closes, unanswered; on a fill, every stream of the account
    # instead of delivering a message of a stream
    DROP = "drop"
    DUPLICATE = "duplicate"
    SWAP = "swap"  # delivered after the next message of the same stream
    # instead of the true quote
    STALE_QUOTE = "stale_quote"  # the quote of `lag` quotes before, stamped `age_ms` in the past
    CROSSED_QUOTE = "crossed_quote"  # bid above ask
    EMPTY_QUOTE = "empty_quote"  # no bids, no asks


QUOTES = ("ticker", "mini", "book")
REQUESTS = (
    *("login", "instrument", "instruments", "all_instruments", "currency", "margin_rules"),
    *("supported_assets", *QUOTES, "trade", "trade_history", "kline"),
    *("create_order", "cancel_order", "cancel_all_orders", "cancel_on_disconnect", "order", "open_orders"),
    *("order_history", "fill_history", "positions", "account_summary", "aggregated_account_summary"),
    *("funding_account_summary", "get_sub_accounts", "get_all_initial_leverage", "set_initial_leverage"),
    *("get_authorized_builders", "authorize_builder"),
)
STREAMS = ("ticker", "mini", "book", "trade", "candle", "order", "state", "cancel", "fill", "position")
EVENTS = (*("request", "stream", "quote", "fill"), *REQUESTS, *(f"stream.{name}" for name in STREAMS))

_OF_MESSAGES = (Action.DROP, Action.DUPLICATE, Action.SWAP, Action.DISCONNECT)
_OF_QUOTES = (Action.STALE_QUOTE, Action.CROSSED_QUOTE, Action.EMPTY_QUOTE)
_OF_FILLS = (Action.DISCONNECT, Action.EXPIRE_SESSION)


def _actions(event: str) -> tuple[Action, ...]:
    """The actions that make sense on this event."""
    if event == "fill":
        return _OF_FILLS
    if event == "quote":
        return _OF_QUOTES
    of_quotes = _OF_QUOTES if event.removeprefix("stream.") in QUOTES else ()
    if event.startswith("stream"):
        return (*_OF_MESSAGES, *of_quotes)
    others = {*_OF_MESSAGES[:3], *_OF_QUOTES}
    if event != "create_order":
        others.add(Action.REJECT)
    return (*(action for action in Action if action not in others), *of_quotes)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    `on` is the event that is counted: an endpoint (`create_order`), `request` (any endpoint), a stream
    (`stream.order`), `stream` (any message), `quote` (any ticker or book served, by request or stream),
    `fill` (a fill of an account). It fires at the `nth` event, or at `every` so many events, or, when neither
    is given, at each; `times` bounds how often in all (0: no bound; with `nth`, that many events on end, at
    least one).
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

    def __post_init__(self) -> None:
        wrong = [
            f"{name} must not be negative"
            for name in ("nth", "every", "times", "lag", "age_ms", "silence_ms")
            if getattr(self, name) < 0
        ]
        if self.nth and self.every:
            wrong.append("nth and every exclude each other")
        if self.on in EVENTS and self.action not in _actions(self.on):
            fitting = ", ".join(_actions(self.on))
            wrong.append(f'"{self.action}" cannot happen on "{self.on}"; these can: {fitting}')
        if wrong:
            raise ValueError("; ".join(wrong))

    def fires(self, count: int) -> bool:
        """Whether it fires at the event of this number, counted from 1."""
        if self.nth:
            return self.nth <= count < self.nth + max(self.times, 1)
        every = self.every or 1
        return count % every == 0 and (not self.times or count // every <= self.times)


class Faults:
    """Counts the events of one venue and says what happens instead. Serves one event loop."""

    def __init__(self, scenario: "Scenario", seed: int) -> None:
        self._faults = scenario.faults
        self._counts = [0] * len(scenario.faults)
        self._latency = scenario.latency
        self._seed = seed
        self._randoms: dict[str, random.Random] = {}

    def on_request(self, endpoint: str) -> Fault | None:
        """A request to `endpoint` (`create_order`, without prefix and version) is about to be worked."""
        events = ("request", endpoint, "quote") if endpoint in QUOTES else ("request", endpoint)
        return self._happened(events)

    def on_message(self, stream: str) -> Fault | None:
        """A message of `stream` (`order`, `book`: no version, no `.s` or `.d`) is about to be delivered."""
        own = f"stream.{stream}"
        return self._happened(("stream", own, "quote") if stream in QUOTES else ("stream", own))

    def on_fill(self) -> Fault | None:
        """An order of an account was filled, in part or whole."""
        return self._happened(("fill",))

    def latency_s(self, endpoint: str) -> float:
        """How long this request takes beyond the work itself. Each endpoint draws from its own series."""
        latency = self._latency.get(endpoint) or self._latency.get("default")
        if latency is None:
            return 0.0
        if not latency.jitter_ms:
            return float(latency.ms) / 1000
        series = self._randoms.get(endpoint)
        if series is None:
            series = self._randoms[endpoint] = random.Random(f"{self._seed}:{endpoint}")
        return (float(latency.ms) + series.uniform(0, float(latency.jitter_ms))) / 1000

    def _happened(self, events: tuple[str, ...]) -> Fault | None:
        """Count the event for every fault that waits for it; the first of the file that fires is it."""
        fired: Fault | None = None
        for index, fault in enumerate(self._faults):
            if fault.on in events:
                self._counts[index] += 1
                if fired is None and fault.fires(self._counts[index]):
                    fired = fault
        return fired
