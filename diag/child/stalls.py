"""Every occupation of the event loop longer than a threshold, with the stack that blocked.

Each callback of the loop is timed; a thread looks at what the loop's thread is doing once a callback
runs longer than the threshold, so the stack is that of the culprit and not of its end.
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


class Watch:
    """`began_ns` is 0 while the loop waits. One loop a thread; nested ones count as their outer callback."""

    def __init__(self, channel: Channel, threshold_ms: float) -> None:
        self._channel = channel
        self._threshold_ns = int(threshold_ms * 1_000_000)
        self.began_ns = 0
        self.thread = 0
        self._stack: list[str] = []
        self._seen_ns = 0
        self._started = False
        os.register_at_fork(after_in_child=self._forked)

    def install(self, events: Any) -> None:
        """Wrap `asyncio.events.Handle._run`."""
        run = events.Handle._run
        threshold = self._threshold_ns
        get_ident = threading.get_ident

        def run_timed(handle: Any) -> None:
            if self.began_ns:  # a loop inside a callback, or in another thread
                return run(handle)  # type: ignore[no-any-return]
            if not self._started:
                self._start()
            self.thread = get_ident()
            began = self.began_ns = _now()
            try:
                return run(handle)  # type: ignore[no-any-return]
            finally:
                self.began_ns = 0
                took = _now() - began
                if took > threshold:
                    self._report(began, took)

        events.Handle._run = run_timed

    def _report(self, began: int, took: int) -> None:
        stack = self._stack if self._seen_ns == began else []
        self._channel.send("stall", ms=round(took / 1e6, 1), stack=stack)

    def _start(self) -> None:
        self._started = True
        threading.Thread(target=self._look, name="diag-stall-watch", daemon=True).start()

    def _look(self) -> None:
        pause = self._threshold_ns / 4e9
        while True:
            time.sleep(pause)
            began = self.began_ns
            if began and began != self._seen_ns and _now() - began > self._threshold_ns / 2:
                frame = sys._current_frames().get(self.thread)
                stack = _lines(frame, self._runner())
                if self.began_ns == began:  # still the same callback: the stack is its own
                    self._stack, self._seen_ns = stack, began

    def _runner(self) -> CodeType:
        import asyncio.events

        return asyncio.events.Handle._run.__code__

    def _forked(self) -> None:
        self._started = False
        self.began_ns = 0


def _lines(frame: FrameType | None, end: CodeType) -> list[str]:
    """`path:line function` from the loop's callback down to what runs now, innermost last."""
    lines: list[str] = []
    while frame is not None and frame.f_code is not end and len(lines) < 60:
        lines.append(f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    return lines[::-1]
