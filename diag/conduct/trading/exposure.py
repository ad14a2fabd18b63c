"""What a program holds, and what it leaves behind."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

from diag.bounds import Bounds
from diag.conduct.spread import plain
from diag.conduct.trading.family import Ended, Family, Wrongs
from diag.conduct.trading.history import ZERO, History, Placed
from diag.record import Event
from diag.record.kinds import child, venue
from diag.record.trading import Side
from diag.verdict import CITED, Check, Evidence, Outcome

_Held = tuple[str, str, str]  # venue, account, instrument


@dataclass(slots=True)
class _Peak:
    """The largest position, long or short, and the fill that brought it."""

    size: Decimal = ZERO
    where: str = ""
    last: str = ""


class Positions(Family):
    """Positions against what the user expects, and fills that nobody asked about."""

    about = "orders"
    names: ClassVar = {
        "max_position": "the position keeps to its bound",
        "position": "the position is the one expected",
        "known_fills": "the program can know what it holds",
    }

    def __init__(self) -> None:
        self._expected: list[child.Expected] = []
        self._peaks: dict[_Held, _Peak] = {}

    def take(self, event: Event, history: History) -> None:
        match event:
            case child.Expected():
                self._expected.append(event)
            case venue.Fill():
                key = (event.venue, event.account, event.instrument)
                peak = self._peaks.setdefault(key, _Peak())
                peak.last = event.where
                size = abs(history.positions[key])
                if size > peak.size:
                    peak.size, peak.where = size, event.where

    def checks(self, history: History, bounds: Bounds, ended: Ended) -> Iterable[Check]:
        for expected in self._expected:
            if expected.max_position is not None:
                yield self._most(expected, expected.max_position)
            if expected.position is not None:
                yield self._at_end(history, expected, expected.position)
        yield self._known(history)

    def _held(self, expected: child.Expected) -> list[tuple[_Held, _Peak]]:
        return [each for each in self._peaks.items() if expected.instrument in (None, each[0][2])]

    def _most(self, expected: child.Expected, most: Decimal) -> Check:
        bound = f"<= {plain(most)}{_of(expected)}"
        wrong = Wrongs()
        largest = ZERO
        for (at, _, instrument), peak in self._held(expected):
            largest = max(largest, peak.size)
            if peak.size > most:
                wrong.add(Evidence(peak.where, f"{plain(peak.size)} {instrument} held at {at}"))
        outcome = Outcome.FAIL if wrong.number else Outcome.PASS
        found = self.check("max_position", outcome, f"{plain(largest)} at most", bound, wrong.cited)
        return _named(found, expected)

    def _at_end(self, history: History, expected: child.Expected, position: Decimal) -> Check:
        bound = f"{plain(position)}{_of(expected)} at the end"
        held = self._held(expected)
        found = {key: history.positions[key] for key, _ in held}
        wrong = [
            Evidence(peak.last, f"{plain(found[key])} {key[2]} at {key[0]}, by the last fill")
            for key, peak in held
            if found[key] != position
        ]
        observed = ", ".join(f"{plain(size)} {key[2]}" for key, size in found.items()) or "nothing held"
        same = not wrong and (bool(held) or not position)
        outcome = Outcome.PASS if same else Outcome.FAIL
        return _named(self.check("position", outcome, observed, bound, wrong), expected)

    def _known(self, history: History) -> Check:
        """Of orders whose answer was lost: somebody has to ask what came of them, answered or not."""
        bound = "each lost answer asked about"
        wrong = Wrongs()
        for key, untold in history.untold.items():
            for placed in untold:
                if placed.is_unknown and placed.filled and not placed.is_asked and not history.streams(key):
                    text = f"{placed}: {placed.lost}, filled at {placed.filled_at}, and nothing asked since"
                    wrong.add(Evidence(placed.where, text), Evidence(placed.filled_at, "filled"))
        if wrong.number:
            return self.check("known_fills", Outcome.FAIL, f"{wrong.number} orders", bound, wrong.cited)
        return self.check("known_fills", Outcome.PASS, f"{history.number_placed} orders", bound)


def _named(check: Check, expected: child.Expected) -> Check:
    """Of several instruments, each has a check of its own name."""
    if expected.instrument is None:
        return check
    return replace(check, name=f"{check.name}-{re.sub(r'[^A-Za-z0-9_]+', '-', expected.instrument)}")


def _of(expected: child.Expected) -> str:
    return f" {expected.instrument}" if expected.instrument else ""


class Exits(Family):
    """Orders that close a position add up to no more than it.

    The side of an instrument on which every order was placed against a position is the side of its exits. One
    order larger than the position turns it round, and is meant to.
    """

    about = "orders"
    names: ClassVar = {"exits": "exits stay within the position"}

    def __init__(self) -> None:
        self._entries: set[tuple[_Held, Side]] = set()  # sides on which an order opened or added
        self._resting: dict[tuple[_Held, Side], dict[Placed, Decimal]] = {}
        self._exits = 0
        self._wrong: dict[tuple[_Held, Side], list[Evidence]] = {}

    def take(self, event: Event, history: History) -> None:
        placed = history.placed
        if placed is None or not isinstance(event, venue.Order | venue.Fill) or placed.named.side is None:
            return
        if isinstance(event, venue.Fill):
            self._rest(placed, event.instrument, event.size)
            return
        held = (event.venue, event.account, event.instrument)
        side = (held, event.side)
        resting = self._resting.setdefault(side, {})
        if event.status.is_final:
            resting.pop(placed, None)
            return
        if placed in resting or event.reduce_only:
            return
        position = history.positions.get(held, ZERO)
        closes = position < 0 if event.side is Side.BUY else position > 0
        if not closes or event.size > abs(position):
            self._entries.add(side)
            self._wrong.pop(side, None)
            return
        self._exits += 1
        resting[placed] = event.size - event.filled
        total = sum(resting.values(), ZERO)
        if side not in self._entries and total > abs(position):
            cited = self._wrong.setdefault(side, [])
            if len(cited) < CITED:
                text = (
                    f"{event.side} {plain(total)} {event.instrument} open against {plain(abs(position))} held"
                )
                others = ", ".join(each.where for each in resting)
                cited.append(Evidence(event.where, f"{text}: placed at {others}"))

    def _rest(self, placed: Placed, instrument: str, size: Decimal) -> None:
        assert placed.named.side is not None
        resting = self._resting.get(((placed.venue, placed.account, instrument), placed.named.side), {})
        if placed in resting:
            resting[placed] -= size

    def checks(self, history: History, bounds: Bounds, ended: Ended) -> Iterable[Check]:
        bound = "exits that rest <= the position"
        cited = [evidence for each in self._wrong.values() for evidence in each]
        if cited:
            yield self.check("exits", Outcome.FAIL, cited[0].text.partition(":")[0], bound, cited)
        elif self._exits:
            yield self.check("exits", Outcome.PASS, f"{self._exits} exits", bound)
        else:
            yield self.check("exits", Outcome.NOT_APPLICABLE, "no position was closed", bound)


class Resting(Family):
    """Orders that lapsed, and what is open when the program has ended."""

    about = "orders"
    names: ClassVar = {"resting": "no order is forgotten in the book", "left_open": "nothing is left open"}

    def __init__(self) -> None:
        self._lapsed = 0
        self._eldest: tuple[int, Evidence] | None = None

    def take(self, event: Event, history: History) -> None:
        placed = history.placed
        if isinstance(event, venue.Order) and placed is not None and event.status.is_final:
            self._lapsed += event.reason == "time in force is over"
            self._rested(placed, event.monotonic_ns, event.where)

    def _rested(self, placed: Placed, until_ns: int, where: str) -> None:
        if placed.open_ns and (self._eldest is None or until_ns - placed.open_ns > self._eldest[0]):
            rested_ns = until_ns - placed.open_ns
            text = f"{placed} of {placed.where} stood for {rested_ns / 1e9:.1f} s"
            self._eldest = (rested_ns, Evidence(where, text))

    def checks(self, history: History, bounds: Bounds, ended: Ended) -> Iterable[Check]:
        open_orders = history.open_orders
        for placed in open_orders:
            self._rested(placed, ended.at_ns, placed.last)
        bound = f"<= {bounds.max_resting_seconds} s"
        lapsed = f"{self._lapsed} lapsed"
        if self._eldest is None:
            yield self.check("resting", Outcome.NOT_APPLICABLE, "no order rested", bound)
        else:
            rested_ns, evidence = self._eldest
            within = Decimal(rested_ns) / 10**9 <= bounds.max_resting_seconds
            observed = f"{rested_ns / 1e9:.1f} s at most; {lapsed}"
            outcome = Outcome.PASS if within else Outcome.FAIL
            yield self.check("resting", outcome, observed, bound, (evidence,))
        number = len(open_orders)
        cited = [Evidence(placed.last, f"{placed}, placed at {placed.where}") for placed in open_orders]
        observed = f"{number} order{'s' * (number != 1)}" if number else "nothing"
        outcome = Outcome.PASS
        if number:
            outcome = Outcome.FAIL if ended.by_itself else Outcome.NOT_SHOWN
            observed += "" if ended.by_itself else ", when the program was stopped"
        yield self.check("left_open", outcome, observed, "nothing", cited)


class Legs(Family):
    """Of a currency that is traded at several venues, the positions add up to nothing."""

    about = "orders"
    names: ClassVar = {"legs": "legs at several venues come out even"}

    def __init__(self) -> None:
        self._bases: dict[tuple[str, str], str] = {}
        self._net: dict[str, Decimal] = {}
        self._since: dict[str, tuple[int, str]] = {}
        self._longest: dict[str, tuple[int, str, str]] = {}
        self._venues: dict[str, set[str]] = {}  # to which an order in this currency was sent

    def take(self, event: Event, history: History) -> None:
        match event:
            case venue.Opened():
                self._bases |= {(event.venue, name): str(base) for name, base in event.bases.items()}
            case venue.Request() if history.placed is not None:
                base = self._bases.get((event.venue, history.placed.named.instrument or ""))
                if base is not None:
                    self._venues.setdefault(base, set()).add(event.venue)
            case venue.Fill() if base := self._bases.get((event.venue, event.instrument)):
                signed = event.size if event.side is Side.BUY else -event.size
                net = self._net[base] = self._net.get(base, ZERO) + signed
                if net and base not in self._since:
                    self._since[base] = (event.monotonic_ns, event.where)
                elif not net:
                    self._even(base, event.monotonic_ns, event.where)

    def _even(self, base: str, now_ns: int, where: str) -> None:
        began = self._since.pop(base, None)
        if began is not None and now_ns - began[0] > self._longest.get(base, (0, "", ""))[0]:
            self._longest[base] = (now_ns - began[0], began[1], where)

    def checks(self, history: History, bounds: Bounds, ended: Ended) -> Iterable[Check]:
        bound = f"even at the end, and within {bounds.max_exposed_seconds} s"
        hedged = [base for base, at in self._venues.items() if len(at) > 1 and base in self._net]
        if not hedged:
            yield self.check("legs", Outcome.NOT_APPLICABLE, "no currency traded at several venues", bound)
            return
        uneven = {base: self._net[base] for base in hedged if self._net[base]}
        cited = [
            Evidence(self._since[base][1], f"{plain(net)} {base} over all venues from here on")
            for base, net in uneven.items()
        ]
        for base, (longest_ns, begin, end) in self._longest.items():
            if base in hedged and Decimal(longest_ns) / 10**9 > bounds.max_exposed_seconds:
                cited.append(Evidence(begin, f"{base} uneven for {longest_ns / 1e9:.1f} s, up to {end}"))
        if cited:
            observed = ", ".join(f"{plain(net)} {base}" for base, net in uneven.items()) or cited[0].text
            yield self.check("legs", Outcome.FAIL, f"net {observed}", bound, cited)
        else:
            yield self.check("legs", Outcome.PASS, f"even in {', '.join(hedged)}", bound)
