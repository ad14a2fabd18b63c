"""The clock of a venue: every stamp, pause and timer of a market and its simulator comes from one.

Whoever runs a venue decides what time it is there: that of this machine, or a clock of one's own.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A callback that waits for its time."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """What time it is, and how time passes. `utc_ns` may jump; `monotonic_ns` counts from any beginning."""

    def utc_ns(self) -> int: ...

    def monotonic_ns(self) -> int: ...

    async def sleep(self, seconds: float) -> None: ...

    def call_later(self, seconds: float, callback: Callable[..., object], *args: object) -> Timer:
        """Call `callback(*args)` in the venue's event loop after so many seconds."""
        ...


class SkewedClock:
    """Another clock, whose UTC is wrong by so much; durations are as they are there."""

    def __init__(self, clock: Clock, skew_ns: int) -> None:
        self._clock, self._skew_ns = clock, skew_ns
        self.monotonic_ns, self.sleep, self.call_later = clock.monotonic_ns, clock.sleep, clock.call_later

    def utc_ns(self) -> int:
        return self._clock.utc_ns() + self._skew_ns


class SystemClock:
    """The clock of this machine. It asks `time` anew each time, so that a patched `time` is believed."""

    def utc_ns(self) -> int:
        return time.time_ns()

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def call_later(self, seconds: float, callback: Callable[..., object], *args: object) -> Timer:
        return asyncio.get_running_loop().call_later(seconds, callback, *args)
