"""A clock for tests, on which time passes when it is told to."""

import asyncio
import heapq
import itertools
from collections.abc import Callable


class Waiting:
    """A callback that waits for its time."""

    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class ManualClock:
    """Stands still until `advance`, which calls what came due, in order."""

    def __init__(self, utc_ns: int) -> None:
        self._began_ns = self._now_ns = utc_ns
        self._numbers = itertools.count()
        self._timers: list[tuple[int, int, Waiting]] = []

    def utc_ns(self) -> int:
        return self._now_ns

    def monotonic_ns(self) -> int:
        return self._now_ns - self._began_ns

    async def sleep(self, seconds: float) -> None:
        over = asyncio.get_running_loop().create_future()
        self.call_later(seconds, lambda: over.done() or over.set_result(None))
        await over

    def call_later(self, seconds: float, callback: Callable[..., object], *args: object) -> Waiting:
        timer = Waiting(lambda: callback(*args))
        heapq.heappush(self._timers, (self._now_ns + round(seconds * 1e9), next(self._numbers), timer))
        return timer

    def waiting_until_ns(self) -> list[int]:
        """For when something waits, soonest first."""
        return sorted(when for when, _, timer in self._timers if timer.callback is not None)

    def advance(self, seconds: float) -> None:
        """Let so much time pass."""
        until = self._now_ns + round(seconds * 1e9)
        while self._timers and self._timers[0][0] <= until:
            self._now_ns, _, timer = heapq.heappop(self._timers)
            if timer.callback is not None:
                timer.callback()
        self._now_ns = until
