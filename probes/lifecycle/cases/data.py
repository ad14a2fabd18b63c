"""Market data: instruments, quotes, books, trades, candles, asked for one at a time."""

import time
from decimal import Decimal

from diag.record.kinds import venue
from probes.client import Bbo, Book
from probes.lifecycle.case import case
from probes.lifecycle.case_run import CaseRun
from probes.lifecycle.errors import FailedError, SkippedError
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


@case(
    "D01",
    "Connect",
    does="connects with credentials and asks for the position",
    passes="the venue answers with the position that it holds",
    private=True,
    features=(Feature.POSITIONS,),
)
async def connect(run: CaseRun) -> None:
    await run.same_position()


@case(
    "D02",
    "List instruments",
    needs=("fetch_instruments",),
    does="asks for all instruments",
    passes="tick, minimum size and size step of the ticker are the venue's",
)
async def instruments(run: CaseRun) -> None:
    listed = {one.name: one for one in await run.client.fetch_instruments()}
    found = listed.get(run.name)
    run.require(found, f"{len(listed)} instruments, {'with' if found else 'without'} {run.name}", run.name)
    assert found is not None
    for name in ("tick_size", "min_size", "size_step"):
        run.require_equal(name, getattr(found, name), getattr(run.instrument, name))


@case(
    "D03",
    "Unknown instrument",
    needs=("fetch_instruments",),
    does="asks for the quote of an instrument that does not exist",
    passes="the client raises; an empty quote would read as an empty book",
)
async def unknown_instrument(run: CaseRun) -> None:
    name = run.name.replace(run.instrument.base, "NOSUCH")
    await run.expect_error(run.client.fetch_bbo(name), "there is no such instrument")


@case(
    "D10",
    "Quote",
    does="asks for the best bid and offer",
    passes="prices and sizes are those that the venue served; bid below ask, on the tick, sizes positive",
)
async def quote(run: CaseRun) -> None:
    got = await run.quote()
    _true_to_venue(run, got)
    assert got.bid_price is not None
    assert got.ask_price is not None
    run.require(got.bid_price < got.ask_price, f"{got.bid_price} / {got.ask_price}", "bid below ask")
    tick = run.instrument.tick_size
    run.require(not got.bid_price % tick and not got.ask_price % tick, "prices on the tick", f"tick {tick}")
    sizes = [size for size in (got.bid_size, got.ask_size) if size is not None]
    run.require(all(size > 0 for size in sizes), f"sizes {got.bid_size} / {got.ask_size}", "positive")


@case(
    "D11",
    "Quote stamp",
    does="asks for the best bid and offer",
    passes=f"its time is in nanoseconds of UTC and at most {OLDEST_S} s old",
)
async def stamp(run: CaseRun) -> None:
    got = await run.quote()
    stamp_ns = client_stamp(got)
    run.require(stamp_ns > EARLIEST_NS, f"stamp {stamp_ns}", "nanoseconds since 1970")
    age_s = (time.time_ns() - stamp_ns) / 1e9
    run.require(abs(age_s) < OLDEST_S, f"{age_s:.0f} s old", f"within {OLDEST_S} s of now")


@case(
    "D12",
    "Quote is fetched anew",
    does="asks for the quote ten times while the market moves",
    passes="each answer is a quote that the venue served after it was asked",
    dynamics=WALK,
    simulated="needs the venue's ledger",
)
async def fresh(run: CaseRun) -> None:
    for _ in range(10):
        mark = run.rows.mark()
        _true_to_venue(run, await run.quote(), since=mark)


@case(
    "D13",
    "Stale quote shows its age",
    does="asks for the quote while the venue serves one that is a minute old",
    passes="the client raises, or passes on the stamp of the venue; it does not stamp the quote as new",
    faults=(Fault(on="quote", action=Action.STALE_QUOTE, lag=0, age_ms=60_000),),
)
async def stale(run: CaseRun) -> None:
    try:
        got = await run.client.fetch_bbo(run.name)
    except Exception as error:
        run.require(True, run.error_text(error), "an error or the old stamp")
        return
    age_s = (time.time_ns() - client_stamp(got)) / 1e9
    run.require(age_s > 50, f"{age_s:.0f} s old", "a quote of a minute ago")


@case(
    "D14",
    "Empty book has no price",
    does="asks for the quote while the venue serves an empty book",
    passes="the client raises, or says that both sides are empty; never a price, and never zero",
    faults=(Fault(on="quote", action=Action.EMPTY_QUOTE),),
)
async def empty(run: CaseRun) -> None:
    try:
        got = await run.client.fetch_bbo(run.name)
    except Exception as error:
        run.require(True, run.error_text(error), "an error or no prices")
        return
    observed = f"{got.bid_price} / {got.ask_price}"
    run.require(got.bid_price is None and got.ask_price is None, observed, "no bid and no ask")


@case(
    "D15",
    "Failed query is not an answer",
    does="asks for the quote while the venue answers with an internal error, thrice",
    passes="the client raises, or asks again until it has a quote that the venue served",
    faults=tuple(Fault(on=where, action=Action.FAIL, nth=1, times=3) for where in QUOTE_QUERIES),
)
async def failing(run: CaseRun) -> None:
    await _quote_or_error(run)


@case(
    "D16",
    "Rate limit",
    does="asks for the quote while the venue answers that there were too many requests, thrice",
    passes="the client raises, or asks again until it has a quote that the venue served",
    faults=tuple(Fault(on=where, action=Action.RATE_LIMIT, nth=1, times=3) for where in QUOTE_QUERIES),
)
async def rate_limit(run: CaseRun) -> None:
    await _quote_or_error(run)


@case(
    "D17",
    "Lost connection",
    does="asks for the quote while the venue closes the connection instead of answering",
    passes="the client raises, or asks again until it has a quote that the venue served",
    faults=tuple(Fault(on=where, action=Action.DISCONNECT, nth=1) for where in QUOTE_QUERIES),
)
async def cut(run: CaseRun) -> None:
    await _quote_or_error(run)


@case(
    "D18",
    "Two questions at once",
    needs=("fetch_instruments",),
    does="asks for the quotes of two instruments at the same time, five times",
    passes="each answer is of the instrument that was asked for",
)
async def at_once(run: CaseRun) -> None:
    if run.other is None:
        raise SkippedError("the venue has one instrument only")
    names = (run.name, run.other.name) * 5
    got = await run.concurrently(*(run.client.fetch_bbo(name) for name in names))
    for name, one in zip(names, got, strict=True):
        run.require(one.instrument == name, f"a quote of {one.instrument}", name)
        if run.has_ledger:
            _true_to_venue(run, one)


@case(
    "D20",
    "Book",
    needs=("fetch_book",),
    does="asks for ten levels of the book",
    passes="bids fall, asks rise, bid below ask, sizes positive, no price twice",
)
async def book(run: CaseRun) -> None:
    got = await run.client.fetch_book(run.name, 10)
    run.require(got.bids and got.asks, f"{len(got.bids)} bids, {len(got.asks)} asks", "both sides")
    bids, asks = [one.price for one in got.bids], [one.price for one in got.asks]
    run.require(bids == sorted(set(bids), reverse=True), "bids from the best down", "from the best down")
    run.require(asks == sorted(set(asks)), "asks from the best up", "from the best up")
    run.require(bids[0] < asks[0], f"{bids[0]} / {asks[0]}", "bid below ask")
    sizes = [one.size for one in (*got.bids, *got.asks)]
    run.require(min(sizes) > 0, f"smallest size {min(sizes)}", "positive sizes")


@case(
    "D21",
    "Book agrees with the quote",
    needs=("fetch_book",),
    does="asks for quote and book of a market that stands still",
    passes="the first levels of the book are the quote",
    dynamics=STILL,
    simulated="needs a market that stands still",
)
async def book_and_quote(run: CaseRun) -> None:
    quoted, got = await run.quote(), await run.client.fetch_book(run.name, 10)
    run.require_equal("best bid", (got.bids[0].price, got.bids[0].size), (quoted.bid_price, quoted.bid_size))
    run.require_equal("best ask", (got.asks[0].price, got.asks[0].size), (quoted.ask_price, quoted.ask_size))


@case(
    "D30",
    "Trades",
    needs=("fetch_trades",),
    does="lets a busy market trade, then asks for the latest trades",
    passes="each is a trade of the venue with its price, size and side; none twice; newest first",
    dynamics=BUSY,
)
async def trades(run: CaseRun) -> None:
    for _ in range(8):
        await run.quote()
    got = list(await run.client.fetch_trades(run.name, 20))
    run.require(got, f"{len(got)} trades", "some trades")
    known = {(row.side, row.price, row.size) for row in run.rows.of(venue.Trade, instrument=run.name)}
    for one in got:
        observed = f"{one.side} {one.size} at {one.price}"
        true = (one.side, one.price, one.size) in known or not run.has_ledger
        run.require(true and one.price > 0 and one.size > 0, observed, "a trade of the venue")
    run.require(len({one.trade_id for one in got}) == len(got), "no trade twice", "no trade twice")
    stamps = [one.utc_ns for one in got]
    run.require(stamps == sorted(stamps, reverse=True), "newest first", "newest first")


@case(
    "D31",
    "Candles",
    needs=("fetch_candles",),
    does="lets a busy market trade, then asks for the latest candles",
    passes="low ≤ open, close ≤ high; each a minute long; newest first; none twice",
    dynamics=BUSY,
)
async def candles(run: CaseRun) -> None:
    for _ in range(8):
        await run.quote()
    got = list(await run.client.fetch_candles(run.name, 5))
    run.require(got, f"{len(got)} candles", "some candles")
    for one in got:
        observed = f"open {one.open} high {one.high} low {one.low} close {one.close}"
        inside = one.low <= min(one.open, one.close) <= max(one.open, one.close) <= one.high
        run.require(inside and one.low > 0, observed, "low ≤ open, close ≤ high")
        long_s = (one.close_ns - one.open_ns) / 1e9
        run.require(59 <= long_s <= 60, f"{long_s:.0f} s long", "a minute")
    opens = [one.open_ns for one in got]
    run.require(opens == sorted(set(opens), reverse=True), "newest first", "newest first, none twice")


@case(
    "D40",
    "Connect again",
    does="disconnects, connects again and asks for the quote and the position",
    passes="both are answered as by a new client",
    private=True,
    features=(Feature.POSITIONS,),
)
async def connect_again(run: CaseRun) -> None:
    await run.client.disconnect()
    await run.client.connect()
    _true_to_venue(run, await run.quote())
    await run.same_position()


@case(
    "D41",
    "Session expires",
    does="asks for the position three times; before the second the session ends",
    passes="the client logs in again and asks again: each question is answered by the venue in the end",
    faults=tuple(Fault(on=where, action=Action.EXPIRE_SESSION, nth=2) for where in POSITION_QUERIES),
    features=(Feature.SESSIONS, Feature.POSITIONS),
)
async def expired(run: CaseRun) -> None:
    for _ in range(3):
        await run.same_position()
    asked = {row.seq for row in run.rows.of(venue.Request) if row.operation in POSITION_QUERIES}
    answered = [row for row in run.rows.of(venue.Response, status=200) if row.request in asked]
    run.require(len(answered) >= 3, f"{len(answered)} answers of the venue to 3 questions", "all answered")


def same_book(one: Book, other: Book, levels: int = 5) -> bool:
    """Whether the first levels agree."""
    return _top(one.bids, levels) == _top(other.bids, levels) and _top(one.asks, levels) == _top(
        other.asks, levels
    )


def _top(levels: object, count: int) -> list[tuple[Decimal, Decimal]]:
    assert isinstance(levels, (list, tuple))
    return [(level.price, level.size) for level in levels[:count] if isinstance(level, Level)]


def client_stamp(got: Quote | Bbo) -> int:
    if got.utc_ns is None:
        raise SkippedError("the client does not tell the time of its quotes")
    return got.utc_ns


def _true_to_venue(run: CaseRun, got: Quote | Bbo, *, since: int = 0) -> None:
    """What the client says is a quote that the venue served."""
    if not run.has_ledger:
        return
    for row in run.rows.of(venue.Quote, since=since, instrument=got.instrument):
        if served(got, row):
            run.require(True, f"{got.bid_price} / {got.ask_price}", "a quote that was served", row)
            return
    observed = f"{got.bid_size} at {got.bid_price} / {got.ask_size} at {got.ask_price}"
    raise FailedError(observed, "a quote that the venue served")


def served(got: Quote | Bbo, row: venue.Quote) -> bool:
    """Whether this row of the ledger is this quote, as far as the client tells of it."""
    prices = (got.bid_price, got.ask_price) == (row.bid_price, row.ask_price)
    return prices and got.bid_size in (None, row.bid_size) and got.ask_size in (None, row.ask_size)


async def _quote_or_error(run: CaseRun) -> None:
    try:
        got = await run.client.fetch_bbo(run.name)
    except Exception as error:
        run.require(True, run.error_text(error), "an error or a quote that was served")
        return
    _true_to_venue(run, got)
