"""Writing a run record.

Memory does not grow with the run: events go to the file in small batches, and who needs them later reads
them back. A run that dies leaves at most one torn line at the end.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from diag import __version__
from diag.record.event import E, Event
from diag.record.reading import EVENTS, VERSION, RecordError, event_of, read

_BATCH = 256  # events between two writes
_FLUSH_S = 0.5  # between two writes of what is new, so that a killed process loses less than a second


class Journal:
    """Appends events; safe to call from several threads, for venue and client write side by side.

    Nobody but the user may read a record.
    """

    def __init__(self, folder: Path | None) -> None:
        """Write into `folder`, which must not hold a record; with None, events are counted and not kept."""
        self.folder = folder or Path(os.devnull)
        self._lock = threading.Lock()
        self._seqs: dict[str, int] = {}
        self._batch: list[str] = []
        self._failed: RecordError | None = None  # of a disk that is full; nothing is written any more
        self._listeners: list[Callable[[Event], None]] = []
        self._closing = threading.Event()
        if folder is None:
            self._file: IO[str] = self.folder.open("w", encoding="ascii")
            return
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(folder / EVENTS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(descriptor, "w", encoding="ascii", newline="\n")
        except FileExistsError as error:
            holds = "holds a run record already" if folder.is_dir() else "is not a folder"
            raise RecordError(f"{folder}: {holds}; name another folder") from error
        except OSError as error:
            raise RecordError(f"{folder}: cannot write the run record: {error.strerror or error}") from error
        self._batch.append(f'{{"record":{VERSION},"diag":"{__version__}"}}\n')
        self._write()
        threading.Thread(target=self._flush_on, name="diag record", daemon=True).start()

    def append(self, event: Event) -> int:
        """Append an event, give it its place and times, and return its sequence number.

        Raises TypeError or ValueError for what JSON cannot hold, and RecordError when the record is closed
        or the disk is full.
        """
        return self.append_encoded(event.speaker, event.tail())

    def append_encoded(self, speaker: str, tail: str) -> int:
        """Append an event that `Event.tail` or a `writer` has made: rows that come again need it once."""
        with self._lock:
            if self._failed is not None:
                raise self._failed.with_traceback(None)
            if self._file.closed:
                raise RecordError(f"{self.folder}: the run record is closed")
            seq = self._seqs.get(speaker, 0) + 1
            self._seqs[speaker] = seq
            line = f'{{"seq":{seq},"monotonic_ns":{time.monotonic_ns()},"utc_ns":{time.time_ns()},{tail}\n'
            self._batch.append(line)
            if len(self._batch) >= _BATCH:
                self._write()
        if self._listeners:
            event = event_of(json.loads(line))
            for listener in self._listeners:
                listener(event)
        return seq

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with every event from now on, in the thread that appends it."""
        self._listeners.append(listener)

    def events(self, *kinds: type[E]) -> Iterator[E]:
        """The events of these kinds (none: all) so far, oldest first, as they stand on disk."""
        self.flush()
        return read(self.folder).events(*kinds)

    def flush(self) -> None:
        """Bring what was appended to the file, so that it outlives this process."""
        with self._lock:
            if not self._file.closed and self._batch:
                self._write()

    def _flush_on(self) -> None:
        while not self._closing.wait(_FLUSH_S):
            with suppress(RecordError):  # who appends next is told
                self.flush()

    def close(self) -> None:
        self._closing.set()
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
