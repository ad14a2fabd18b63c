"""Placing orders: market, limit, and what becomes of them by time in force."""

import asyncio
from decimal import Decimal

from diag.record.kinds import venue
from probes.client import OrderRequest
from probes.lifecycle.case import case
from probes.lifecycle.case_run import CaseRun
from probes.lifecycle.errors import FailedError
from probes.market.dynamics import Dynamics
from probes.market.order import Side, TimeInForce
from probes.venue import Feature

THIN = Dynamics(levels=2, level_size=Decimal("0.05"), refill_every=0, taker_every=0)
LIFETIME_S = 1.0


async def agrees(run: CaseRun, request: OrderRequest) -> None:
    """The client's view of an order that has ended is the venue's: status, filled size, average price."""
    row = run.rows.last(venue.Order, client_order_id=request.client_order_id)
    if row is None:
        raise FailedError("order unknown to the venue", "known to it")
    view = await run.client.fetch_order(client_order_id=request.client_order_id)
    if view is None:
        raise FailedError("order unknown to the client", "known to it", row.where)
    run.require_equal("status", view.status, row.status, row)
    filled = row.filled
    run.require_equal("filled", view.filled, filled, row)
    if filled:
        average = row.filled_notional / filled
        observed = view.average_price
        near = observed is not None and abs(observed - average) <= run.instrument.tick_size / 2
        run.require(near, f"average price: client {observed}", f"venue {average:.6f}", row)


async def traded(run: CaseRun, side: Side, time_in_force: TimeInForce, *, market: bool) -> None:
    """A small order that takes; it fills whole, and the client knows."""
    price = None if market else await run.marketable_price(side)
    request = run.request(side, price, time_in_force=time_in_force)
    await run.place(request)
    row = await run.wait_status(request.client_order_id, "filled")
    run.require_equal("side", request.side, row.side, row)
    run.require_equal("filled", request.size, run.rows.filled(request.client_order_id))
    for fill in run.rows.of(venue.Fill, client_order_id=request.client_order_id):
        paid = fill.price
        within = price is None or (paid <= price if side is Side.BUY else paid >= price)
        run.require(within, f"filled at {paid}", f"at {price} or better", row)
    await agrees(run, request)


TAKES = ("order pending", "order filled")
RESTS = ("order pending", "order open")
QUERY = ("create_order", "fetch_order")


@case(
    "E01",
    "Market buy",
    needs=QUERY,
    does="buys the smallest size at market",
    events=TAKES,
    passes="it fills whole; status, filled size and average price of the client are the venue's",
)
async def market_buy(run: CaseRun) -> None:
    await traded(run, Side.BUY, TimeInForce.GOOD_TILL_TIME, market=True)


@case(
    "E02",
    "Market sell",
    needs=QUERY,
    does="sells the smallest size at market",
    events=TAKES,
    passes="it fills whole; status, filled size and average price of the client are the venue's",
)
async def market_sell(run: CaseRun) -> None:
    await traded(run, Side.SELL, TimeInForce.GOOD_TILL_TIME, market=True)


@case(
    "E03",
    "Market order larger than the book",
    needs=QUERY,
    does="buys at market more than the book holds",
    events=("order pending", "order cancelled"),
    passes="the client says what filled, and that the rest did not",
    dynamics=THIN,
)
async def market_too_large(run: CaseRun) -> None:
    request = run.request(Side.BUY, None, Decimal(1))
    await run.place(request)
    await run.wait_status(request.client_order_id, "cancelled")
    await agrees(run, request)


@case(
    "E04",
    "Close a position",
    needs=QUERY,
    does="buys at market, then sells the same size reduce-only",
    events=(*TAKES, *TAKES),
    passes="the position is flat by the venue and by the client",
    features=(Feature.POSITIONS, Feature.REDUCE_ONLY),
)
async def close_position(run: CaseRun) -> None:
    await run.place_filled(Side.BUY)
    request = run.request(Side.SELL, None, reduce_only=True)
    await run.place(request)
    await run.wait_status(request.client_order_id, "filled")
    run.require(not await run.position(), "flat by the venue", "flat")
    await run.same_position()


async def rests(run: CaseRun, side: Side) -> None:
    request = run.request(side, await run.passive_price(side))
    await run.place(request)
    await run.wait_open(request.client_order_id)
    row = run.rows.last(venue.Order, client_order_id=request.client_order_id)
    assert row is not None
    run.require_equal("side", request.side, row.side, row)
    run.require_equal("size", request.size, row.size)
    run.require_equal("limit price", request.limit_price, row.limit_price)
    await agrees(run, request)


@case(
    "E10",
    "Limit buy rests",
    needs=QUERY,
    does="places a buy two percent below the bid",
    events=RESTS,
    passes="it stands at the venue with side, size and price as sent, and the client says that it is open",
)
async def limit_buy(run: CaseRun) -> None:
    await rests(run, Side.BUY)


@case(
    "E11",
    "Limit sell rests",
    needs=QUERY,
    does="places a sell two percent above the ask",
    events=RESTS,
    passes="it stands at the venue with side, size and price as sent, and the client says that it is open",
)
async def limit_sell(run: CaseRun) -> None:
    await rests(run, Side.SELL)


@case(
    "E12",
    "Both sides at once",
    needs=(*QUERY, "fetch_open_orders"),
    does="places a buy and a sell at the same time, away from the market",
    events=("order open", "order open"),
    passes="both stand, each with its own id and side",
)
async def both_sides(run: CaseRun) -> None:
    buy = run.request(Side.BUY, await run.passive_price(Side.BUY))
    sell = run.request(Side.SELL, await run.passive_price(Side.SELL))
    acks = await run.concurrently(run.place(buy), run.place(sell))
    for ack, request in zip(acks, (buy, sell), strict=True):
        run.require_equal("side of the acknowledgement", ack.side, request.side)
        await run.wait_open(request.client_order_id)
    listed = {one.client_order_id for one in await run.open_at_client()}
    run.require_equal("open orders", listed, {buy.client_order_id, sell.client_order_id})


@case(
    "E13",
    "Limit order that takes",
    needs=QUERY,
    does="places a buy half a percent above the ask",
    events=TAKES,
    passes="it fills at its limit or better, and the client knows",
)
async def limit_takes(run: CaseRun) -> None:
    await traded(run, Side.BUY, TimeInForce.GOOD_TILL_TIME, market=False)


@case(
    "E14",
    "Immediate-or-cancel fills",
    needs=QUERY,
    does="places an IOC sell half a percent below the bid",
    events=TAKES,
    passes="it fills at its limit or better, and the client knows",
    features=(Feature.IMMEDIATE_OR_CANCEL,),
)
async def ioc_fills(run: CaseRun) -> None:
    await traded(run, Side.SELL, TimeInForce.IMMEDIATE_OR_CANCEL, market=False)


async def killed(run: CaseRun, time_in_force: TimeInForce) -> None:
    request = run.request(Side.BUY, await run.passive_price(Side.BUY), time_in_force=time_in_force)
    await run.place(request)
    await run.wait_status(request.client_order_id, "cancelled", "rejected")
    run.require(not run.rows.filled(request.client_order_id), "nothing filled", "nothing fills")
    await agrees(run, request)


@case(
    "E15",
    "Immediate-or-cancel away from the market",
    needs=QUERY,
    does="places an IOC buy two percent below the bid",
    events=("order pending", "order cancelled"),
    passes="nothing fills, nothing stands, and the client says cancelled",
    features=(Feature.IMMEDIATE_OR_CANCEL,),
)
async def ioc_cancelled(run: CaseRun) -> None:
    await killed(run, TimeInForce.IMMEDIATE_OR_CANCEL)


@case(
    "E16",
    "Immediate-or-cancel fills in part",
    needs=QUERY,
    does="places an IOC buy larger than the book",
    events=("order pending", "order cancelled"),
    passes="the client says cancelled and how much filled: a cancelled order can have filled",
    dynamics=THIN,
    features=(Feature.IMMEDIATE_OR_CANCEL,),
)
async def ioc_in_part(run: CaseRun) -> None:
    price = await run.marketable_price(Side.BUY)
    request = run.request(Side.BUY, price, Decimal(1), time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL)
    await run.place(request)
    await run.wait_status(request.client_order_id, "cancelled")
    filled = run.rows.filled(request.client_order_id)
    run.require(0 < filled < request.size, f"{filled} of {request.size} filled", "a part fills")
    await agrees(run, request)


@case(
    "E17",
    "Fill-or-kill fills",
    needs=QUERY,
    does="places a small FOK buy half a percent above the ask",
    events=TAKES,
    passes="it fills whole at its limit or better, and the client knows",
    features=(Feature.FILL_OR_KILL,),
)
async def fok_fills(run: CaseRun) -> None:
    await traded(run, Side.BUY, TimeInForce.FILL_OR_KILL, market=False)


@case(
    "E18",
    "Fill-or-kill away from the market",
    needs=QUERY,
    does="places an FOK buy two percent below the bid",
    events=("order pending", "order cancelled"),
    passes="nothing fills, nothing stands, and the client says so",
    features=(Feature.FILL_OR_KILL,),
)
async def fok_killed(run: CaseRun) -> None:
    await killed(run, TimeInForce.FILL_OR_KILL)


@case(
    "E19",
    "Fill-or-kill larger than the book",
    needs=QUERY,
    does="places an FOK buy larger than the book at a price that takes",
    events=("order pending", "order cancelled"),
    passes="nothing fills, not even in part, and the client says so",
    dynamics=THIN,
    features=(Feature.FILL_OR_KILL,),
)
async def fok_too_large(run: CaseRun) -> None:
    price = await run.marketable_price(Side.BUY)
    request = run.request(Side.BUY, price, Decimal(1), time_in_force=TimeInForce.FILL_OR_KILL)
    await run.place(request)
    await run.wait_status(request.client_order_id, "cancelled")
    run.require(not run.rows.filled(request.client_order_id), "nothing filled", "nothing fills")
    await agrees(run, request)


@case(
    "E20",
    "Good-till-time expires",
    needs=QUERY,
    does=f"places a resting buy that lapses after {LIFETIME_S:g} s, and waits for its end",
    events=(*RESTS, "order cancelled"),
    passes="the order has ended by the venue and by the client",
    features=(Feature.EXPIRY,),
)
async def expires(run: CaseRun) -> None:
    request = run.request(Side.BUY, await run.passive_price(Side.BUY), expires_in_s=LIFETIME_S)
    await run.place(request)
    await run.wait_open(request.client_order_id)
    async with asyncio.timeout(LIFETIME_S + run.rows.timeout_s):
        while (view := await run.client.fetch_order(client_order_id=request.client_order_id)) is not None:
            if view.status.is_final:
                break
            await asyncio.sleep(0.05)  # a venue that stands still while nobody asks has to be asked
    await run.wait_status(request.client_order_id, "cancelled")
    await agrees(run, request)
