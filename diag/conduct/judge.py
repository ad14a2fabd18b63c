"""What a judge is, and how a record is put before judges."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import ClassVar, Protocol

from diag.bounds import Bounds
from diag.record import E, Event
from diag.record.kinds import KINDS
from diag.verdict import Check


class Judge(ABC):
    """Takes in the events of one record, oldest first and once, and says what they show.

    What it keeps must not grow with the ledger: a record may hold millions of rows.
    """

    needs: ClassVar[tuple[type[Event], ...]]
    """The kinds of events it takes in, or bases of them; it is shown no others."""

    @abstractmethod
    def take(self, event: Event) -> None: ...

    @abstractmethod
    def checks(self, bounds: Bounds) -> list[Check]:
        """After the last event. None for a record that is about something else."""


class Events(Protocol):
    """A record, or the journal of one that is still being written."""

    def events(self, *kinds: type[E]) -> Iterator[E]: ...


def judge(record: Events, bounds: Bounds, judges: Iterable[type[Judge]]) -> list[Check]:
    """The checks of all judges, in their order, from one pass over the record."""
    called = [make() for make in judges]
    handlers = {
        kind: [each.take for each in called if issubclass(kind, each.needs)] for kind in KINDS.values()
    }
    for event in record.events(*(kind for kind, take in handlers.items() if take)):
        for take in handlers[type(event)]:
            take(event)
    return [check for each in called for check in each.checks(bounds)]
