"""Writing and reading a run record.

The record is a folder with `events.jsonl`. Memory does not grow with the run: events go to the file
in small batches, and who needs them later reads them back. A run that dies leaves at most one torn
line at the end, which the reader drops and reports.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, Self

from diag.record.event import Event, Source

EVENTS = "events.jsonl"
_BATCH = 512


class RecordError(Exception):
    """A record that cannot be written or read: one clear line."""


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} does not belong in a record")


_encode = json.JSONEncoder(default=_plain, separators=(",", ":"), ensure_ascii=False).encode


class Journal:
    """Appends events; safe to call from several threads, for venue and client write side by side."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._seqs: dict[Source, int] = {}
        self._batch: list[tuple[Source, int, int, int, str, dict[str, object]]] = []
        self._listeners: list[Callable[[Event], None]] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = (folder / EVENTS).open("w", encoding="utf-8")
        except OSError as error:
            raise RecordError(f"{folder}: cannot write the run record: {error.strerror}") from error

    def append(self, source: Source, kind: str, data: dict[str, object]) -> int:
        """Append an event and return its sequence number. `data` is the journal's from then on."""
        with self._lock:
            seq = self._seqs.get(source, 0) + 1
            self._seqs[source] = seq
            row = (source, seq, time.monotonic_ns(), time.time_ns(), kind, data)
            self._batch.append(row)
            if len(self._batch) >= _BATCH:
                self._write()
        if self._listeners:
            event = Event(*row)
            for listener in self._listeners:
                listener(event)
        return seq

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with every event from now on, in the thread that appends it."""
        self._listeners.append(listener)

    def events(self) -> Iterator[Event]:
        """All events so far, oldest first."""
        self.flush()
        return read(self.folder).events()

    def flush(self) -> None:
        with self._lock:
            if not self._file.closed:
                self._write()
                self._file.flush()

    def close(self) -> None:
        with self._lock:
            if not self._file.closed:
                self._write()
                self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self) -> None:
        self._file.write("".join(_encode(row) + "\n" for row in self._batch))
        self._batch.clear()


@dataclass(slots=True)
class Record:
    """A record on disk. `torn` is the number of the last line if a run died while writing it."""

    path: Path
    torn: int = field(default=0, init=False)

    def events(self) -> Iterator[Event]:
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    self.torn = number
                    return
                try:
                    yield Event(*json.loads(line))
                except (ValueError, TypeError) as error:
                    raise RecordError(f"{self.path}:{number}: not an event of a run record") from error


def read(folder: Path) -> Record:
    """Open the record in `folder`; raises RecordError when there is none."""
    path = folder / EVENTS
    if not path.is_file():
        raise RecordError(f"{folder}: no run record here ({EVENTS} is missing)")
    return Record(path)
