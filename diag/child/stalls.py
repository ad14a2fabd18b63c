"""Every occupation of the event loop longer than a threshold, with the stack that blocked.

Each callback of the loop is timed; a thread looks again and again at what the loop's thread is doing while a
callback runs long, so the stacks are those of the culprits and not of its end. One callback may hold the loop
by several calls one after the other: each gets its share of the time. Time in which the loop's thread was
ready and the system gave it no processor is the machine's, and told apart (Linux: schedstat in proc(5)).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from types import CodeType, FrameType
from typing import Any, NamedTuple

from .channel import Channel

_now = time.perf_counter_ns
_NEVER = 1 << 63  # when a callback began that is not to be timed any more
_MOST_SPANS = 10_000
_HERE = os.path.dirname(os.path.abspath(__file__))
_CHANNEL = Channel.send.__code__.co_filename


class _Waited(NamedTuple):
    """How long a thread had waited for a processor at a moment, both in ns."""

    at: int
    ns: int


class Watch:
    """Times every callback of every event loop of the process, one loop a thread."""

    def __init__(self, channel: Channel, threshold_ms: float) -> None:
        self._channel = channel
        self._threshold_ns = int(threshold_ms * 1_000_000)
        self._running: dict[int, int] = {}  # thread -> when its callback began
        self._looks: dict[int, tuple[int, dict[tuple[str, ...], int]]] = {}  # thread -> began, stacks seen
        self._native: dict[int, int] = {}  # thread -> what the system calls it
        self._waited: dict[int, _Waited] = {}  # thread -> as last read
        self._before: dict[int, tuple[int, int]] = {}  # thread -> began, how long it had waited until then
        self._loops = 0  # that run now
        self._spans = 0
        self._started = False
        self._runner: CodeType | None = None
        os.register_at_fork(after_in_child=self._forked)

    def install(self, events: Any) -> None:
        """Wrap `asyncio.events.Handle._run`."""
        run = events.Handle._run
        self._runner = run.__code__
        running, threshold, native = self._running, self._threshold_ns, self._native
        get_ident, now = threading.get_ident, _now

        def run_timed(handle: Any) -> None:
            thread = get_ident()
            is_nested = thread in running
            if thread not in native:
                self._meet(thread)
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
        if seen != began:
            looks = {}
        late = min(took, self._late(thread, began))
        total = sum(looks.values())
        excused = looks.pop((), 0)
        held = (took - late) * (total - excused) // total if total else took - late
        total -= excused
        if held < self._threshold_ns:
            if late > self._threshold_ns // 4:
                self._channel.send("late", ms=round(late / 1e6, 1))
            return
        held_ms = held / 1e6
        parts = [
            {"ms": round(held_ms * count / total, 1), "stack": list(stack)} for stack, count in looks.items()
        ]
        self._channel.send("stall", ms=round(held_ms, 1), late_ms=round(late / 1e6, 1), parts=parts)

    def _late(self, thread: int, began: int) -> int:
        """For how long of this callback the thread has waited for a processor."""
        ended = self._read(thread)
        noted, before = self._before.get(thread, (0, 0))
        if noted != began:  # nobody has looked since it began
            last = self._waited.get(thread)
            if last is None:
                return 0
            before = last.ns
        return max(0, ended.ns - before) if ended is not None else 0

    def _read(self, thread: int) -> _Waited | None:
        try:
            with open(f"/proc/self/task/{self._native[thread]}/schedstat", "rb", 0) as file:
                return _Waited(_now(), int(file.read(128).split()[1]))
        except (OSError, ValueError, IndexError, KeyError):  # another system, or a thread that has ended
            return None

    def _meet(self, thread: int) -> None:
        self._native[thread] = threading.get_native_id()
        waited = self._read(thread)
        if waited is not None:
            self._waited[thread] = waited
        if not self._started:
            self._started = True
            threading.Thread(target=self._look, name="diag-stall-watch", daemon=True).start()

    def _look(self) -> None:
        pause_ns = self._threshold_ns // 4
        while True:
            time.sleep(pause_ns / 1e9)
            for thread in list(self._native):
                self._note(thread)
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

    def _note(self, thread: int) -> None:
        """Keep how long the thread had waited before its callback began."""
        last, waited = self._waited.get(thread), self._read(thread)
        if last is None or waited is None:
            if thread not in sys._current_frames():
                self._native.pop(thread, None)
            return
        began = self._running.get(thread)
        if began is not None and self._before.get(thread, (0, 0))[0] != began:
            self._before[thread] = (began, last.ns)
        self._waited[thread] = waited

    # when loops run at all

    def watch_loop(self, base_events: Any) -> None:
        self._watch_runs(base_events.BaseEventLoop, "run_forever", "asyncio", is_watched=True)

    def watch_foreign(self, name: str) -> Any:
        """Loops of another library, whose callbacks nobody times."""

        def install(module: Any) -> None:
            for method in ("run_forever", "run_until_complete"):
                self._watch_runs(module.Loop, method, name, is_watched=False)

        return install

    def watch_trio(self, trio: Any) -> None:
        for function in ("run", "start_guest_run"):
            self._watch_runs(trio, function, "trio", is_watched=False)

    def _watch_runs(self, holder: Any, name: str, loop: str, is_watched: bool) -> None:
        run = getattr(holder, name)

        def run_here(*values: Any, **options: Any) -> Any:
            self._runs(1, loop, is_watched)
            try:
                return run(*values, **options)
            finally:
                self._runs(-1, loop, is_watched)

        run_here.__name__, run_here.__doc__ = run.__name__, run.__doc__
        setattr(holder, name, run_here)

    def _runs(self, step: int, loop: str, is_watched: bool) -> None:
        """Tell when the first of the loops that run now starts, and when the last one stops."""
        self._loops += step
        if self._loops == (step > 0):
            self._spans += 1
            if self._spans <= _MOST_SPANS:
                self._channel.send("loop", loop=loop, is_watched=is_watched, runs=step > 0)

    def _forked(self) -> None:
        self._started = False
        self._running.clear()
        self._native.clear()


def _lines(frame: FrameType | None, end: CodeType | None) -> tuple[str, ...]:
    """`path:line function` of the program from the loop's callback down, innermost last.

    Nothing where a module is imported, or the hooks tell the parent something: no work of the loop.
    """
    lines: list[str] = []
    if frame is not None and frame.f_code.co_filename == _CHANNEL:
        return ()
    while frame is not None and frame.f_code is not end and len(lines) < 60:
        path = frame.f_code.co_filename
        if path.startswith("<frozen importlib"):
            return ()
        if not path.startswith(_HERE):
            lines.append(f"{path}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    return tuple(lines[::-1])
