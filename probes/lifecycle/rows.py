"""The venue's ledger as a card reads it: the rows since the card began."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from typing import Any

from diag.record import Event, Journal
from diag.verdict import Evidence
from probes.market.order import ZERO

ASK_S = 0.2


class Rows:
    """Rows of the venue, as they are written to the journal. Waiting is for the event loop that made it.

    A real venue writes no rows; `ask` asks it for what changed, and writes that.
    """

    def __init__(
        self, journal: Journal, patience_s: float, ask: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self.patience_s = patience_s
        self.ask = ask
        self._rows: list[Event] = []
        self._came = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        journal.listen(self._take)

    def clear(self) -> None:
        self._rows = []

    def all(self) -> list[Event]:
        return self._rows

    def own(self) -> list[Event]:
        """What happened to orders of the account."""
        return [row for row in self._rows if row.kind in ("order", "fill", "refused")]

    def mark(self) -> int:
        """A place in the rows, for `since`."""
        return len(self._rows)

    def of(self, kind: str, *, since: int = 0, **data: object) -> list[Event]:
        """Rows of this kind whose data has these values."""
        return [row for row in self._rows[since:] if row.kind == kind and _has(row, data)]

    def last(self, kind: str, **data: object) -> Event | None:
        return next((row for row in reversed(self._rows) if row.kind == kind and _has(row, data)), None)

    def position(self, instrument: str) -> Decimal:
        """Signed size by the ledger of a simulated venue, which began flat."""
        row = self.last("position", instrument=instrument)
        return number(row, "size") if row else ZERO

    def filled(self, client_order_id: str) -> Decimal:
        """The size that the fills of this order add up to."""
        return sum((number(row, "size") for row in self.of("fill", client_order_id=client_order_id)), ZERO)

    def open_orders(self, instrument: str) -> list[Event]:
        """The last row of each order that has not ended."""
        latest: dict[tuple[str, str], Event] = {}
        for row in self.of("order", instrument=instrument):
            order_id, name = str(row.data["order_id"]), str(row.data["client_order_id"])
            if order_id:  # before the answer of a real venue it has none
                latest.pop(("", name), None)
            latest[order_id, name] = row
        return [row for row in latest.values() if row.data["status"] in ("pending", "open")]

    async def wait(self, test: Callable[[], object]) -> bool:
        """Whether `test` comes true, looked at after each row; gives up when patience ends."""
        return await self._until(test) is not None

    async def follow(self, words: tuple[str, ...]) -> list[Event] | None:
        """The rows that these words name, in this order, once all are there; None when they never are."""
        found: list[Event] = []

        def complete() -> bool:
            found[:] = _subsequence(self._rows, words)
            return len(found) == len(words)

        return found if await self._until(complete) else None

    def told(self) -> str:
        """What happened to orders, in short."""
        words = [word for row in self._rows if (word := _word(row))]
        return " → ".join(words) if words else "no order, fill or refusal"

    async def _until(self, test: Callable[[], object]) -> object:
        try:
            async with asyncio.timeout(self.patience_s):
                while True:
                    self._came.clear()
                    if self.ask is not None:
                        await self.ask()
                    if outcome := test():
                        return outcome
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(ASK_S if self.ask else None):
                            await self._came.wait()
        except TimeoutError:
            return None

    def _take(self, event: Event) -> None:
        if event.source == "venue":
            self._rows.append(event)
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._came.set)


def number(row: Event, key: str) -> Decimal:
    value = row.data[key]
    return ZERO if value is None else Decimal(str(value))


def evidence(row: Event) -> Evidence:
    """A row as a verdict cites it."""
    keys = ("client_order_id", "side", "size", "limit_price", "price", "status", "reason", "filled")
    told = [f"{key} {row.data[key]}" for key in keys if row.data.get(key) is not None]
    return Evidence(row.where, " ".join((row.kind, *told)))


def _has(row: Event, data: dict[str, Any]) -> bool:
    return all(row.data.get(key) == value for key, value in data.items())


def _word(row: Event) -> str:
    if row.kind == "order":
        return f"order {row.data['status']}"
    return row.kind if row.kind in ("fill", "refused", "cancel") else ""


def _subsequence(rows: list[Event], words: tuple[str, ...]) -> Iterator[Event]:
    wanted = iter(words)
    word = next(wanted, None)
    for row in rows:
        if word is not None and _word(row) == word:
            yield row
            word = next(wanted, None)
