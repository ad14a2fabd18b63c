"""Subscriptions: quotes, book, trades, candles, own orders, fills and positions; and what breaks them."""

import asyncio
from decimal import Decimal

from diag.record.kinds import venue
from probes.client import OrderRequest, OrderView, Trade
from probes.lifecycle.case import case
from probes.lifecycle.case_run import CaseRun
from probes.lifecycle.cases.data import BUSY, WALK, same_book, served
from probes.lifecycle.errors import FailedError
from probes.lifecycle.messages import Messages
from probes.market.faults import Action, Fault
from probes.market.order import ZERO, Quote, Side
from probes.venue import Feature

ROUND_S = 0.25  # to wait for the book of one moment; the market then moves on
ROUNDS = 5
LOSSY = (
    Fault(on="stream.book", action=Action.DROP, every=3, times=4),
    Fault(on="stream.book", action=Action.SWAP, every=5, times=2),
)


async def true_quote(run: CaseRun, messages: Messages[Quote]) -> None:
    """One more quote of the stream, which the venue has served."""
    for _ in range(3):  # a simulated market that nobody asks stands still
        await run.quote()
    got = await messages.until(lambda _: True, "a quote")
    rows = run.rows.of(venue.Quote, instrument=run.name)
    observed = f"{got.bid_price} / {got.ask_price}"
    known = not run.has_ledger or any(served(got, row) for row in rows)
    run.require(known and got.instrument == run.name, observed, "a quote that the venue served")


@case(
    "D50",
    "Quote stream",
    needs=("watch_quotes",),
    does="subscribes to quotes of a moving market",
    passes="quotes come, each of them one that the venue served, of this instrument",
    dynamics=WALK,
)
async def quote_stream(run: CaseRun) -> None:
    async with run.subscribe(run.client.watch_quotes(run.name), public=True) as messages:
        for _ in range(3):
            await true_quote(run, messages)


@case(
    "D51",
    "Quote stream survives a lost connection",
    needs=("watch_quotes",),
    does="subscribes to quotes while the venue cuts the connection at the second message",
    passes="quotes come again without further doing",
    faults=(Fault(on="stream", action=Action.DISCONNECT, nth=2),),
    dynamics=WALK,
)
async def quote_stream_cut(run: CaseRun) -> None:
    async with run.subscribe(run.client.watch_quotes(run.name), public=True) as messages:
        for _ in range(4):
            await true_quote(run, messages)


@case(
    "D52",
    "Unsubscribe",
    needs=("watch_quotes",),
    does="subscribes to quotes, leaves, subscribes again",
    passes="quotes come again after the second subscription",
    dynamics=WALK,
)
async def unsubscribe(run: CaseRun) -> None:
    for _ in range(2):
        async with run.subscribe(run.client.watch_quotes(run.name), public=True) as messages:
            await true_quote(run, messages)


async def converges(run: CaseRun) -> None:
    """A book of the stream comes to equal one that is asked for, while the market moves."""
    async with run.subscribe(run.client.watch_book(run.name), public=True) as messages:
        await messages.until(lambda book: book.bids and book.asks, "a book with both sides")
        ends = asyncio.get_running_loop().time() + run.rows.timeout_s
        while True:
            for _ in range(6):
                await run.quote()
            asked = await run.client.fetch_book(run.name, 10)
            found = await messages.within(ROUND_S, lambda book, asked=asked: same_book(book, asked))  # type: ignore[misc]
            late = asyncio.get_running_loop().time() > ends
            if found is not None or late:
                observed = "the book of the stream " + ("equals" if found else "never equalled")
                run.require(found, f"{observed} the one that was asked for", "equal")
                return


@case(
    "D53",
    "Book stream",
    needs=("watch_book", "fetch_book"),
    does="keeps the book of a moving market from snapshot and deltas, and asks for it once in between",
    passes="the kept book comes to be the one that was asked for, in prices and sizes",
    dynamics=WALK,
    simulated="needs a market that stands still between two questions",
)
async def book_stream(run: CaseRun) -> None:
    await converges(run)


@case(
    "D54",
    "Book stream with lost and swapped messages",
    needs=("watch_book", "fetch_book"),
    does="the same while the venue loses some messages and swaps others",
    passes="the client sees the gap and mends it: the kept book comes to be the one that was asked for",
    faults=LOSSY,
    dynamics=WALK,
)
async def book_stream_lossy(run: CaseRun) -> None:
    await converges(run)


async def trades_come(run: CaseRun, messages: Messages[Trade]) -> None:
    """Five trades, each once, in the order and with the numbers of the venue."""
    got: list[Trade] = []
    while len(got) < 5:
        await run.quote()
        got.append(await messages.until(lambda _: True, "a trade"))
    ids = [one.trade_id for one in got]
    run.require(len(set(ids)) == len(ids), f"{len(ids)} trades, {len(set(ids))} ids", "no trade twice")
    known = [(row.side, row.price, row.size) for row in run.rows.of(venue.Trade, instrument=run.name)]
    for one in got:
        observed = f"{one.side} {one.size} at {one.price}"
        true = (one.side, one.price, one.size) in known or not run.has_ledger
        run.require(true and one.price > 0 and one.size > 0, observed, "a trade of the venue")


@case(
    "D55",
    "Trade stream",
    needs=("watch_trades",),
    does="subscribes to the trades of a busy market",
    passes="trades come, each a trade of the venue, none twice",
    dynamics=BUSY,
)
async def trade_stream(run: CaseRun) -> None:
    async with run.subscribe(run.client.watch_trades(run.name), public=True) as messages:
        await trades_come(run, messages)


@case(
    "D56",
    "Trade stream with doubled messages",
    needs=("watch_trades",),
    does="the same while the venue sends every second message twice",
    passes="trades come, each a trade of the venue, none twice",
    faults=(Fault(on="stream.trade", action=Action.DUPLICATE, every=2),),
    dynamics=BUSY,
)
async def trade_stream_doubled(run: CaseRun) -> None:
    async with run.subscribe(run.client.watch_trades(run.name), public=True) as messages:
        await trades_come(run, messages)


@case(
    "D57",
    "Candle stream",
    needs=("watch_candles",),
    does="subscribes to the candles of a busy market",
    passes="a candle comes with low ≤ open, close ≤ high",
    dynamics=BUSY,
)
async def candle_stream(run: CaseRun) -> None:
    async with run.subscribe(run.client.watch_candles(run.name), public=True) as messages:
        for _ in range(4):
            await run.quote()
        one = await messages.until(lambda candle: candle.instrument == run.name, "a candle")
        observed = f"open {one.open} high {one.high} low {one.low} close {one.close}"
        inside = one.low <= min(one.open, one.close) <= max(one.open, one.close) <= one.high
        run.require(inside, observed, "low ≤ open, close ≤ high")


async def shown(run: CaseRun, messages: Messages[OrderView], request: OrderRequest, status: str) -> OrderView:
    """The stream comes to show this order in that state."""
    order = await messages.until(
        lambda order: order.client_order_id == request.client_order_id and order.status == status,
        f"order {status}",
    )
    run.require(True, f"stream: order {status}", status)
    return order


@case(
    "E81",
    "Order stream: open and cancelled",
    needs=("watch_orders", "create_order", "cancel_order"),
    does="subscribes to its orders, places a resting buy and cancels it",
    events=("order open", "order cancelled"),
    passes="the stream shows the order open, then cancelled",
)
async def order_stream_cancel(run: CaseRun) -> None:
    async with run.subscribe(run.client.watch_orders(run.name)) as messages:
        request = run.request(Side.BUY, await run.passive_price(Side.BUY))
        await run.place(request)
        await shown(run, messages, request, "open")
        await run.client.cancel_order(client_order_id=request.client_order_id)
        await shown(run, messages, request, "cancelled")


@case(
    "E82",
    "Order stream: filled",
    needs=("watch_orders", "create_order"),
    does="subscribes to its orders and buys at market",
    events=("order filled",),
    passes="the stream shows the order filled, with the size that the venue filled",
)
async def order_stream_fill(run: CaseRun) -> None:
    async with run.subscribe(run.client.watch_orders(run.name)) as messages:
        request = run.request(Side.BUY, None)
        await run.place(request)
        order = await shown(run, messages, request, "filled")
        await run.wait_status(request.client_order_id, "filled")
        run.require_equal("filled", order.filled, run.rows.filled(request.client_order_id))


@case(
    "E83",
    "Order stream: rejected",
    needs=("watch_orders", "create_order"),
    does="subscribes to its orders and sends one that the venue acknowledges and then rejects",
    events=("order pending", "order rejected"),
    passes="the stream shows the order rejected",
    faults=(Fault(on="place", action=Action.REJECT, nth=1),),
    features=(Feature.LATE_REJECTS,),
)
async def order_stream_reject(run: CaseRun) -> None:
    async with run.subscribe(run.client.watch_orders(run.name)) as messages:
        request = run.request(Side.BUY, None)
        await run.client.create_order(request)
        await shown(run, messages, request, "rejected")


async def fills_add_up(run: CaseRun) -> None:
    """Two fills of the stream, together what the venue filled."""
    async with run.subscribe(run.client.watch_fills(run.name)) as messages:
        requests = [run.request(Side.BUY, None), run.request(Side.SELL, None)]
        got: dict[str, Decimal] = {}
        for request in requests:
            await run.place(request)
            await run.wait_status(request.client_order_id, "filled")
        count = 0
        while requests[1].client_order_id not in got:
            fill = await messages.until(lambda _: True, "a fill")
            got[fill.client_order_id] = got.get(fill.client_order_id, ZERO) + fill.size
            count += 1
            if count > 20:
                raise FailedError(f"{count} messages for two fills", "two")
        for request in requests:
            seen = got.get(request.client_order_id, ZERO)
            run.require_equal("filled", seen, run.rows.filled(request.client_order_id))


@case(
    "E84",
    "Fill stream",
    needs=("watch_fills", "create_order"),
    does="subscribes to its fills, buys and sells at market",
    events=("fill", "fill"),
    passes="the sizes of the stream add up to what the venue filled",
)
async def fill_stream(run: CaseRun) -> None:
    await fills_add_up(run)


@case(
    "E85",
    "Fill stream with doubled messages",
    needs=("watch_fills", "create_order"),
    does="the same while the venue sends every message twice",
    events=("fill", "fill"),
    passes="the sizes of the stream add up to what the venue filled: no fill counts twice",
    faults=(Fault(on="stream.fill", action=Action.DUPLICATE),),
)
async def fill_stream_doubled(run: CaseRun) -> None:
    await fills_add_up(run)


@case(
    "E86",
    "Position stream",
    needs=("watch_positions", "create_order"),
    does="subscribes to its position, buys and sells at market",
    events=("fill", "fill"),
    passes="the stream shows the position after each fill",
    features=(Feature.POSITIONS,),
)
async def position_stream(run: CaseRun) -> None:
    async with run.subscribe(run.client.watch_positions(run.name)) as messages:
        for side in (Side.BUY, Side.SELL):
            await run.place_filled(side)
            held = await run.position()
            await messages.until(lambda size, held=held: size == held, f"position {held}")  # type: ignore[misc]


@case(
    "E87",
    "Order stream cut while an order fills",
    needs=("watch_orders", "create_order", "fetch_order"),
    does="buys at market while the venue cuts the streams at the fill",
    events=("order filled",),
    passes="the client knows of the fill when asked, and its stream shows later orders again",
    faults=(Fault(on="fill", action=Action.DISCONNECT, nth=1),),
)
async def order_stream_cut(run: CaseRun) -> None:
    async with run.subscribe(run.client.watch_orders(run.name)) as messages:
        order = await run.place_filled(Side.BUY)
        view = await run.client.fetch_order(client_order_id=order.client_order_id)
        run.require_equal("status", view.status if view else "unknown", "filled")
        for _ in range(ROUNDS):
            resting = await run.place_resting(Side.BUY)
            again = await messages.within(
                run.rows.timeout_s / ROUNDS,
                lambda one, name=resting.client_order_id: one.client_order_id == name,  # type: ignore[misc]
            )
            if again is not None:
                run.require(True, "the stream shows orders again", "shown again")
                return
        raise FailedError("the stream shows no order any more", "orders are shown again")
