"""Every occupation of the event loop longer than a threshold, with the stack that blocked.

Each callback of the loop is timed; a thread looks again and again at what the loop's thread is doing while a
callback runs long, so the stacks are those of the culprits and not of its end. One callback may hold the loop
by several calls one after the other: each gets its share of the time.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from types import CodeType, FrameType
from typing import Any

from .channel import Channel

_now = time.perf_counter_ns
_NEVER = 1 << 63  # when a callback began that is not to be timed any more


class Watch:
    """Times every callback of every event loop of the process, one loop a thread."""

    def __init__(self, channel: Channel, threshold_ms: float) -> None:
        self._channel = channel
        self._threshold_ns = int(threshold_ms * 1_000_000)
        self._running: dict[int, int] = {}  # thread -> when its callback began
        self._looks: dict[int, tuple[int, dict[tuple[str, ...], int]]] = {}  # thread -> began, stacks seen
        self._started = False
        self._runner: CodeType | None = None
        os.register_at_fork(after_in_child=self._forked)

    def install(self, events: Any) -> None:
        """Wrap `asyncio.events.Handle._run`."""
        run = events.Handle._run
        self._runner = run.__code__
        running, threshold = self._running, self._threshold_ns
        get_ident, now = threading.get_ident, _now

        def run_timed(handle: Any) -> None:
            thread = get_ident()
            is_nested = thread in running
            if not self._started:
                self._start()
            began = running[thread] = now()
            try:
                return run(handle)  # type: ignore[no-any-return]
            finally:
                took = now() - began
                # A callback that runs the loop itself (nest_asyncio) does not hold it: its callbacks may.
                ran_the_loop = running[thread] != began
                if is_nested:
                    running[thread] = _NEVER
                else:
                    del running[thread]
                if took > threshold and not ran_the_loop:
                    self._report(thread, began, took)

        events.Handle._run = run_timed

    def _report(self, thread: int, began: int, took: int) -> None:
        seen, looks = self._looks.pop(thread, (0, {}))
        took_ms, total = took / 1e6, sum(looks.values())
        parts = [
            {"ms": round(took_ms * count / total, 1), "stack": list(stack)}
            for stack, count in (looks.items() if seen == began else ())
        ]
        self._channel.send("stall", ms=round(took_ms, 1), parts=parts)

    def _start(self) -> None:
        self._started = True
        threading.Thread(target=self._look, name="diag-stall-watch", daemon=True).start()

    def _look(self) -> None:
        pause_ns = self._threshold_ns // 4
        while True:
            time.sleep(pause_ns / 1e9)
            for thread, began in list(self._running.items()):
                if _now() - began < pause_ns:
                    continue
                stack = _lines(sys._current_frames().get(thread), self._runner)
                if self._running.get(thread) == began:  # still the same callback: the stack is its own
                    seen, looks = self._looks.get(thread, (0, {}))
                    if seen != began:
                        looks = {}
                        self._looks[thread] = (began, looks)
                    looks[stack] = looks.get(stack, 0) + 1

    def _forked(self) -> None:
        self._started = False
        self._running.clear()


_HERE = os.path.dirname(os.path.abspath(__file__))


def _lines(frame: FrameType | None, end: CodeType | None) -> tuple[str, ...]:
    """`path:line function` of the program from the loop's callback down, innermost last."""
    lines: list[str] = []
    while frame is not None and frame.f_code is not end and len(lines) < 60:
        path = frame.f_code.co_filename
        if not path.startswith(_HERE):
            lines.append(f"{path}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    return tuple(lines[::-1])
