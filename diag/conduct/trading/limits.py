"""How a program treats a venue that asks it to wait, or that fails."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from diag.bounds import Bounds
from diag.conduct.trading.family import Ended, Family, Wrongs
from diag.conduct.trading.history import History
from diag.record import Event
from diag.record.kinds import venue
from diag.verdict import Check, Evidence, Outcome

_AT_ONCE_MS = 50  # the next of the same requests sooner than this did not wait at all
_TOLERATED = 2  # requests may be on their way when the first is refused
_LONGEST = 20  # failures in a row that need more than _PATIENT_MS between them
_PATIENT_MS = 250
_STORM = 10  # logins, or the same subscription, within _STORM_MS, that no fault called for
_STORM_MS = 5_000

_Where = tuple[str, str, str]  # venue, account, endpoint


@dataclass(slots=True)
class _Run:
    """Refusals of the same endpoint, one after the other."""

    status: int
    first: str
    first_ns: int
    last: str
    last_ns: int
    until_ns: int
    """When the next may come at the earliest."""
    number: int = 1
    hasty: int = 0
    """Requests that came at once after one of them."""
    is_wrong: bool = False


class Limits(Family):
    """Requests sent again at once after HTTP 429 or 5xx, or without end, and reconnect storms."""

    about = "requests"
    names: ClassVar = {
        "rate_limit": "it waits when it is told to",
        "back_off": "it backs off from a venue that fails",
        "reconnects": "it does not reconnect in storms",
    }

    def __init__(self) -> None:
        self._runs: dict[_Where, _Run] = {}
        self._limited = 0
        self._failed = 0
        self._hasty = Wrongs()
        self._stubborn = Wrongs()
        self._begun: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
        self._connected = 0
        self._storms = Wrongs()

    def take(self, event: Event, history: History) -> None:
        exchange = history.exchange
        match event:
            case venue.Request():
                self._request(event)
            case venue.Response() if exchange is not None:
                self._response(event, exchange.request)
            case venue.Fault() if event.name in (
                "disconnect",
                "drop",
                "swap",
                "duplicate",
                "mute",
                "expire_session",
            ):
                for key, begun in self._begun.items():
                    if key[0] == event.venue:
                        begun.clear()

    def _request(self, event: venue.Request) -> None:
        run = self._runs.get(_where(event))
        if run is not None and event.monotonic_ns < run.until_ns:
            run.hasty += 1
        what = f"{event.data.get('stream', '')} {event.data.get('selectors', '')}"
        if event.endpoint.lower() == "unsubscribe":
            # Whoever ends a subscription before the next begins does not reconnect.
            for key, begun in self._begun.items():
                if key[0] == event.venue and key[2] == what:
                    begun.clear()
        elif event.feed is not None or event.operation == "login":
            self._connected += 1
            begun = self._begun.setdefault((event.venue, event.endpoint, what), [])
            begun.append((event.monotonic_ns, event.where))
            if len(begun) == _STORM:
                span_ms = (event.monotonic_ns - begun[0][0]) / 1e6
                if span_ms < _STORM_MS:
                    text = f"{event.endpoint} {what.strip()} {_STORM} times in {span_ms:.0f} ms"
                    self._storms.add(Evidence(begun[0][1], f"{text}, up to {event.where}"))
                    begun.clear()
                else:
                    del begun[0]

    def _response(self, event: venue.Response, request: venue.Request) -> None:
        key = _where(request)
        if event.status != 429 and event.status < 500:
            self._runs.pop(key, None)
            return
        self._limited += event.status == 429
        self._failed += event.status != 429
        run = self._runs.get(key)
        if run is None or (run.status == 429) != (event.status == 429):
            now_ns = event.monotonic_ns
            self._runs[key] = _Run(event.status, event.where, now_ns, event.where, now_ns, _until_ns(event))
            return
        run.number += 1
        run.last, run.last_ns, run.until_ns = event.where, event.monotonic_ns, _until_ns(event)
        if not run.is_wrong:
            self._judge(run, request)

    def _judge(self, run: _Run, request: venue.Request) -> None:
        mean_ms = (run.last_ns - run.first_ns) / 1e6 / (run.number - 1)
        if run.hasty > _TOLERATED:
            how = f"{run.hasty} times sent again before its time"
        elif run.number > _LONGEST and mean_ms < _PATIENT_MS:
            how = f"{run.number} times, every {mean_ms:.0f} ms, without waiting longer"
        else:
            return
        run.is_wrong = True
        text = f"{request.endpoint} refused with HTTP {run.status} at {run.first}, {how} up to {run.last}"
        (self._hasty if run.status == 429 else self._stubborn).add(
            Evidence(run.first, text), Evidence(run.last, "refused again")
        )

    def checks(self, history: History, bounds: Bounds, ended: Ended) -> Iterable[Check]:
        yield self._checked("rate_limit", self._hasty, self._limited, "HTTP 429", "a wait after each 429")
        yield self._checked("back_off", self._stubborn, self._failed, "HTTP 5xx", "a longer wait each time")
        bound = f"< {_STORM} of the same within {_STORM_MS // 1000} s"
        if self._storms.number:
            observed = f"{self._storms.number} storms"
            yield self.check("reconnects", Outcome.FAIL, observed, bound, self._storms.cited)
        elif self._connected:
            observed = f"{self._connected} logins and subscriptions"
            yield self.check("reconnects", Outcome.PASS, observed, bound)
        else:
            yield self.check("reconnects", Outcome.NOT_APPLICABLE, "nothing to connect again", bound)

    def _checked(self, name: str, wrongs: Wrongs, number: int, what: str, bound: str) -> Check:
        if wrongs.number:
            runs = f"in {wrongs.number} row{'s' * (wrongs.number != 1)} of refusals"
            return self.check(name, Outcome.FAIL, f"sent again without waiting {runs}", bound, wrongs.cited)
        if not number:
            return self.check(name, Outcome.NOT_APPLICABLE, f"no {what}", bound)
        return self.check(name, Outcome.PASS, f"{number} answers with {what}, none answered at once", bound)


def _where(request: venue.Request) -> _Where:
    return request.venue, request.account or "", request.endpoint


def _until_ns(answer: venue.Response) -> int:
    """When the same may be asked again: when the answer says, else any time but at once."""
    wait_ms = _AT_ONCE_MS if answer.retry_after_s is None else answer.retry_after_s * 1000
    return answer.monotonic_ns + wait_ms * 1_000_000
