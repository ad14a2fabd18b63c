"""Events to the parent: one JSON object a line over one AF_UNIX socket.

`send` may be called from any thread, from a finaliser in the middle of another `send`, and after a
fork. It never raises into the user's program.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
import time
from collections import deque

_TIMEOUT_S = 5
TEXT_LIMIT = 12_288  # the parent cuts further, when secrets are out: a secret that is cut is none to it
_RATE = 5000  # log events a second; what is over is counted, not sent

_encode = json.JSONEncoder(default=repr).encode
_connect = socket.socket.connect  # the original: `network` replaces it


class Channel:
    def __init__(self, path: str) -> None:
        self._path = path
        self._waiting: deque[bytes] = deque()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._inode = 0
        self._gone = False
        self._second = 0
        self._in_second = 0
        self._dropped = 0
        os.register_at_fork(after_in_child=self._forked)

    def send(self, kind: str, **data: object) -> None:
        if self._gone:
            return
        now = time.monotonic_ns()
        message = {
            "kind": kind,
            "pid": os.getpid(),
            "monotonic_ns": now,
            "utc_ns": time.time_ns(),
            "data": data,
        }
        self._waiting.append(_encode(message).encode() + b"\n")
        self._pump()

    def tell_first(self, kind: str, **data: object) -> None:
        """Send an event over a connection of its own, and come back when the parent has dealt with it."""
        if self._gone:
            return
        message = {"kind": kind, "pid": os.getpid(), "monotonic_ns": time.monotonic_ns(), "data": data}
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                waiting = struct.pack("ll", _TIMEOUT_S, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, waiting)
                _connect(connection, self._path)
                connection.sendall(_encode(message).encode() + b"\n")
                connection.shutdown(socket.SHUT_WR)
                connection.recv(1)  # its end
        except OSError:
            pass

    def send_text(self, kind: str, text: str, **data: object) -> None:
        """An event that a program can make by the million: shortened; over a rate dropped, with a count."""
        second = time.monotonic_ns() // 1_000_000_000
        if second != self._second:
            self._second, self._in_second = second, 0
        self._in_second += 1
        if self._in_second > _RATE:
            self._dropped += 1
            return
        if self._dropped:
            data["dropped_before"], self._dropped = self._dropped, 0
        if len(text) > TEXT_LIMIT:
            data["cut"] = len(text) - TEXT_LIMIT
            text = text[:TEXT_LIMIT]
        self.send(kind, text=text, **data)

    def _pump(self) -> None:
        # Whoever has the lock sends for all; a finaliser that runs inside this very loop only appends.
        while self._waiting and self._lock.acquire(blocking=False):
            try:
                while self._waiting:
                    self._write(self._waiting.popleft())
            finally:
                self._lock.release()

    def _write(self, line: bytes) -> None:
        for _ in range(2):  # once more over a fresh connection: the program may have closed ours
            try:
                if self._socket is not None and not self._still_ours(self._socket):
                    self._socket.detach()  # whatever has the number now, it is not ours to close
                    self._socket = None
                if self._socket is None:
                    self._socket = self._open()
                self._socket.sendall(line)
                return
            except (OSError, ValueError):
                self._close()
        self._gone = True
        self._waiting.clear()

    def _still_ours(self, channel: socket.socket) -> bool:
        """Whether the number of our descriptor still means our socket: programs close them by the range."""
        try:
            return os.fstat(channel.fileno()).st_ino == self._inode
        except OSError:
            return False

    def _open(self) -> socket.socket:
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # Not settimeout: it makes Python poll before each send.
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", _TIMEOUT_S, 0))
        _connect(channel, self._path)
        self._inode = os.fstat(channel.fileno()).st_ino
        return channel

    def _close(self) -> None:
        if self._socket is not None:
            try:
                self._socket.close()
            except OSError:
                pass
            self._socket = None

    def _forked(self) -> None:
        # The connection belongs to the process that opened it; its lock may be held by a thread that is gone.
        self._lock = threading.Lock()
        self._waiting = deque()
        self._close()
        self._gone = False
        self.send("fork")  # the parent knows of every process, and ends those that are left behind


class Counted:
    """Sends the first occurrences at a place and then each tenfold, always with the count so far."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._counts: dict[object, int] = {}
        self._sent: dict[object, tuple[int, str, dict[str, object]]] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._counts

    def send(self, key: object, kind: str, **data: object) -> None:
        count = self._counts.get(key, 0) + 1
        self._counts[key] = count
        if count <= 3 or count in _TENFOLD:
            self._sent[key] = count, kind, data
            self._channel.send(kind, count=count, **data)

    def finish(self) -> None:
        """At the end of the process: once more all that were seen more often than last sent."""
        for key, (sent, kind, data) in list(self._sent.items()):
            if self._counts[key] > sent:
                self._channel.send(kind, count=self._counts[key], **data)


_TENFOLD = frozenset(10**n for n in range(1, 15))
