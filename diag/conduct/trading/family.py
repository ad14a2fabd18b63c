"""What a family of checks on trading is."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from diag.bounds import Bounds
from diag.conduct.trading.history import History
from diag.record import Event
from diag.verdict import CITED, Check, Evidence, Outcome

NAME = "trading"


@dataclass(slots=True)
class Ended:
    """How what is judged has ended: by itself, or stopped from outside (`by_itself` is False)."""

    by_itself: bool = True
    at_ns: int = 0  # of the last row


class Family(ABC):
    """Sees every row after the history has taken it in, and judges at the end."""

    about: ClassVar[Literal["orders", "requests"]]
    """What there has to be for it to show anything."""
    names: ClassVar[dict[str, str]]
    """Its checks: name -> title."""

    @abstractmethod
    def take(self, event: Event, history: History) -> None: ...

    @abstractmethod
    def checks(self, history: History, bounds: Bounds, ended: Ended) -> Iterable[Check]: ...

    def check(
        self,
        name: str,
        outcome: Outcome,
        observed: str,
        bound: str,
        evidence: Iterable[Evidence] = (),
    ) -> Check:
        return Check(f"{NAME}.{name}", self.names[name], outcome, observed, bound, tuple(evidence)[:CITED])


@dataclass(slots=True)
class Wrongs:
    """What was done wrong, in all, and the first few with the rows that prove them."""

    number: int = 0
    cited: list[Evidence] = field(default_factory=list)

    def add(self, *evidence: Evidence) -> None:
        self.number += 1
        if len(self.cited) < CITED:
            self.cited += evidence
