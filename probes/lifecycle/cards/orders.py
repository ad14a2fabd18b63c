"""Placing orders: market, limit, and what becomes of them by time in force."""

import asyncio
from decimal import Decimal

from diag.record.kinds import venue
from probes.client import OrderRequest
from probes.lifecycle.card import card
from probes.lifecycle.errors import FailedError
from probes.lifecycle.trial import Trial
from probes.market.dynamics import Dynamics
from probes.market.order import Side, TimeInForce
from probes.venue import Feature

THIN = Dynamics(levels=2, level_size=Decimal("0.05"), refill_every=0, taker_every=0)
LIFETIME_S = 1.0


async def agrees(trial: Trial, ticket: OrderRequest) -> None:
    """The client's view of an order that has ended is the venue's: status, filled size, average price."""
    row = trial.rows.last(venue.Order, client_order_id=ticket.client_order_id)
    if row is None:
        raise FailedError("order unknown to the venue", "known to it")
    view = await trial.client.fetch_order(client_order_id=ticket.client_order_id)
    if view is None:
        raise FailedError("order unknown to the client", "known to it", row.where)
    trial.equal("status", view.status, row.status, row)
    filled = row.filled
    trial.equal("filled", view.filled, filled, row)
    if filled:
        average = row.filled_notional / filled
        told = view.average_price
        near = told is not None and abs(told - average) <= trial.instrument.tick_size / 2
        trial.must(near, f"average price: client {told}", f"venue {average:.6f}", row)


async def traded(trial: Trial, side: Side, time_in_force: TimeInForce, *, market: bool) -> None:
    """A small order that takes; it fills whole, and the client knows."""
    price = None if market else await trial.through(side)
    ticket = trial.ticket(side, price, time_in_force=time_in_force)
    await trial.place(ticket)
    row = await trial.ends(ticket.client_order_id, "filled")
    trial.equal("side", ticket.side, row.side, row)
    trial.equal("filled", ticket.size, trial.rows.filled(ticket.client_order_id))
    for fill in trial.rows.of(venue.Fill, client_order_id=ticket.client_order_id):
        paid = fill.price
        within = price is None or (paid <= price if side is Side.BUY else paid >= price)
        trial.must(within, f"filled at {paid}", f"at {price} or better", row)
    await agrees(trial, ticket)


TAKES = ("order pending", "order filled")
RESTS = ("order pending", "order open")
QUERY = ("create_order", "fetch_order")


@card(
    "E01",
    "Market buy",
    needs=QUERY,
    does="buys the smallest size at market",
    events=TAKES,
    passes="it fills whole; status, filled size and average price of the client are the venue's",
)
async def market_buy(trial: Trial) -> None:
    await traded(trial, Side.BUY, TimeInForce.GOOD_TILL_TIME, market=True)


@card(
    "E02",
    "Market sell",
    needs=QUERY,
    does="sells the smallest size at market",
    events=TAKES,
    passes="it fills whole; status, filled size and average price of the client are the venue's",
)
async def market_sell(trial: Trial) -> None:
    await traded(trial, Side.SELL, TimeInForce.GOOD_TILL_TIME, market=True)


@card(
    "E03",
    "Market order larger than the book",
    needs=QUERY,
    does="buys at market more than the book holds",
    events=("order pending", "order cancelled"),
    passes="the client says what filled, and that the rest did not",
    dynamics=THIN,
)
async def market_too_large(trial: Trial) -> None:
    ticket = trial.ticket(Side.BUY, None, Decimal(1))
    await trial.place(ticket)
    await trial.ends(ticket.client_order_id, "cancelled")
    await agrees(trial, ticket)


@card(
    "E04",
    "Close a position",
    needs=QUERY,
    does="buys at market, then sells the same size reduce-only",
    events=(*TAKES, *TAKES),
    passes="the position is flat by the venue and by the client",
    features=(Feature.POSITIONS, Feature.REDUCE_ONLY),
)
async def close_position(trial: Trial) -> None:
    await trial.fill(Side.BUY)
    ticket = trial.ticket(Side.SELL, None, reduce_only=True)
    await trial.place(ticket)
    await trial.ends(ticket.client_order_id, "filled")
    trial.must(not await trial.position(), "flat by the venue", "flat")
    await trial.same_position()


async def rests(trial: Trial, side: Side) -> None:
    ticket = trial.ticket(side, await trial.away(side))
    await trial.place(ticket)
    await trial.stands(ticket.client_order_id)
    row = trial.rows.last(venue.Order, client_order_id=ticket.client_order_id)
    assert row is not None
    trial.equal("side", ticket.side, row.side, row)
    trial.equal("size", ticket.size, row.size)
    trial.equal("limit price", ticket.limit_price, row.limit_price)
    await agrees(trial, ticket)


@card(
    "E10",
    "Limit buy rests",
    needs=QUERY,
    does="places a buy two percent below the bid",
    events=RESTS,
    passes="it stands at the venue with side, size and price as sent, and the client says that it is open",
)
async def limit_buy(trial: Trial) -> None:
    await rests(trial, Side.BUY)


@card(
    "E11",
    "Limit sell rests",
    needs=QUERY,
    does="places a sell two percent above the ask",
    events=RESTS,
    passes="it stands at the venue with side, size and price as sent, and the client says that it is open",
)
async def limit_sell(trial: Trial) -> None:
    await rests(trial, Side.SELL)


@card(
    "E12",
    "Both sides at once",
    needs=(*QUERY, "fetch_open_orders"),
    does="places a buy and a sell at the same time, away from the market",
    events=("order open", "order open"),
    passes="both stand, each with its own id and side",
)
async def both_sides(trial: Trial) -> None:
    buy = trial.ticket(Side.BUY, await trial.away(Side.BUY))
    sell = trial.ticket(Side.SELL, await trial.away(Side.SELL))
    acks = await trial.together(trial.place(buy), trial.place(sell))
    for ack, ticket in zip(acks, (buy, sell), strict=True):
        trial.equal("side of the acknowledgement", ack.side, ticket.side)
        await trial.stands(ticket.client_order_id)
    listed = {one.client_order_id for one in await trial.listed()}
    trial.equal("open orders", listed, {buy.client_order_id, sell.client_order_id})


@card(
    "E13",
    "Limit order that takes",
    needs=QUERY,
    does="places a buy half a percent above the ask",
    events=TAKES,
    passes="it fills at its limit or better, and the client knows",
)
async def limit_takes(trial: Trial) -> None:
    await traded(trial, Side.BUY, TimeInForce.GOOD_TILL_TIME, market=False)


@card(
    "E14",
    "Immediate-or-cancel fills",
    needs=QUERY,
    does="places an IOC sell half a percent below the bid",
    events=TAKES,
    passes="it fills at its limit or better, and the client knows",
    features=(Feature.IMMEDIATE_OR_CANCEL,),
)
async def ioc_fills(trial: Trial) -> None:
    await traded(trial, Side.SELL, TimeInForce.IMMEDIATE_OR_CANCEL, market=False)


async def killed(trial: Trial, time_in_force: TimeInForce) -> None:
    ticket = trial.ticket(Side.BUY, await trial.away(Side.BUY), time_in_force=time_in_force)
    await trial.place(ticket)
    await trial.ends(ticket.client_order_id, "cancelled", "rejected")
    trial.must(not trial.rows.filled(ticket.client_order_id), "nothing filled", "nothing fills")
    await agrees(trial, ticket)


@card(
    "E15",
    "Immediate-or-cancel away from the market",
    needs=QUERY,
    does="places an IOC buy two percent below the bid",
    events=("order pending", "order cancelled"),
    passes="nothing fills, nothing stands, and the client says cancelled",
    features=(Feature.IMMEDIATE_OR_CANCEL,),
)
async def ioc_cancelled(trial: Trial) -> None:
    await killed(trial, TimeInForce.IMMEDIATE_OR_CANCEL)


@card(
    "E16",
    "Immediate-or-cancel fills in part",
    needs=QUERY,
    does="places an IOC buy larger than the book",
    events=("order pending", "order cancelled"),
    passes="the client says cancelled and how much filled: a cancelled order can have filled",
    dynamics=THIN,
    features=(Feature.IMMEDIATE_OR_CANCEL,),
)
async def ioc_in_part(trial: Trial) -> None:
    price = await trial.through(Side.BUY)
    ticket = trial.ticket(Side.BUY, price, Decimal(1), time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL)
    await trial.place(ticket)
    await trial.ends(ticket.client_order_id, "cancelled")
    filled = trial.rows.filled(ticket.client_order_id)
    trial.must(0 < filled < ticket.size, f"{filled} of {ticket.size} filled", "a part fills")
    await agrees(trial, ticket)


@card(
    "E17",
    "Fill-or-kill fills",
    needs=QUERY,
    does="places a small FOK buy half a percent above the ask",
    events=TAKES,
    passes="it fills whole at its limit or better, and the client knows",
    features=(Feature.FILL_OR_KILL,),
)
async def fok_fills(trial: Trial) -> None:
    await traded(trial, Side.BUY, TimeInForce.FILL_OR_KILL, market=False)


@card(
    "E18",
    "Fill-or-kill away from the market",
    needs=QUERY,
    does="places an FOK buy two percent below the bid",
    events=("order pending", "order cancelled"),
    passes="nothing fills, nothing stands, and the client says so",
    features=(Feature.FILL_OR_KILL,),
)
async def fok_killed(trial: Trial) -> None:
    await killed(trial, TimeInForce.FILL_OR_KILL)


@card(
    "E19",
    "Fill-or-kill larger than the book",
    needs=QUERY,
    does="places an FOK buy larger than the book at a price that takes",
    events=("order pending", "order cancelled"),
    passes="nothing fills, not even in part, and the client says so",
    dynamics=THIN,
    features=(Feature.FILL_OR_KILL,),
)
async def fok_too_large(trial: Trial) -> None:
    price = await trial.through(Side.BUY)
    ticket = trial.ticket(Side.BUY, price, Decimal(1), time_in_force=TimeInForce.FILL_OR_KILL)
    await trial.place(ticket)
    await trial.ends(ticket.client_order_id, "cancelled")
    trial.must(not trial.rows.filled(ticket.client_order_id), "nothing filled", "nothing fills")
    await agrees(trial, ticket)


@card(
    "E20",
    "Good-till-time expires",
    needs=QUERY,
    does=f"places a resting buy that lapses after {LIFETIME_S:g} s, and waits for its end",
    events=(*RESTS, "order cancelled"),
    passes="the order has ended by the venue and by the client",
    features=(Feature.EXPIRY,),
)
async def expires(trial: Trial) -> None:
    ticket = trial.ticket(Side.BUY, await trial.away(Side.BUY), expires_in_s=LIFETIME_S)
    await trial.place(ticket)
    await trial.stands(ticket.client_order_id)
    async with asyncio.timeout(LIFETIME_S + trial.rows.patience_s):
        while (view := await trial.client.fetch_order(client_order_id=ticket.client_order_id)) is not None:
            if view.status.is_final:
                break
            await asyncio.sleep(0.05)  # a venue that stands still while nobody asks has to be asked
    await trial.ends(ticket.client_order_id, "cancelled")
    await agrees(trial, ticket)
