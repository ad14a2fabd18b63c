"""How long a venue and the network to it take to answer."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from probes.market.operations import WireNames

DEFAULT = "default"
LONGEST_MS = 60_000  # an answer that takes longer is one that never comes: see the fault `lose_ack`


@dataclass(frozen=True, slots=True)
class Latency:
    """What the network and the venue add to an answer: `ms` always, up to `jitter_ms` more."""

    ms: Decimal = Decimal(0)
    jitter_ms: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if not (0 <= self.ms <= LONGEST_MS and 0 <= self.jitter_ms <= LONGEST_MS):
            raise ValueError(f"ms and jitter_ms must be between 0 and {LONGEST_MS}")


class LatencyModel:
    """The latency of each endpoint: its own, else that of its operation, else that of `default`."""

    def __init__(self, latencies: Mapping[str, Latency], names: WireNames, seed: int) -> None:
        self._latencies = latencies
        self._names = names
        self._seed = seed
        self._of_endpoints: dict[str, tuple[float, float, random.Random]] = {}

    def response_s(self, endpoint: str) -> float:
        """How long this answer takes beyond the work itself. Each endpoint draws from its own series."""
        if not self._latencies:
            return 0.0
        known = self._of_endpoints.get(endpoint)
        if known is None:
            keys = (*self._names.of_request(endpoint), DEFAULT)
            latency = next((self._latencies[key] for key in keys if key in self._latencies), Latency())
            series = random.Random(f"{self._seed}:{endpoint}")
            known = self._of_endpoints[endpoint] = (float(latency.ms), float(latency.jitter_ms), series)
        ms, jitter_ms, series = known
        return (ms + series.uniform(0, jitter_ms) if jitter_ms else ms) / 1000
