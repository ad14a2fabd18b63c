"""Prices that a client names in its log when it places an order, held against the book of that moment.

A client may send market orders and still steer by prices of its own: they show nowhere at the venue. What
it logs as `0.5 at 2990.05` or `BUY 0.5 @ 2990.05` is its own word for what it does.
"""

import re
from decimal import Decimal

from diag.bounds import Bounds
from diag.conduct.judge import Judge
from diag.conduct.spread import BPS, in_bps, plain
from diag.record import Event
from diag.record.kinds import child, venue
from diag.verdict import CITED, Check, Evidence, Outcome

_NAMED = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*(?:[A-Z]{2,10}\s*)?(?:at|@)\s*[~$]?\s*(\d+(?:\.\d+)?)\b")
_PLAUSIBLE = Decimal("0.2")  # of the mid; what is further off is no price of this market


class NamedPricesJudge(Judge):
    """One check; none for a client that names no price before an order."""

    needs = (child.Stdout, child.Stderr, child.Said, venue.Arrival)

    def __init__(self) -> None:
        self._spoken: dict[str, tuple[str, Decimal]] = {}  # since the last order: text -> row, price
        self._measured: list[tuple[Decimal, Evidence]] = []  # distance in bps

    def take(self, event: Event) -> None:
        if isinstance(event, child.Spoken):
            for size, price in _NAMED.findall(event.text):
                # A line goes to the log, the terminal and a file: it counts once.
                self._spoken.setdefault(f"{size} at {price}", (event.where, Decimal(price)))
        elif isinstance(event, venue.Arrival) and self._spoken:
            if event.bid_price is not None and event.ask_price is not None:
                self._measure(event.where, event.bid_price, event.ask_price)
            self._spoken.clear()

    def _measure(self, at: str, bid: Decimal, ask: Decimal) -> None:
        for said, (where, price) in self._spoken.items():
            distance = max(bid - price, price - ask, Decimal(0))
            if distance <= _PLAUSIBLE * ask:
                bps = distance / ((bid + ask) / 2) * BPS
                book = f"{at} had {plain(bid)} / {plain(ask)}"
                text = f"{said}: {in_bps(bps)} ({plain(distance)}) off; {book}"
                self._measured.append((bps, Evidence(where, text)))

    def checks(self, bounds: Bounds) -> list[Check]:
        if not self._measured:
            return []
        far = [evidence for bps, evidence in self._measured if bps > bounds.max_child_distance_bps]
        named = len(self._measured)
        furthest = in_bps(max(bps for bps, _ in self._measured))
        observed = f"{len(far)} of {named} further off, up to {furthest}" if far else f"{named} of {named}"
        return [
            Check(
                "observed.named_prices",
                "prices in its log near the touch",
                Outcome.FAIL if far else Outcome.PASS,
                observed,
                f"<= {bounds.max_child_distance_bps} bps outside the touch",
                tuple(far[:CITED]),
            )
        ]
