"""Reading a run record: a folder with `events.jsonl`, whose first line names the version of the format."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from diag.record.event import E, Event
from diag.record.kinds import KINDS

EVENTS = "events.jsonl"
VERSION = 2


class RecordError(Exception):
    """A record that cannot be written or read: one clear line."""


def event_of(document: Mapping[str, Any]) -> Event:
    """The event of a line of a record; raises ValueError, TypeError or KeyError where it is none."""
    return KINDS[document["source"], document["kind"]].parsed(document)


@dataclass(slots=True)
class Record:
    """A record on disk. `torn` is the number of the last line if a run died while writing it, else 0."""

    path: Path
    torn: int = field(default=0, init=False)

    def events(self, *kinds: type[E]) -> Iterator[E]:
        """The events of these kinds (none: all), oldest first; sets `torn` at the end.

        A kind is a class of `diag.record.kinds`, or one that several have as a base. Raises RecordError for
        a record of another version, and for a line that is no event.
        """
        wanted = {key for key, kind in KINDS.items() if issubclass(kind, kinds or Event)}
        with self.path.open("rb") as file:
            self._begin(file)
            for number, line in enumerate(file, 2):
                if not line.endswith(b"\n"):
                    self.torn = number
                    return
                try:
                    document = json.loads(line)
                    key = document["source"], document["kind"]
                    if key in wanted:
                        yield KINDS[key].parsed(document)  # type: ignore[misc]  # it is one of `kinds`
                    elif key not in KINDS:
                        raise ValueError("an unknown kind of event")
                except (ValueError, TypeError, KeyError) as error:
                    raise RecordError(f"{self.path}:{number}: not an event of a run record") from error

    def _begin(self, file: BinaryIO) -> None:
        """Read the first line, which may be all that a killed run has left, or less."""
        line = file.readline()
        if not line.endswith(b"\n"):
            self.torn = 1
            return
        try:
            version = json.loads(line)["record"]
        except (ValueError, TypeError, KeyError):
            version = None
        if type(version) is not int:
            raise RecordError(f"{self.path}: not a run record of this diag: its first line names no version")
        if version != VERSION:
            age = "newer" if version > VERSION else "older"
            raise RecordError(
                f"{self.path}: a record of version {version}; this diag reads version {VERSION}: "
                f"read it with the {age} diag that wrote it"
            )


def read(folder: Path) -> Record:
    """Open the record in `folder`; raises RecordError when there is none."""
    path = folder / EVENTS
    if not path.is_file():
        raise RecordError(f"{folder}: no run record here ({EVENTS} is missing)")
    return Record(path)
