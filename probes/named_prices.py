"""Prices that a client names in its log when it places an order, held against the book of that moment.

A client may send market orders and still steer by prices of its own: they show nowhere at the venue. What
it logs as `0.5 at 2990.05` or `BUY 0.5 @ 2990.05` is its own word for what it does.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

from diag.bounds import Bounds
from diag.record import Event
from diag.record.kinds import child, venue
from diag.verdict import Check, Evidence, Outcome
from probes.spread import BPS, in_bps, plain

CITED = 5
_NAMED = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*(?:[A-Z]{2,10}\s*)?(?:at|@)\s*[~$]?\s*(\d+(?:\.\d+)?)\b")
_PLAUSIBLE = Decimal("0.2")  # of the mid; what is further off is no price of this market


def judge(events: Iterable[Event], bounds: Bounds) -> list[Check]:
    """One check; none for a client that names no price before an order."""
    spoken: list[tuple[str, str, Decimal]] = []  # since the last order: row, text, price
    furthest = Decimal(0)
    named = 0
    far: list[Evidence] = []
    known: set[str] = set()
    for event in events:
        if isinstance(event, child.Spoken):
            for size, price in _NAMED.findall(event.text):
                # A line goes to the log, the terminal and a file: it counts once.
                if (said := f"{size} at {price}") not in known:
                    known.add(said)
                    spoken.append((event.where, said, Decimal(price)))
        elif isinstance(event, venue.Arrival) and spoken:
            low, high = event.bid_price, event.ask_price
            if low is not None and high is not None:
                for where, said, price in spoken:
                    distance = max(low - price, price - high, Decimal(0))
                    if distance > _PLAUSIBLE * high:
                        continue
                    named += 1
                    distance_bps = distance / ((low + high) / 2) * BPS
                    furthest = max(furthest, distance_bps)
                    if distance_bps > bounds.max_child_distance_bps:
                        book = f"{event.where} had {plain(low)} / {plain(high)}"
                        far.append(
                            Evidence(where, f"{said}: {in_bps(distance_bps)} ({plain(distance)}) off; {book}")
                        )
            spoken, known = [], set()
    if not named:
        return []
    bound = f"<= {bounds.max_child_distance_bps} bps outside the touch"
    outcome = Outcome.FAIL if far else Outcome.PASS
    observed = (
        f"{len(far)} of {named} further off, up to {in_bps(furthest)}" if far else f"{named} of {named}"
    )
    name, title = "observed.named_prices", "prices in its log near the touch"
    return [Check(name, title, outcome, observed, bound, tuple(far[:CITED]))]
