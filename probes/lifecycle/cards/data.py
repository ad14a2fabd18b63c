"""Market data: instruments, quotes, books, trades, candles, asked for one at a time."""

import time
from decimal import Decimal

from diag.record.kinds import venue
from probes.client import Bbo, Book
from probes.lifecycle.card import card
from probes.lifecycle.errors import FailedError, SkippedError
from probes.lifecycle.trial import Trial
from probes.market.dynamics import Dynamics, Kind
from probes.market.faults import Action, Fault
from probes.market.operations import Operation
from probes.market.order import Level, Quote
from probes.venue import Feature

WALK = Dynamics(kind=Kind.RANDOM_WALK, step_ticks=3)
QUOTE_QUERIES = (Operation.TICKER_QUERY, Operation.BOOK_QUERY)
POSITION_QUERIES = (Operation.POSITION_QUERY, Operation.BALANCE_QUERY)
STILL = Dynamics(taker_every=0)
BUSY = Dynamics(taker_every=1)
EARLIEST_NS = 1_577_836_800 * 10**9  # 2020: an earlier stamp is of another unit
OLDEST_S = 60


@card(
    "D01",
    "Connect",
    does="connects with credentials and asks for the position",
    passes="the venue answers with the position that it holds",
    private=True,
    features=(Feature.POSITIONS,),
)
async def connect(trial: Trial) -> None:
    await trial.same_position()


@card(
    "D02",
    "List instruments",
    needs=("fetch_instruments",),
    does="asks for all instruments",
    passes="tick, minimum size and size step of the ticker are the venue's",
)
async def instruments(trial: Trial) -> None:
    listed = {one.name: one for one in await trial.client.fetch_instruments()}
    found = listed.get(trial.name)
    trial.must(found, f"{len(listed)} instruments, {'with' if found else 'without'} {trial.name}", trial.name)
    assert found is not None
    for name in ("tick_size", "min_size", "size_step"):
        trial.equal(name, getattr(found, name), getattr(trial.instrument, name))


@card(
    "D03",
    "Unknown instrument",
    needs=("fetch_instruments",),
    does="asks for the quote of an instrument that does not exist",
    passes="the client raises; an empty quote would read as an empty book",
)
async def unknown_instrument(trial: Trial) -> None:
    name = trial.name.replace(trial.instrument.base, "NOSUCH")
    await trial.raises(trial.client.fetch_bbo(name), "there is no such instrument")


@card(
    "D10",
    "Quote",
    does="asks for the best bid and offer",
    passes="prices and sizes are those that the venue served; bid below ask, on the tick, sizes positive",
)
async def quote(trial: Trial) -> None:
    got = await trial.quote()
    _true_to_venue(trial, got)
    assert got.bid_price is not None
    assert got.ask_price is not None
    trial.must(got.bid_price < got.ask_price, f"{got.bid_price} / {got.ask_price}", "bid below ask")
    tick = trial.instrument.tick_size
    trial.must(not got.bid_price % tick and not got.ask_price % tick, "prices on the tick", f"tick {tick}")
    sizes = [size for size in (got.bid_size, got.ask_size) if size is not None]
    trial.must(all(size > 0 for size in sizes), f"sizes {got.bid_size} / {got.ask_size}", "positive")


@card(
    "D11",
    "Quote stamp",
    does="asks for the best bid and offer",
    passes=f"its time is in nanoseconds of UTC and at most {OLDEST_S} s old",
)
async def stamp(trial: Trial) -> None:
    got = await trial.quote()
    told_ns = told_stamp(got)
    trial.must(told_ns > EARLIEST_NS, f"stamp {told_ns}", "nanoseconds since 1970")
    age_s = (time.time_ns() - told_ns) / 1e9
    trial.must(abs(age_s) < OLDEST_S, f"{age_s:.0f} s old", f"within {OLDEST_S} s of now")


@card(
    "D12",
    "Quote is fetched anew",
    does="asks for the quote ten times while the market moves",
    passes="each answer is a quote that the venue served after it was asked",
    dynamics=WALK,
    simulated="needs the venue's ledger",
)
async def fresh(trial: Trial) -> None:
    for _ in range(10):
        mark = trial.rows.mark()
        _true_to_venue(trial, await trial.quote(), since=mark)


@card(
    "D13",
    "Stale quote shows its age",
    does="asks for the quote while the venue serves one that is a minute old",
    passes="the client raises, or passes on the stamp of the venue; it does not stamp the quote as new",
    faults=(Fault(on="quote", action=Action.STALE_QUOTE, lag=0, age_ms=60_000),),
)
async def stale(trial: Trial) -> None:
    try:
        got = await trial.client.fetch_bbo(trial.name)
    except Exception as error:
        trial.must(True, trial.raised(error), "an error or the old stamp")
        return
    age_s = (time.time_ns() - told_stamp(got)) / 1e9
    trial.must(age_s > 50, f"{age_s:.0f} s old", "a quote of a minute ago")


@card(
    "D14",
    "Empty book has no price",
    does="asks for the quote while the venue serves an empty book",
    passes="the client raises, or says that both sides are empty; never a price, and never zero",
    faults=(Fault(on="quote", action=Action.EMPTY_QUOTE),),
)
async def empty(trial: Trial) -> None:
    try:
        got = await trial.client.fetch_bbo(trial.name)
    except Exception as error:
        trial.must(True, trial.raised(error), "an error or no prices")
        return
    told = f"{got.bid_price} / {got.ask_price}"
    trial.must(got.bid_price is None and got.ask_price is None, told, "no bid and no ask")


@card(
    "D15",
    "Failed query is not an answer",
    does="asks for the quote while the venue answers with an internal error, thrice",
    passes="the client raises, or asks again until it has a quote that the venue served",
    faults=tuple(Fault(on=where, action=Action.FAIL, nth=1, times=3) for where in QUOTE_QUERIES),
)
async def failing(trial: Trial) -> None:
    await _quote_or_error(trial)


@card(
    "D16",
    "Rate limit",
    does="asks for the quote while the venue answers that there were too many requests, thrice",
    passes="the client raises, or asks again until it has a quote that the venue served",
    faults=tuple(Fault(on=where, action=Action.RATE_LIMIT, nth=1, times=3) for where in QUOTE_QUERIES),
)
async def rate_limit(trial: Trial) -> None:
    await _quote_or_error(trial)


@card(
    "D17",
    "Lost connection",
    does="asks for the quote while the venue closes the connection instead of answering",
    passes="the client raises, or asks again until it has a quote that the venue served",
    faults=tuple(Fault(on=where, action=Action.DISCONNECT, nth=1) for where in QUOTE_QUERIES),
)
async def cut(trial: Trial) -> None:
    await _quote_or_error(trial)


@card(
    "D18",
    "Two questions at once",
    needs=("fetch_instruments",),
    does="asks for the quotes of two instruments at the same time, five times",
    passes="each answer is of the instrument that was asked for",
)
async def at_once(trial: Trial) -> None:
    if trial.other is None:
        raise SkippedError("the venue has one instrument only")
    names = (trial.name, trial.other.name) * 5
    got = await trial.together(*(trial.client.fetch_bbo(name) for name in names))
    for name, one in zip(names, got, strict=True):
        trial.must(one.instrument == name, f"a quote of {one.instrument}", name)
        if trial.has_ledger:
            _true_to_venue(trial, one)


@card(
    "D20",
    "Book",
    needs=("fetch_book",),
    does="asks for ten levels of the book",
    passes="bids fall, asks rise, bid below ask, sizes positive, no price twice",
)
async def book(trial: Trial) -> None:
    got = await trial.client.fetch_book(trial.name, 10)
    trial.must(got.bids and got.asks, f"{len(got.bids)} bids, {len(got.asks)} asks", "both sides")
    bids, asks = [one.price for one in got.bids], [one.price for one in got.asks]
    trial.must(bids == sorted(set(bids), reverse=True), "bids from the best down", "from the best down")
    trial.must(asks == sorted(set(asks)), "asks from the best up", "from the best up")
    trial.must(bids[0] < asks[0], f"{bids[0]} / {asks[0]}", "bid below ask")
    sizes = [one.size for one in (*got.bids, *got.asks)]
    trial.must(min(sizes) > 0, f"smallest size {min(sizes)}", "positive sizes")


@card(
    "D21",
    "Book agrees with the quote",
    needs=("fetch_book",),
    does="asks for quote and book of a market that stands still",
    passes="the first levels of the book are the quote",
    dynamics=STILL,
    simulated="needs a market that stands still",
)
async def book_and_quote(trial: Trial) -> None:
    quoted, got = await trial.quote(), await trial.client.fetch_book(trial.name, 10)
    trial.equal("best bid", (got.bids[0].price, got.bids[0].size), (quoted.bid_price, quoted.bid_size))
    trial.equal("best ask", (got.asks[0].price, got.asks[0].size), (quoted.ask_price, quoted.ask_size))


@card(
    "D30",
    "Trades",
    needs=("fetch_trades",),
    does="lets a busy market trade, then asks for the latest trades",
    passes="each is a trade of the venue with its price, size and side; none twice; newest first",
    dynamics=BUSY,
)
async def trades(trial: Trial) -> None:
    for _ in range(8):
        await trial.quote()
    got = list(await trial.client.fetch_trades(trial.name, 20))
    trial.must(got, f"{len(got)} trades", "some trades")
    known = {(row.side, row.price, row.size) for row in trial.rows.of(venue.Trade, instrument=trial.name)}
    for one in got:
        told = f"{one.side} {one.size} at {one.price}"
        true = (one.side, one.price, one.size) in known or not trial.has_ledger
        trial.must(true and one.price > 0 and one.size > 0, told, "a trade of the venue")
    trial.must(len({one.trade_id for one in got}) == len(got), "no trade twice", "no trade twice")
    stamps = [one.utc_ns for one in got]
    trial.must(stamps == sorted(stamps, reverse=True), "newest first", "newest first")


@card(
    "D31",
    "Candles",
    needs=("fetch_candles",),
    does="lets a busy market trade, then asks for the latest candles",
    passes="low ≤ open, close ≤ high; each a minute long; newest first; none twice",
    dynamics=BUSY,
)
async def candles(trial: Trial) -> None:
    for _ in range(8):
        await trial.quote()
    got = list(await trial.client.fetch_candles(trial.name, 5))
    trial.must(got, f"{len(got)} candles", "some candles")
    for one in got:
        told = f"open {one.open} high {one.high} low {one.low} close {one.close}"
        inside = one.low <= min(one.open, one.close) <= max(one.open, one.close) <= one.high
        trial.must(inside and one.low > 0, told, "low ≤ open, close ≤ high")
        long_s = (one.close_ns - one.open_ns) / 1e9
        trial.must(59 <= long_s <= 60, f"{long_s:.0f} s long", "a minute")
    opens = [one.open_ns for one in got]
    trial.must(opens == sorted(set(opens), reverse=True), "newest first", "newest first, none twice")


@card(
    "D40",
    "Connect again",
    does="disconnects, connects again and asks for the quote and the position",
    passes="both are answered as by a new client",
    private=True,
    features=(Feature.POSITIONS,),
)
async def connect_again(trial: Trial) -> None:
    await trial.client.disconnect()
    await trial.client.connect()
    _true_to_venue(trial, await trial.quote())
    await trial.same_position()


@card(
    "D41",
    "Session expires",
    does="asks for the position three times; before the second the session ends",
    passes="the client logs in again and asks again: each question is answered by the venue in the end",
    faults=tuple(Fault(on=where, action=Action.EXPIRE_SESSION, nth=2) for where in POSITION_QUERIES),
    features=(Feature.SESSIONS, Feature.POSITIONS),
)
async def expired(trial: Trial) -> None:
    for _ in range(3):
        await trial.same_position()
    asked = {row.seq for row in trial.rows.of(venue.Request) if row.operation in POSITION_QUERIES}
    answered = [row for row in trial.rows.of(venue.Response, status=200) if row.request in asked]
    trial.must(len(answered) >= 3, f"{len(answered)} answers of the venue to 3 questions", "all answered")


def same_book(one: Book, other: Book, levels: int = 5) -> bool:
    """Whether the first levels agree."""
    return _top(one.bids, levels) == _top(other.bids, levels) and _top(one.asks, levels) == _top(
        other.asks, levels
    )


def _top(levels: object, count: int) -> list[tuple[Decimal, Decimal]]:
    assert isinstance(levels, (list, tuple))
    return [(level.price, level.size) for level in levels[:count] if isinstance(level, Level)]


def told_stamp(got: Quote | Bbo) -> int:
    if got.utc_ns is None:
        raise SkippedError("the client does not tell the time of its quotes")
    return got.utc_ns


def _true_to_venue(trial: Trial, got: Quote | Bbo, *, since: int = 0) -> None:
    """What the client says is a quote that the venue served."""
    if not trial.has_ledger:
        return
    for row in trial.rows.of(venue.Quote, since=since, instrument=got.instrument):
        if served(got, row):
            trial.must(True, f"{got.bid_price} / {got.ask_price}", "a quote that was served", row)
            return
    told = f"{got.bid_size} at {got.bid_price} / {got.ask_size} at {got.ask_price}"
    raise FailedError(told, "a quote that the venue served")


def served(got: Quote | Bbo, row: venue.Quote) -> bool:
    """Whether this row of the ledger is this quote, as far as the client tells of it."""
    prices = (got.bid_price, got.ask_price) == (row.bid_price, row.ask_price)
    return prices and got.bid_size in (None, row.bid_size) and got.ask_size in (None, row.ask_size)


async def _quote_or_error(trial: Trial) -> None:
    try:
        got = await trial.client.fetch_bbo(trial.name)
    except Exception as error:
        trial.must(True, trial.raised(error), "an error or a quote that was served")
        return
    _true_to_venue(trial, got)
