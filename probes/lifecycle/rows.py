"""The venue's ledger as a case reads it: the rows since the case began."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from typing import TypeVar

from diag.record import Event, Journal
from diag.record.kinds import venue
from diag.verdict import Evidence
from probes.market.order import ZERO

REFRESH_S = 0.2
R = TypeVar("R", bound=venue.VenueEvent)


class Rows:
    """Rows of the venue, as they are written to the journal. Waiting is for the event loop that made it.

    A real venue writes no rows; `refresh` asks it for what changed, and writes that.
    """

    def __init__(
        self, journal: Journal, timeout_s: float, refresh: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self.timeout_s = timeout_s
        self.refresh = refresh
        self._rows: list[venue.VenueEvent] = []
        self._came = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        journal.listen(self._take)

    def clear(self) -> None:
        self._rows = []

    def all(self) -> list[venue.VenueEvent]:
        return self._rows

    def own(self) -> list[venue.VenueEvent]:
        """What happened to orders of the account."""
        return [row for row in self._rows if isinstance(row, venue.Order | venue.Fill | venue.Refused)]

    def mark(self) -> int:
        """A place in the rows, for `since`."""
        return len(self._rows)

    def of(self, kind: type[R], *, since: int = 0, **values: object) -> list[R]:
        """Rows of this kind that have these values."""
        return [row for row in self._rows[since:] if isinstance(row, kind) and _has(row, values)]

    def last(self, kind: type[R], **values: object) -> R | None:
        rows = (row for row in reversed(self._rows) if isinstance(row, kind) and _has(row, values))
        return next(rows, None)

    def position(self, instrument: str) -> Decimal:
        """Signed size by the ledger of a simulated venue, which began flat."""
        row = self.last(venue.Position, instrument=instrument)
        return row.size if row else ZERO

    def filled(self, client_order_id: str) -> Decimal:
        """The size that the fills of this order add up to."""
        return sum((row.size for row in self.of(venue.Fill, client_order_id=client_order_id)), ZERO)

    def open_orders(self, instrument: str) -> list[venue.Order]:
        """The last row of each order that has not ended."""
        latest: dict[tuple[str, str], venue.Order] = {}
        for row in self.of(venue.Order, instrument=instrument):
            if row.order_id:  # before the answer of a real venue it has none
                latest.pop(("", row.client_order_id), None)
            latest[row.order_id, row.client_order_id] = row
        return [row for row in latest.values() if not row.status.is_final]

    async def wait(self, test: Callable[[], object]) -> bool:
        """Whether `test` comes true, looked at after each row; gives up when the time is over."""
        return await self._until(test) is not None

    async def follow(self, words: tuple[str, ...]) -> list[venue.VenueEvent] | None:
        """The rows that these words name, in this order, once all are there; None when they never are."""
        found: list[venue.VenueEvent] = []

        def complete() -> bool:
            found[:] = _subsequence(self._rows, words)
            return len(found) == len(words)

        return found if await self._until(complete) else None

    def summary(self) -> str:
        """What happened to orders, in short."""
        words = [word for row in self._rows if (word := _word(row))]
        return " → ".join(words) if words else "no order, fill or refusal"

    async def _until(self, test: Callable[[], object]) -> object:
        try:
            async with asyncio.timeout(self.timeout_s):
                while True:
                    self._came.clear()
                    if self.refresh is not None:
                        await self.refresh()
                    if outcome := test():
                        return outcome
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(REFRESH_S if self.refresh else None):
                            await self._came.wait()
        except TimeoutError:
            return None

    def _take(self, event: Event) -> None:
        if isinstance(event, venue.VenueEvent):
            self._rows.append(event)
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._came.set)


def evidence(row: venue.VenueEvent) -> Evidence:
    """A row as a verdict cites it."""
    keys = ("client_order_id", "side", "size", "limit_price", "price", "status", "reason", "filled")
    observed = [f"{key} {value}" for key in keys if (value := getattr(row, key, None)) is not None]
    return Evidence(row.where, " ".join((row.kind, *observed)))


def _has(row: venue.VenueEvent, values: dict[str, object]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())


def _word(row: venue.VenueEvent) -> str:
    if isinstance(row, venue.Order):
        return f"order {row.status}"
    return row.kind if isinstance(row, venue.Fill | venue.Refused | venue.Cancel) else ""


def _subsequence(rows: list[venue.VenueEvent], words: tuple[str, ...]) -> Iterator[venue.VenueEvent]:
    wanted = iter(words)
    word = next(wanted, None)
    for row in rows:
        if word is not None and _word(row) == word:
            yield row
            word = next(wanted, None)
