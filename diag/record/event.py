"""One event of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Source = Literal["venue", "client", "probe", "child"]


@dataclass(frozen=True, slots=True)
class Event:
    """What one party saw at one moment.

    `seq` counts the events of one source from 1 on; the place in the record orders all of them.
    `monotonic_ns` serves durations within the run, `utc_ns` is nanoseconds since 1970 in UTC.
    `data` holds JSON values only; prices and sizes are decimal strings in plain notation.
    """

    source: Source
    seq: int
    monotonic_ns: int
    utc_ns: int
    kind: str
    data: Mapping[str, object]

    @property
    def where(self) -> str:
        """The name under which a verdict cites this event."""
        return f"{self.source}:{self.seq}"
