"""What a probe works with: the client under test, the record, and a look at the venue past the client."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Protocol

from diag.record import Journal
from diag.record.kinds import client, probe
from probes.client import Bbo, Claim, Client, OrderPlan
from probes.market.order import Fill, Instrument, Order, Quote
from probes.venue import Feature
from probes.wire import WireClock

ANSWER_S = 30.0  # how long a client may take for one answer
AFTERMATH_S = 0.1  # in which an order that a client sends behind the back of its report shows


class VenueView(Protocol):
    """Looks at the venue by its own way, never through the client under test.

    At the embedded venue it looks into the exchange itself; at a real one it asks over a connection of its
    own. Orders and fills are those of the account under test.
    """

    async def fetch_bbo(self, instrument: str) -> Quote: ...

    async def position(self, instrument: str) -> Decimal | None:
        """Signed size; None where the venue has no positions of this instrument."""
        ...

    async def fetch_open_orders(self, instrument: str) -> Sequence[Order]: ...

    async def fetch_order(self, *, client_order_id: str) -> Order | None: ...

    async def fetch_fills(self, instrument: str) -> Sequence[Fill]: ...

    async def cancel_order(
        self, *, order_id: str | None = None, client_order_id: str | None = None, block_ms: int = 0
    ) -> None:
        """Named by one of the two. `block_ms` also stops one that arrives later, where the venue does so."""
        ...


@dataclass(slots=True)
class Session:
    """One run against one venue. `sources` are further ways in which the client tells the BBO, by name.

    `clock` times the wire of the client where that is possible, else the time around its calls counts.
    `scrub` takes secrets out of a text. `settle` is awaited when an order plan has ended, before its state is
    taken down; `refresh` takes down how orders and fills are now. A venue with a ledger needs neither.
    `lacks` is what the venue has not got for the instrument, and why.
    """

    client: Client
    venue: str
    journal: Journal
    instrument: Instrument
    account: str | None
    view: VenueView
    lacks: Mapping[Feature, str] = field(default_factory=dict)
    others: Sequence[Instrument] = ()  # that the venue lists beside the one of the session
    clock: WireClock | None = None
    sources: Mapping[str, Callable[[str], Awaitable[Quote]]] = field(default_factory=dict)
    scrub: Callable[[str], str] = str
    settle: Callable[[], Awaitable[None]] | None = None
    refresh: Callable[[], Awaitable[None]] | None = None

    def begin(
        self,
        *,
        env: str,
        probes: Sequence[str],
        places_orders: bool,
        has_ledger: bool,
        client: str | None = None,
        scenario: str | None = None,
        seed: int | None = None,
    ) -> None:
        """The first event of a record: what is judged, with what it takes to judge it again."""
        self.journal.append(
            probe.Run(
                venue=self.venue,
                instrument=self.instrument.name,
                account=self.account,
                env=env,
                client=client,
                scenario=scenario,
                seed=seed,
                probes=tuple(probes),
                places_orders=places_orders,
                ledger=has_ledger,
                tick_size=self.instrument.tick_size,
                min_size=self.instrument.min_size,
                size_step=self.instrument.size_step,
            )
        )
        self.journal.flush()

    async def query_bbo(self, via: str, fetch: Callable[[str], Awaitable[Quote | Bbo]]) -> None:
        """Ask the client for a BBO once, and take down its answer or its error."""
        self.journal.append(probe.Ask(venue=self.venue, instrument=self.instrument.name, via=via))
        clock = self.clock
        exchanges = clock.exchanges if clock else 0
        began = time.monotonic_ns()
        try:
            async with asyncio.timeout(ANSWER_S):
                quote = await fetch(self.instrument.name)
            elapsed_ns = time.monotonic_ns() - began
            timed = clock is not None and clock.exchanges > exchanges
            self.journal.append(
                client.Quote(
                    venue=self.venue,
                    instrument=quote.instrument,
                    via=via,
                    bid_price=quote.bid_price,
                    bid_size=quote.bid_size,
                    ask_price=quote.ask_price,
                    ask_size=quote.ask_size,
                    stamp_ns=quote.utc_ns,
                    elapsed_ns=elapsed_ns,
                    wire_ns=clock.last_ns if clock and timed else None,
                )
            )
        except Exception as error:
            self._failed(via, error)

    async def work(self, plan: OrderPlan, within_s: float) -> Claim | None:
        """Let the client work the plan; take down the book before, what it says, and the state after."""
        before = await self.view.position(plan.instrument)
        quote = await self.view.fetch_bbo(plan.instrument)
        self.journal.append(
            probe.Plan(
                **asdict(plan),
                venue=self.venue,
                account=self.account,
                bid_price=quote.bid_price,
                bid_size=quote.bid_size,
                ask_price=quote.ask_price,
                ask_size=quote.ask_size,
            )
        )
        claim: Claim | None = None
        try:
            async with asyncio.timeout(within_s):
                claim = await self.client.work_order(plan)
            self.journal.append(
                client.Claim(
                    venue=self.venue,
                    account=self.account,
                    instrument=plan.instrument,
                    success=claim.success,
                    filled=claim.filled,
                    average_price=claim.average_price,
                    iterations=claim.iterations,
                    reason=self.scrub(claim.reason),
                )
            )
        except Exception as error:
            self._failed("work_order", error)
        await asyncio.sleep(AFTERMATH_S)
        if self.settle is not None:
            await self.settle()
        after = await self.view.position(plan.instrument)
        self.journal.append(
            probe.Settled(
                venue=self.venue,
                account=self.account,
                instrument=plan.instrument,
                position_before=before,
                position_after=after,
            )
        )
        return claim

    def _failed(self, during: str, error: Exception) -> None:
        message = " ".join(self.scrub(str(error)).split()) or "no message"
        self.journal.append(
            client.Error(
                venue=self.venue,
                instrument=self.instrument.name,
                during=during,
                type=type(error).__name__,
                message=message,
            )
        )
