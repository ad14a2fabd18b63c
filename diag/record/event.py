"""What every event of a run record has: its place, its times, and its own line of JSON.

A kind of event is a class in `diag.record.kinds`. From its fields come the code that reads a line back into
it and the code that writes one, so that fields, file and documentation cannot part.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self, TypeVar, dataclass_transform

from diag.record import coding

Source = Literal["venue", "client", "probe", "child"]


class Unit(NamedTuple):
    """The unit of a field, for its documentation."""

    name: str


Price = Annotated[Decimal, Unit("quote / base")]
Size = Annotated[Decimal, Unit("base")]
Amount = Annotated[Decimal, Unit("quote")]
Bps = Annotated[Decimal, Unit("bps")]
Ns = Annotated[int, Unit("ns")]
Ms = Annotated[float, Unit("ms")]
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What one party saw at one moment; a subclass says what.

    `seq` counts the events of one speaker from 1 on; the place in the record orders all of them.
    `monotonic_ns` serves durations within the run, `utc_ns` is nanoseconds since 1970 in UTC. The three are
    given by the journal and 0 before.
    """

    source: ClassVar[Source]
    kind: ClassVar[str]

    seq: int = 0
    monotonic_ns: Ns = 0
    utc_ns: Ns = 0

    @property
    def speaker(self) -> str:
        """Who says it: the name of the venue, or the source where that is no venue."""
        return self.source

    @property
    def where(self) -> str:
        """The name under which a verdict cites this event: venue or source, and number: `client:3`."""
        return f"{self.speaker}:{self.seq}"

    def values(self) -> dict[str, Any]:
        """What it says, by field, without place and times."""
        return {name: getattr(self, name) for name in payload(type(self))}

    def tail(self) -> str:
        """Its line after place and times; raises TypeError or ValueError for what JSON cannot hold."""
        return _coding(type(self)).tail(self)

    @classmethod
    def parsed(cls, document: Mapping[str, Any]) -> Self:
        """The event of a line; raises ValueError or TypeError where it is none of this kind."""
        return _coding(cls).parsed(document)  # type: ignore[no-any-return]


ENVELOPE = tuple(field.name for field in fields(Event))
KINDS: dict[tuple[str, str], type[Event]] = {}
"""Every kind of event by source and name; see `diag.record.kinds`."""

E = TypeVar("E", bound=Event)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(cls: type[E]) -> type[E]:
    """Make a class a kind of event, whose name in the record is the class's in lower case."""
    made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    made.kind = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
    KINDS[made.source, made.kind] = made
    return made


def payload(kind: type[Event]) -> tuple[str, ...]:
    """The fields of a kind of event without place and times."""
    return tuple(field.name for field in fields(kind) if field.name not in ENVELOPE)


class _Coding(NamedTuple):
    tail: Callable[[Any], str]
    parsed: Callable[[Mapping[str, Any]], Any]


_codings: dict[type[Event], _Coding] = {}


def _coding(kind: type[Event]) -> _Coding:
    found = _codings.get(kind)
    if found is None:
        optional = {each.name for each in fields(kind) if each.default is not MISSING}
        found = _codings[kind] = _Coding(
            coding.writer(kind, head(kind), payload(kind), (kind,), {}),
            coding.reader(kind, optional, ignored=("source", "kind")),
        )
    return found


def head(kind: type[Event]) -> str:
    return f'"source":"{kind.source}","kind":"{kind.kind}"'


def writer(kind: type[Event], *sources: type, **constants: Any) -> Callable[..., str]:
    """A function that writes the tail of such an event from objects that have its fields.

    Each field is a constant, else an attribute of the first of `sources` that declares it, else an argument
    by name of what is returned; the constant `...` makes it an argument in any case. For rows that are
    written by the thousand: no event is made.
    """
    return coding.writer(kind, head(kind), payload(kind), sources, constants)
