"""A session at a venue: at its embedded simulator, or at the real one."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from diag.config import nearest
from diag.record import Journal
from diag.record.kinds.client import Answer
from probes.client import Client
from probes.credentials import Secret
from probes.embedded import Embedded
from probes.guard import Guard
from probes.market.exchange import Exchange, Refused
from probes.market.order import Fill, Instrument, Order, Quote
from probes.session import Session
from probes.venue import Access, Feature, Simulator, Venue


class UnknownTickerError(Exception):
    """A ticker that the venue does not list: one line with the nearest name."""


@contextlib.asynccontextmanager
async def at_embedded(
    venue: Venue,
    running: Embedded[Simulator],
    journal: Journal,
    ticker: str,
    seed: int,
    make: Callable[[Access], Client] | None = None,
) -> AsyncIterator[tuple[Session, Guard]]:
    """A session of the first account of a running simulator.

    With the reference client, or with the client that `make` makes. Raises UnknownTickerError.
    """
    exchange = running.simulator.exchange
    listed = tuple(exchange.instruments.values())
    instrument = instrument_of(venue, ticker, listed)
    account = running.simulator.accounts[0]
    credentials = {name: Secret(value) for name, value in account.variables.items()}
    access = venue.at_simulator(running.url, running.ca_file, credentials)
    client: Client = access.client(seed=seed) if make is None else make(access)
    lacks = venue.lacks(instrument)
    view = _EmbeddedView(running, account.name, Feature.POSITIONS not in lacks)
    secrets = [Secret(account.variables[each.name]) for each in venue.variables if each.looks_real]
    session = Session(
        client=client,
        venue=venue.name,
        journal=journal,
        instrument=instrument,
        account=account.name,
        view=view,
        lacks=lacks,
        others=[each for each in listed if each != instrument],
        clock=getattr(client, "clock", None),
        sources=getattr(client, "sources", {}),
        scrub=_scrubber(secrets),
    )
    try:
        await client.connect()
        yield session, Guard(view, venue.name, instrument.name, journal, None)
    finally:
        await client.disconnect()


@contextlib.asynccontextmanager
async def at_real(
    venue: Venue, access: Access, journal: Journal, ticker: str, max_notional: Decimal | None
) -> AsyncIterator[tuple[Session, Guard]]:
    """A session at a venue that is not simulated, with the reference client. Orders pass the guard.

    Raises UnknownTickerError.
    """
    view = access.client()
    async with _connected(view):
        listed = await view.fetch_instruments()
        instrument = instrument_of(venue, ticker, listed)
        guard = Guard(
            view, venue.name, instrument.name, journal, max_notional, block_ms=venue.cancel_block_ms
        )
        client = access.client(permit=guard.permit)

        def answered(endpoint: str) -> None:
            has_quote = "quote" in venue.wire_names.of_request(endpoint)
            journal.append(Answer(venue=venue.name, endpoint=endpoint, has_quote=has_quote))

        # A real venue has no ledger that tells what the client read; its wire does.
        client.on_answer(answered)
        async with _connected(client):
            yield (
                Session(
                    client=client,
                    venue=venue.name,
                    journal=journal,
                    instrument=instrument,
                    account=None,
                    view=view,
                    lacks=venue.lacks(instrument),
                    others=[each for each in listed if each != instrument],
                    clock=client.clock,
                    sources=client.sources,
                    scrub=_scrubber(access.secrets),
                    settle=guard.settle,
                    refresh=guard.refresh,
                ),
                guard,
            )


@contextlib.asynccontextmanager
async def _connected(client: Client) -> AsyncIterator[None]:
    try:
        await client.connect()
        yield
    finally:
        await client.disconnect()


def instrument_of(venue: Venue, ticker: str, listed: Iterable[Instrument]) -> Instrument:
    """The instrument that the ticker names (see Venue.lookup); raises UnknownTickerError."""
    listed = list(listed)
    found = venue.lookup(ticker, listed)
    if found is not None:
        return found
    bases = list(dict.fromkeys(instrument.base for instrument in listed))
    hint = nearest(ticker, bases) or f"; listed are {', '.join(sorted(bases)[:20])}"
    raise UnknownTickerError(f'--ticker: the venue does not list "{ticker}"{hint}')


def _scrubber(secrets: Sequence[Secret]) -> Callable[[str], str]:
    """What a client says may hold what it was given."""

    def scrub(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret.reveal(), "***")
        return text

    return scrub


@dataclass(frozen=True, slots=True)
class _EmbeddedView:
    """Looks into the exchange of an embedded venue, in its thread: no request, no step, no fault."""

    venue: Embedded[Simulator]
    account: str
    has_positions: bool

    @property
    def _exchange(self) -> Exchange:
        return self.venue.simulator.exchange

    async def fetch_bbo(self, instrument: str) -> Quote:
        return self.venue.call(lambda: self._exchange.quote(instrument))

    async def position(self, instrument: str) -> Decimal | None:
        if not self.has_positions:
            return None
        return self.venue.call(lambda: self._exchange.position(self.account, instrument).size)

    async def fetch_open_orders(self, instrument: str) -> Sequence[Order]:
        orders = self.venue.call(lambda: self._exchange.open_orders(self.account))
        return [order for order in orders if order.instrument == instrument]

    async def fetch_order(self, *, client_order_id: str) -> Order | None:
        return self.venue.call(lambda: self._exchange.order(self.account, client_order_id=client_order_id))

    async def fetch_fills(self, instrument: str) -> Sequence[Fill]:
        fills = self.venue.call(lambda: self._exchange.fills(self.account))
        return [fill for fill in fills if fill.instrument == instrument]

    async def cancel_order(
        self, *, order_id: str | None = None, client_order_id: str | None = None, block_ms: int = 0
    ) -> None:
        del block_ms  # the venue is in this process
        with contextlib.suppress(Refused):  # it has ended by itself
            self.venue.call(
                lambda: self._exchange.cancel(
                    self.account, order_id=order_id, client_order_id=client_order_id
                )
            )
