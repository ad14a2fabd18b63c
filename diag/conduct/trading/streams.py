"""Streams with holes in them, and orders on quotes that are no longer true."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, NamedTuple

from diag.bounds import Bounds
from diag.conduct.trading.family import Ended, Family, Wrongs
from diag.conduct.trading.history import History
from diag.record import Event
from diag.record.kinds import venue
from diag.verdict import CITED, Check, Evidence, Outcome

_MESSAGES = 5  # that came after the hole, which the program cannot have missed
_NOTICED_NS = 500_000_000  # a program that ends sooner after the hole may have been about to begin anew
_LATE_S = 5
_QUOTES = ("ticker", "bbo", "book")

_Stream = tuple[str, str, str]  # venue, stream, selector


@dataclass(slots=True)
class _Gap:
    """The first message of a stream of changes that was lost since it was subscribed to."""

    stream: _Stream
    where: str
    at_ns: int
    after: int = 0
    last: str = ""

    def cite(self, end: str) -> Evidence:
        text = f"{self.stream[1]} {self.stream[2]}: a message lost at {self.where}, {self.after} more"
        return Evidence(self.where, f"{text} up to {self.last}, and {end}")


class _Shown(NamedTuple):
    """The last quote of an instrument that a stream or an answer brought."""

    where: str
    at_ns: int
    prices: tuple[Decimal | None, Decimal | None]


class Streams(Family):
    """A stream of changes with a hole has to be subscribed to anew, or the book asked for."""

    about = "requests"
    names: ClassVar = {
        "gaps": "a stream with a hole is begun anew",
        "fresh_quotes": "no order on a stream that fell silent",
    }

    def __init__(self) -> None:
        self._feeds: dict[_Stream, str] = {}
        self._gaps: dict[_Stream, _Gap] = {}
        self._number = 0
        self._late = Wrongs()
        self._shown: dict[tuple[str, str], _Shown] = {}
        self._orders = 0
        self._eldest: list[tuple[float, Evidence]] = []  # ms; quotes no longer true on which orders came

    def take(self, event: Event, history: History) -> None:
        match event:
            case venue.Request() if event.feed is not None:
                stream = str(event.data.get("stream"))
                for selector in event.data.get("selectors", ()):
                    key = (event.venue, stream, str(selector))
                    self._feeds[key] = event.feed
                    self._mend(event, key)
            case venue.Response() if event.status // 100 == 2 and history.exchange is not None:
                if history.exchange.request.operation == "book_query":
                    for key in [key for key in self._gaps if key[0] == event.venue]:
                        self._mend(event, key)
            case venue.Fault() if event.name == "drop" and event.is_delta:
                key = (event.venue, event.stream or "", event.selector or "")
                self._number += 1
                self._gaps.setdefault(key, _Gap(key, event.where, event.monotonic_ns))
            case venue.Quote():
                self._quote(event)
            case venue.Arrival():
                self._arrival(event)

    def _mend(self, event: venue.VenueEvent, key: _Stream) -> None:
        gap = self._gaps.pop(key, None)
        if gap is not None and gap.after >= _MESSAGES:
            seconds = (event.monotonic_ns - gap.at_ns) / 1e9
            if seconds > _LATE_S:
                self._late.add(gap.cite(f"begun anew {seconds:.1f} s later, at {event.where}"))

    def _quote(self, event: venue.Quote) -> None:
        shown = _Shown(event.where, event.monotonic_ns, (event.bid_price, event.ask_price))
        self._shown[event.venue, event.instrument] = shown
        for (at, stream, selector), gap in self._gaps.items():
            if (at, stream) == (event.venue, event.via) and selector.startswith(event.instrument):
                gap.after += 1
                gap.last = event.where

    def _arrival(self, event: venue.Arrival) -> None:
        shown = self._shown.get((event.venue, event.instrument))
        quoted = any(
            feed in _QUOTES and at == event.venue and selector.startswith(event.instrument)
            for (at, _, selector), feed in self._feeds.items()
        )
        if shown is None or not quoted:
            return
        self._orders += 1
        if shown.prices != (event.bid_price, event.ask_price):
            age_ms = (event.monotonic_ns - shown.at_ns) / 1e6
            text = f"the last quote, {shown.where}, was {age_ms / 1000:.1f} s old and no longer true"
            self._eldest.append((age_ms, Evidence(event.where, text)))
            self._eldest.sort(key=lambda each: each[0], reverse=True)
            del self._eldest[CITED:]

    def checks(self, history: History, bounds: Bounds, ended: Ended) -> Iterable[Check]:
        bound = f"within {_LATE_S} s"
        for gap in self._gaps.values():
            if gap.after >= _MESSAGES and ended.at_ns - gap.at_ns > _NOTICED_NS:
                self._late.add(gap.cite("neither subscribed to anew nor the book asked for"))
        if self._late.number:
            observed = f"{self._late.number} holes left"
            yield self.check("gaps", Outcome.FAIL, observed, bound, self._late.cited)
        elif self._number:
            observed = f"{self._number} messages lost, each stream begun anew"
            yield self.check("gaps", Outcome.PASS, observed, bound)
        else:
            observed = "no stream of changes lost a message"
            yield self.check("gaps", Outcome.NOT_APPLICABLE, observed, bound)
        bound = f"<= {bounds.max_age_ms} ms, or still true"
        stale = [evidence for age_ms, evidence in self._eldest if Decimal(age_ms) > bounds.max_age_ms]
        if not self._orders:
            observed = "no order by a program that follows quotes"
            yield self.check("fresh_quotes", Outcome.NOT_APPLICABLE, observed, bound)
        elif stale:
            observed = f"{self._eldest[0][0] / 1000:.1f} s at most"
            yield self.check("fresh_quotes", Outcome.FAIL, observed, bound, stale)
        else:
            yield self.check("fresh_quotes", Outcome.PASS, f"{self._orders} orders", bound)
