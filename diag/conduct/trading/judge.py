"""The judge of trading: orders, questions, limits and streams of a program, by the ledgers of its venues."""

from collections.abc import Iterator
from dataclasses import replace

from diag.bounds import Bounds
from diag.conduct.judge import Judge
from diag.conduct.trading.cancels import Cancels
from diag.conduct.trading.exposure import Exits, Legs, Positions, Resting
from diag.conduct.trading.family import NAME, Ended, Family
from diag.conduct.trading.history import History
from diag.conduct.trading.intent import Intent
from diag.conduct.trading.limits import Limits
from diag.conduct.trading.refusals import Refusals
from diag.conduct.trading.repeats import Repeats
from diag.conduct.trading.streams import Streams
from diag.conduct.trading.unanswered import Unanswered
from diag.record import Event
from diag.record.kinds import child, probe, venue
from diag.verdict import Check, Evidence, Outcome

_OF_EVERY_RECORD = (Repeats, Unanswered, Cancels, Refusals, Limits, Streams, Intent)
_OF_A_PROGRAM = (Positions, Exits, Resting, Legs)
"""A probe judges its own plan by these measures already."""


class TradingJudge(Judge):
    """Every check of trading; none for a record without a ledger that tells the truth.

    Of a probe it judges what the client did for `bbo` and `iterative_order`: the cases of `order_lifecycle`
    break rules on purpose, and what follows a plan is of the probe's own doing.
    """

    needs = (
        venue.VenueEvent,
        probe.Run,
        probe.Plan,
        probe.Settled,
        child.Started,
        child.Expected,
        child.Exit,
        child.Stdout,
        child.Stderr,
        child.Said,
    )

    def __init__(self) -> None:
        self._history = History()
        self._families: list[Family] = [make() for make in (*_OF_EVERY_RECORD, *_OF_A_PROGRAM)]
        self._run: probe.Run | None = None
        self._has_plan = False
        self._is_open = True
        self._ended = Ended()
        self._exit: child.Exit | None = None
        self._opened: dict[str, str] = {}  # venue -> its row
        self._places: dict[str, str] = {}  # venue -> the first request to it
        self._expects_orders = False

    def take(self, event: Event) -> None:
        match event:
            case probe.Run():
                self._run = event
                breaks_rules = "order_lifecycle" in event.probes and "iterative_order" not in event.probes
                self._is_open = event.ledger and not breaks_rules
            case probe.Plan():
                self._has_plan = True
                self._is_open = self._run is None or self._run.ledger
            case probe.Settled():
                self._is_open = False
            case child.Exit() if self._run is None:
                self._exit, self._is_open = event, False
                self._ended = Ended(event.how == "exited" and event.code >= 0, event.monotonic_ns)
            case venue.Opened():
                self._opened[event.venue] = event.where
            case child.Expected():
                self._expects_orders |= event.orders or event.position is not None
        if not self._is_open:
            return
        if isinstance(event, venue.Request):
            self._places.setdefault(event.venue, event.where)
        self._ended.at_ns = event.monotonic_ns
        self._history.take(event)
        for family in self._families:
            family.take(event, self._history)

    def checks(self, bounds: Bounds) -> list[Check]:
        if self._run is not None:
            return list(self._of_probe(bounds)) if self._run.ledger else []
        if not (self._opened or self._places):
            return []
        return [*self._reached(), *self._of_program(bounds)]

    def _of_probe(self, bounds: Bounds) -> Iterator[Check]:
        """What applies, where the client was asked for anything."""
        for family in self._families:
            if isinstance(family, _OF_EVERY_RECORD) and self._places:
                if family.about == "orders" and not self._history.number_placed:
                    continue
                for check in family.checks(self._history, bounds, self._ended):
                    if check.outcome is not Outcome.NOT_APPLICABLE:
                        yield check

    def _reached(self) -> Iterator[Check]:
        """Whether the program came to each venue that was simulated for it."""
        for name, where in self._opened.items():
            title, bound = f"{name} was reached", "one request at least"
            number = self._history.requests.get(name, 0)
            if number:
                cited = (Evidence(self._places[name], "the first"),)
                yield Check(f"{NAME}.reached-{name}", title, Outcome.PASS, f"{number} requests", bound, cited)
            else:
                cited = (Evidence(where, "it was open"),)
                yield Check(
                    f"{NAME}.reached-{name}", title, Outcome.NOT_SHOWN, "no request came", bound, cited
                )

    def _of_program(self, bounds: Bounds) -> Iterator[Check]:
        lacking = "no order was placed" if self._places else "the venue was never reached"
        for family in self._families:
            judged = family.checks(self._history, bounds, self._ended)
            is_shown = self._history.number_placed if family.about == "orders" else self._places
            is_due = self._expects_orders or not self._places
            for check in judged:
                if is_shown or (check.outcome is Outcome.FAIL and self._expects_orders):
                    yield check
                else:
                    outcome = Outcome.NOT_SHOWN if is_due else Outcome.NOT_APPLICABLE
                    yield replace(check, outcome=outcome, observed=lacking, evidence=())
