"""How many requests a venue takes in a time, by its own clock."""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass

from probes.market.clock import Clock
from probes.market.latency import DEFAULT
from probes.market.operations import WireNames


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many requests of an account in any `window_ms`; those that were refused do not count."""

    requests: int
    window_ms: int = 1_000
    retry_after: bool = True  # whether the answer says when to come again

    def __post_init__(self) -> None:
        if self.requests < 1 or self.window_ms < 1:
            raise ValueError("requests and window_ms must be 1 or more")


class RateLimits:
    """The limit of each endpoint: its own, else that of its operation, else that of `default`.

    What falls under the same limit counts together.
    """

    def __init__(self, limits: Mapping[str, RateLimit], names: WireNames, clock: Clock) -> None:
        self._limits = limits
        self._names = names
        self._clock = clock
        self._taken_ns: dict[tuple[str, str], deque[int]] = defaultdict(deque)

    def exceeded(self, endpoint: str, account: str) -> tuple[RateLimit, float] | None:
        """The limit that this request is beyond, and in how many seconds it would not be; else None."""
        if not self._limits:
            return None
        keys = (*self._names.of_request(endpoint), DEFAULT)
        key = next((key for key in keys if key in self._limits), None)
        if key is None:
            return None
        limit, taken_ns, now_ns = self._limits[key], self._taken_ns[key, account], self._clock.monotonic_ns()
        begins_ns = now_ns - limit.window_ms * 10**6
        while taken_ns and taken_ns[0] <= begins_ns:
            taken_ns.popleft()
        if len(taken_ns) >= limit.requests:
            return limit, (taken_ns[0] - begins_ns) / 10**9
        taken_ns.append(now_ns)
        return None
