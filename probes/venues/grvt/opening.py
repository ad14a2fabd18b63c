"""A session at GRVT: at the embedded simulator, or at testnet or prod."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from diag.config import nearest
from diag.record import Journal
from probes.client import Client
from probes.guard import Guard
from probes.market.exchange import Exchange, Refused
from probes.market.order import Fill, Instrument, Order, Quote
from probes.session import Session
from probes.venues.embedded import Embedded
from probes.venues.grvt import environments
from probes.venues.grvt.client import GrvtClient
from probes.venues.grvt.credentials import Credentials
from probes.venues.grvt.environments import Environment
from probes.venues.grvt.simulator.app import Simulator

STREAM_S = 3.0  # for a stream to be subscribed to and to bring its first message
ENVIRONMENTS = {"testnet": environments.TESTNET, "prod": environments.PROD}

MakeClient = Callable[[Environment, Credentials], Client]


class UnknownTickerError(Exception):
    """A ticker that the venue does not list: one line with the nearest name."""


@contextlib.asynccontextmanager
async def at_embedded(
    venue: Embedded[Simulator], journal: Journal, ticker: str, seed: int, make: MakeClient | None = None
) -> AsyncIterator[tuple[Session, Guard]]:
    """A session of the first account of `venue`, with the reference client or with what `make` makes."""
    exchange = venue.simulator.exchange
    listed = tuple(exchange.instruments.values())
    instrument = instrument_of(ticker, listed)
    known = venue.simulator.credentials[0]
    credentials = Credentials.of(known.api_key, known.private_key, known.sub_account_id)
    environment = environments.simulated(venue.url, venue.ca_file)
    client: Client = (
        GrvtClient(environment, credentials, seed=seed) if make is None else make(environment, credentials)
    )
    watch = _Inside(venue, known.sub_account_id)
    session = Session(
        client=client,
        journal=journal,
        instrument=instrument,
        account=known.sub_account_id,
        watch=watch,
        others=[each for each in listed if each != instrument],
        clock=client.clock if isinstance(client, GrvtClient) else None,
        sources=_sources(client) if isinstance(client, GrvtClient) else {},
        scrub=_scrubber(known.api_key, known.private_key),
    )
    try:
        await client.connect()
        yield session, Guard(watch, instrument.name, journal, None)
    finally:
        await client.disconnect()


@contextlib.asynccontextmanager
async def at_real(
    environment: Environment,
    credentials: Credentials | None,
    journal: Journal,
    ticker: str,
    max_notional: Decimal | None,
    make: Callable[..., GrvtClient] = GrvtClient,
) -> AsyncIterator[tuple[Session, Guard]]:
    """A session at a venue that is not simulated, with the reference client. Orders pass the guard."""
    watch = GrvtClient(environment, credentials)
    async with watch:
        listed = await watch.fetch_instruments()
        instrument = instrument_of(ticker, listed)
        guard = Guard(watch, instrument.name, journal, max_notional)
        client = make(environment, credentials, permit=guard.permit)
        # A real venue has no ledger that tells what the client read; its wire does.
        client.tell(lambda endpoint: journal.append("client", "answer", {"endpoint": endpoint}))
        async with client:
            yield (
                Session(
                    client=client,
                    journal=journal,
                    instrument=instrument,
                    account=None,
                    watch=watch,
                    others=[each for each in listed if each != instrument],
                    clock=client.clock,
                    sources=_sources(client),
                    scrub=str if credentials is None else _scrubber(credentials.api_key.reveal()),
                    settle=guard.settle,
                    look=guard.look,
                ),
                guard,
            )


def instrument_of(ticker: str, instruments: Iterable[Instrument]) -> Instrument:
    """The perpetual of a base currency (`ETH`), or the one of this name; raises UnknownTickerError."""
    listed = list(instruments)
    for instrument in listed:
        if ticker.upper() in (instrument.base.upper(), instrument.name.upper()):
            return instrument
    bases = [instrument.base for instrument in listed]
    hint = nearest(ticker, bases) or f"; listed are {', '.join(sorted(bases)[:20])}"
    raise UnknownTickerError(f'--ticker: the venue does not list "{ticker}"{hint}')


def _sources(client: GrvtClient) -> dict[str, Callable[[str], Awaitable[Quote]]]:
    async def book(instrument: str) -> Quote:
        found = await client.fetch_book(instrument)
        bid, ask = (levels[0] if levels else None for levels in (found.bids, found.asks))
        zero = Decimal(0)
        return Quote(
            instrument,
            bid.price if bid else None,
            bid.size if bid else zero,
            ask.price if ask else None,
            ask.size if ask else zero,
            found.utc_ns,
        )

    async def stream(instrument: str) -> Quote:
        async with asyncio.timeout(STREAM_S), client.watch_quotes(instrument) as quotes:
            return await anext(quotes)

    return {"ticker": client.fetch_bbo, "mini": client.fetch_mini, "book": book, "stream": stream}


def _scrubber(*secrets: str) -> Callable[[str], str]:
    """What a client says may hold what it was given. (A wallet never gives its key out again.)"""

    def scrub(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "***")
        return text

    return scrub


@dataclass(frozen=True, slots=True)
class _Inside:
    """Looks into the exchange of an embedded venue, in its thread: no request, no step, no fault."""

    venue: Embedded[Simulator]
    account: str

    @property
    def _exchange(self) -> Exchange:
        return self.venue.simulator.exchange

    async def fetch_bbo(self, instrument: str) -> Quote:
        return self.venue.call(lambda: self._exchange.quote(instrument))

    async def position(self, instrument: str) -> Decimal:
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
