"""Writing and reading a run record.

The record is a folder with `events.jsonl`. Memory does not grow with the run: events go to the file
in small batches, and who needs them later reads them back. A run that dies leaves at most one torn
line at the end, which the reader drops and reports.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Self

from diag.record.event import Event, Source

EVENTS = "events.jsonl"
_BATCH = 256  # events between two writes; a killed process loses at most these


class RecordError(Exception):
    """A record that cannot be written or read: one clear line."""


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} does not belong in a record")


# ASCII: a string may hold a lone surrogate, or what some readers take for the end of a line.
_encode = json.JSONEncoder(default=_plain, separators=(",", ":"), allow_nan=False).encode


def encoded(kind: str, data: dict[str, Any]) -> str:
    """An event without source, number and times, for `Journal.append_encoded`.

    `data` holds JSON values and Decimals; raises TypeError or ValueError for anything else.
    """
    return _encode({"kind": kind, "data": data})[1:]


class Journal:
    """Appends events; safe to call from several threads, for venue and client write side by side."""

    def __init__(self, folder: Path | None) -> None:
        """Write into `folder`, which must not hold a record; with None, events are counted and not kept."""
        self.folder = folder or Path(os.devnull)
        self._lock = threading.Lock()
        self._seqs: dict[Source, int] = {}
        self._batch: list[str] = []
        self._failed: RecordError | None = None  # of a disk that is full; nothing is written any more
        self._listeners: list[Callable[[Event], None]] = []
        if folder is None:
            self._file: IO[str] = self.folder.open("w", encoding="ascii")
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = (folder / EVENTS).open("x", encoding="ascii", newline="\n")
        except FileExistsError as error:
            holds = "holds a run record already" if folder.is_dir() else "is not a folder"
            raise RecordError(f"{folder}: {holds}; name another folder") from error
        except OSError as error:
            raise RecordError(f"{folder}: cannot write the run record: {error.strerror or error}") from error

    def append(self, source: Source, kind: str, data: dict[str, Any]) -> int:
        """Append an event and return its sequence number.

        `data` holds JSON values and Decimals; raises TypeError or ValueError for anything else, and
        RecordError when the record is closed or the disk is full.
        """
        return self.append_encoded(source, encoded(kind, data))

    def append_encoded(self, source: Source, tail: str) -> int:
        """Append an event that `encoded` has made: rows that come again and again need it once."""
        with self._lock:
            if self._failed is not None:
                raise self._failed.with_traceback(None)
            if self._file.closed:
                raise RecordError(f"{self.folder}: the run record is closed")
            seq = self._seqs.get(source, 0) + 1
            self._seqs[source] = seq
            monotonic_ns, utc_ns = time.monotonic_ns(), time.time_ns()
            self._batch.append(
                f'{{"source":"{source}","seq":{seq},"monotonic_ns":{monotonic_ns},"utc_ns":{utc_ns},{tail}\n'
            )
            if len(self._batch) >= _BATCH:
                self._write()
        if self._listeners:
            event = Event(source, seq, monotonic_ns, utc_ns, **json.loads("{" + tail))
            for listener in self._listeners:
                listener(event)
        return seq

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with every event from now on, in the thread that appends it."""
        self._listeners.append(listener)

    def events(self) -> Iterator[Event]:
        """All events so far, oldest first, as they stand on disk."""
        self.flush()
        return read(self.folder).events()

    def flush(self) -> None:
        """Bring what was appended to the file, so that it outlives this process."""
        with self._lock:
            if not self._file.closed:
                self._write()

    def close(self) -> None:
        with self._lock:
            if not self._file.closed:
                try:
                    self._write()
                finally:
                    with suppress(OSError):  # what could not be written stays unwritten
                        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self) -> None:
        if self._failed is not None:
            raise self._failed.with_traceback(None)
        lines = "".join(self._batch)
        self._batch.clear()
        try:
            self._file.write(lines)
            self._file.flush()
        except OSError as error:
            self._failed = RecordError(
                f"{self.folder}: cannot write the run record: {error.strerror or error}"
            )
            raise self._failed from None


@dataclass(slots=True)
class Record:
    """A record on disk. `torn` is the number of the last line if a run died while writing it, else 0."""

    path: Path
    torn: int = field(default=0, init=False)

    def events(self) -> Iterator[Event]:
        """The events, oldest first, with prices and sizes as strings; sets `torn` at the end."""
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    self.torn = number
                    return
                try:
                    yield Event(**json.loads(line))
                except (ValueError, TypeError) as error:
                    raise RecordError(f"{self.path}:{number}: not an event of a run record") from error


def read(folder: Path) -> Record:
    """Open the record in `folder`; raises RecordError when there is none."""
    path = folder / EVENTS
    if not path.is_file():
        raise RecordError(f"{folder}: no run record here ({EVENTS} is missing)")
    return Record(path)
