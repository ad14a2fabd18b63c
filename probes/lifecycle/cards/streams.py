"""Subscriptions: quotes, book, trades, candles, own orders, fills and positions; and what breaks them."""

import asyncio
from decimal import Decimal

from diag.record.kinds import venue
from probes.client import OrderRequest, OrderView, Trade
from probes.lifecycle.card import card
from probes.lifecycle.cards.data import BUSY, WALK, same_book, served
from probes.lifecycle.errors import FailedError
from probes.lifecycle.heard import Heard
from probes.lifecycle.trial import Trial
from probes.market.faults import Action, Fault
from probes.market.order import ZERO, Quote, Side
from probes.venue import Feature

ROUND_S = 0.25  # to wait for the book of one moment; the market then moves on
ROUNDS = 5
LOSSY = (
    Fault(on="stream.book", action=Action.DROP, every=3, times=4),
    Fault(on="stream.book", action=Action.SWAP, every=5, times=2),
)


async def true_quote(trial: Trial, heard: Heard[Quote]) -> None:
    """One more quote of the stream, which the venue has served."""
    for _ in range(3):  # a simulated market that nobody asks stands still
        await trial.quote()
    got = await heard.until(lambda _: True, "a quote")
    rows = trial.rows.of(venue.Quote, instrument=trial.name)
    told = f"{got.bid_price} / {got.ask_price}"
    known = not trial.has_ledger or any(served(got, row) for row in rows)
    trial.must(known and got.instrument == trial.name, told, "a quote that the venue served")


@card(
    "D50",
    "Quote stream",
    needs=("watch_quotes",),
    does="subscribes to quotes of a moving market",
    passes="quotes come, each of them one that the venue served, of this instrument",
    dynamics=WALK,
)
async def quote_stream(trial: Trial) -> None:
    async with trial.listen(trial.client.watch_quotes(trial.name), public=True) as heard:
        for _ in range(3):
            await true_quote(trial, heard)


@card(
    "D51",
    "Quote stream survives a lost connection",
    needs=("watch_quotes",),
    does="subscribes to quotes while the venue cuts the connection at the second message",
    passes="quotes come again without further doing",
    faults=(Fault(on="stream", action=Action.DISCONNECT, nth=2),),
    dynamics=WALK,
)
async def quote_stream_cut(trial: Trial) -> None:
    async with trial.listen(trial.client.watch_quotes(trial.name), public=True) as heard:
        for _ in range(4):
            await true_quote(trial, heard)


@card(
    "D52",
    "Unsubscribe",
    needs=("watch_quotes",),
    does="subscribes to quotes, leaves, subscribes again",
    passes="quotes come again after the second subscription",
    dynamics=WALK,
)
async def unsubscribe(trial: Trial) -> None:
    for _ in range(2):
        async with trial.listen(trial.client.watch_quotes(trial.name), public=True) as heard:
            await true_quote(trial, heard)


async def converges(trial: Trial) -> None:
    """A book of the stream comes to equal one that is asked for, while the market moves."""
    async with trial.listen(trial.client.watch_book(trial.name), public=True) as heard:
        await heard.until(lambda book: book.bids and book.asks, "a book with both sides")
        ends = asyncio.get_running_loop().time() + trial.rows.patience_s
        while True:
            for _ in range(6):
                await trial.quote()
            asked = await trial.client.fetch_book(trial.name, 10)
            found = await heard.within(ROUND_S, lambda book, asked=asked: same_book(book, asked))  # type: ignore[misc]
            late = asyncio.get_running_loop().time() > ends
            if found is not None or late:
                told = "the book of the stream " + ("equals" if found else "never equalled")
                trial.must(found, f"{told} the one that was asked for", "equal")
                return


@card(
    "D53",
    "Book stream",
    needs=("watch_book", "fetch_book"),
    does="keeps the book of a moving market from snapshot and deltas, and asks for it once in between",
    passes="the kept book comes to be the one that was asked for, in prices and sizes",
    dynamics=WALK,
    simulated="needs a market that stands still between two questions",
)
async def book_stream(trial: Trial) -> None:
    await converges(trial)


@card(
    "D54",
    "Book stream with lost and swapped messages",
    needs=("watch_book", "fetch_book"),
    does="the same while the venue loses some messages and swaps others",
    passes="the client sees the gap and mends it: the kept book comes to be the one that was asked for",
    faults=LOSSY,
    dynamics=WALK,
)
async def book_stream_lossy(trial: Trial) -> None:
    await converges(trial)


async def trades_come(trial: Trial, heard: Heard[Trade]) -> None:
    """Five trades, each once, in the order and with the numbers of the venue."""
    got: list[Trade] = []
    while len(got) < 5:
        await trial.quote()
        got.append(await heard.until(lambda _: True, "a trade"))
    ids = [one.trade_id for one in got]
    trial.must(len(set(ids)) == len(ids), f"{len(ids)} trades, {len(set(ids))} ids", "no trade twice")
    known = [(row.side, row.price, row.size) for row in trial.rows.of(venue.Trade, instrument=trial.name)]
    for one in got:
        told = f"{one.side} {one.size} at {one.price}"
        true = (one.side, one.price, one.size) in known or not trial.has_ledger
        trial.must(true and one.price > 0 and one.size > 0, told, "a trade of the venue")


@card(
    "D55",
    "Trade stream",
    needs=("watch_trades",),
    does="subscribes to the trades of a busy market",
    passes="trades come, each a trade of the venue, none twice",
    dynamics=BUSY,
)
async def trade_stream(trial: Trial) -> None:
    async with trial.listen(trial.client.watch_trades(trial.name), public=True) as heard:
        await trades_come(trial, heard)


@card(
    "D56",
    "Trade stream with doubled messages",
    needs=("watch_trades",),
    does="the same while the venue sends every second message twice",
    passes="trades come, each a trade of the venue, none twice",
    faults=(Fault(on="stream.trade", action=Action.DUPLICATE, every=2),),
    dynamics=BUSY,
)
async def trade_stream_doubled(trial: Trial) -> None:
    async with trial.listen(trial.client.watch_trades(trial.name), public=True) as heard:
        await trades_come(trial, heard)


@card(
    "D57",
    "Candle stream",
    needs=("watch_candles",),
    does="subscribes to the candles of a busy market",
    passes="a candle comes with low ≤ open, close ≤ high",
    dynamics=BUSY,
)
async def candle_stream(trial: Trial) -> None:
    async with trial.listen(trial.client.watch_candles(trial.name), public=True) as heard:
        for _ in range(4):
            await trial.quote()
        one = await heard.until(lambda candle: candle.instrument == trial.name, "a candle")
        told = f"open {one.open} high {one.high} low {one.low} close {one.close}"
        inside = one.low <= min(one.open, one.close) <= max(one.open, one.close) <= one.high
        trial.must(inside, told, "low ≤ open, close ≤ high")


async def shown(trial: Trial, heard: Heard[OrderView], ticket: OrderRequest, status: str) -> OrderView:
    """The stream comes to show this order in that state."""
    order = await heard.until(
        lambda order: order.client_order_id == ticket.client_order_id and order.status == status,
        f"order {status}",
    )
    trial.must(True, f"stream: order {status}", status)
    return order


@card(
    "E81",
    "Order stream: open and cancelled",
    needs=("watch_orders", "create_order", "cancel_order"),
    does="subscribes to its orders, places a resting buy and cancels it",
    events=("order open", "order cancelled"),
    passes="the stream shows the order open, then cancelled",
)
async def order_stream_cancel(trial: Trial) -> None:
    async with trial.listen(trial.client.watch_orders(trial.name)) as heard:
        ticket = trial.ticket(Side.BUY, await trial.away(Side.BUY))
        await trial.place(ticket)
        await shown(trial, heard, ticket, "open")
        await trial.client.cancel_order(client_order_id=ticket.client_order_id)
        await shown(trial, heard, ticket, "cancelled")


@card(
    "E82",
    "Order stream: filled",
    needs=("watch_orders", "create_order"),
    does="subscribes to its orders and buys at market",
    events=("order filled",),
    passes="the stream shows the order filled, with the size that the venue filled",
)
async def order_stream_fill(trial: Trial) -> None:
    async with trial.listen(trial.client.watch_orders(trial.name)) as heard:
        ticket = trial.ticket(Side.BUY, None)
        await trial.place(ticket)
        order = await shown(trial, heard, ticket, "filled")
        await trial.ends(ticket.client_order_id, "filled")
        trial.equal("filled", order.filled, trial.rows.filled(ticket.client_order_id))


@card(
    "E83",
    "Order stream: rejected",
    needs=("watch_orders", "create_order"),
    does="subscribes to its orders and sends one that the venue acknowledges and then rejects",
    events=("order pending", "order rejected"),
    passes="the stream shows the order rejected",
    faults=(Fault(on="place", action=Action.REJECT, nth=1),),
    features=(Feature.LATE_REJECTS,),
)
async def order_stream_reject(trial: Trial) -> None:
    async with trial.listen(trial.client.watch_orders(trial.name)) as heard:
        ticket = trial.ticket(Side.BUY, None)
        await trial.client.create_order(ticket)
        await shown(trial, heard, ticket, "rejected")


async def fills_add_up(trial: Trial) -> None:
    """Two fills of the stream, together what the venue filled."""
    async with trial.listen(trial.client.watch_fills(trial.name)) as heard:
        tickets = [trial.ticket(Side.BUY, None), trial.ticket(Side.SELL, None)]
        got: dict[str, Decimal] = {}
        for ticket in tickets:
            await trial.place(ticket)
            await trial.ends(ticket.client_order_id, "filled")
        count = 0
        while tickets[1].client_order_id not in got:
            fill = await heard.until(lambda _: True, "a fill")
            got[fill.client_order_id] = got.get(fill.client_order_id, ZERO) + fill.size
            count += 1
            if count > 20:
                raise FailedError(f"{count} messages for two fills", "two")
        for ticket in tickets:
            seen = got.get(ticket.client_order_id, ZERO)
            trial.equal("filled", seen, trial.rows.filled(ticket.client_order_id))


@card(
    "E84",
    "Fill stream",
    needs=("watch_fills", "create_order"),
    does="subscribes to its fills, buys and sells at market",
    events=("fill", "fill"),
    passes="the sizes of the stream add up to what the venue filled",
)
async def fill_stream(trial: Trial) -> None:
    await fills_add_up(trial)


@card(
    "E85",
    "Fill stream with doubled messages",
    needs=("watch_fills", "create_order"),
    does="the same while the venue sends every message twice",
    events=("fill", "fill"),
    passes="the sizes of the stream add up to what the venue filled: no fill counts twice",
    faults=(Fault(on="stream.fill", action=Action.DUPLICATE),),
)
async def fill_stream_doubled(trial: Trial) -> None:
    await fills_add_up(trial)


@card(
    "E86",
    "Position stream",
    needs=("watch_positions", "create_order"),
    does="subscribes to its position, buys and sells at market",
    events=("fill", "fill"),
    passes="the stream shows the position after each fill",
    features=(Feature.POSITIONS,),
)
async def position_stream(trial: Trial) -> None:
    async with trial.listen(trial.client.watch_positions(trial.name)) as heard:
        for side in (Side.BUY, Side.SELL):
            await trial.fill(side)
            held = await trial.position()
            await heard.until(lambda size, held=held: size == held, f"position {held}")  # type: ignore[misc]


@card(
    "E87",
    "Order stream cut while an order fills",
    needs=("watch_orders", "create_order", "fetch_order"),
    does="buys at market while the venue cuts the streams at the fill",
    events=("order filled",),
    passes="the client knows of the fill when asked, and its stream shows later orders again",
    faults=(Fault(on="fill", action=Action.DISCONNECT, nth=1),),
)
async def order_stream_cut(trial: Trial) -> None:
    async with trial.listen(trial.client.watch_orders(trial.name)) as heard:
        order = await trial.fill(Side.BUY)
        view = await trial.client.fetch_order(client_order_id=order.client_order_id)
        trial.equal("status", view.status if view else "unknown", "filled")
        for _ in range(ROUNDS):
            resting = await trial.rest(Side.BUY)
            again = await heard.within(
                trial.rows.patience_s / ROUNDS,
                lambda one, name=resting.client_order_id: one.client_order_id == name,  # type: ignore[misc]
            )
            if again is not None:
                trial.must(True, "the stream shows orders again", "shown again")
                return
        raise FailedError("the stream shows no order any more", "orders are shown again")
