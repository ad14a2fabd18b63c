"""Ending orders: cancel one, cancel all, cancel what has ended, cancel and replace."""

from diag.record.kinds import venue
from probes.client import OrderView
from probes.lifecycle.case import case
from probes.lifecycle.case_run import CaseRun
from probes.lifecycle.cases.conditions import BITES, bitten
from probes.lifecycle.cases.orders import agrees
from probes.market.order import Side

ENDS = ("order pending", "order open", "order cancelled")
NEEDS = ("create_order", "cancel_order", "fetch_order")


async def gone(run: CaseRun, order: OrderView) -> None:
    """The order was cancelled by the venue, and the client says so."""
    await run.wait_status(order.client_order_id, "cancelled")
    view = await run.client.fetch_order(client_order_id=order.client_order_id)
    run.require_equal("status", view.status if view else "unknown", "cancelled")


@case(
    "E30",
    "Cancel by order id",
    needs=NEEDS,
    does="places a resting buy and cancels it by the id that the venue gave it",
    events=ENDS,
    passes="the order is cancelled by the venue and by the client",
)
async def by_order_id(run: CaseRun) -> None:
    order = await run.place_resting(Side.BUY)
    row = run.rows.last(venue.Order, client_order_id=order.client_order_id)
    known = await run.client.fetch_order(client_order_id=order.client_order_id)
    order_id = known.order_id if known else ""
    run.require_equal("order id", order_id, row.order_id if row else None)
    await run.client.cancel_order(order_id=order_id)
    await gone(run, order)


@case(
    "E31",
    "Cancel by client order id",
    needs=NEEDS,
    does="places a resting sell and cancels it by the id that the client gave it",
    events=ENDS,
    passes="the order is cancelled by the venue and by the client",
)
async def by_client_order_id(run: CaseRun) -> None:
    order = await run.place_resting(Side.SELL)
    await run.client.cancel_order(client_order_id=order.client_order_id)
    await gone(run, order)


@case(
    "E32",
    "Cancel one of two",
    needs=(*NEEDS, "fetch_open_orders"),
    does="places two resting buys and cancels the first",
    events=("order open", "order open", "order cancelled"),
    passes="the first is gone, the second stands, and the client's open orders say so",
)
async def one_of_two(run: CaseRun) -> None:
    first, second = await run.place_resting(Side.BUY), await run.place_resting(Side.BUY)
    await run.client.cancel_order(client_order_id=first.client_order_id)
    await gone(run, first)
    await run.wait_open(second.client_order_id)
    listed = {one.client_order_id for one in await run.open_at_client()}
    run.require_equal("open orders", listed, {second.client_order_id})


@case(
    "E33",
    "Cancel all",
    needs=("create_order", "cancel_all_orders", "fetch_open_orders"),
    does="places two buys and two sells that rest, and cancels all of the instrument",
    events=("order open", "order cancelled", "order cancelled", "order cancelled", "order cancelled"),
    passes="nothing is open by the venue nor by the client",
    simulated="would cancel orders of others on the account, too",
)
async def cancel_all(run: CaseRun) -> None:
    for side in (Side.BUY, Side.SELL, Side.BUY, Side.SELL):
        await run.place_resting(side)
    await run.client.cancel_all_orders(run.name)
    none_left = await run.rows.wait(lambda: not run.rows.open_orders(run.name))
    run.require(none_left, f"{len(run.rows.open_orders(run.name))} orders open", "none open")
    run.require_equal("open orders", list(await run.open_at_client()), [])


@case(
    "E34",
    "Cancel a filled order",
    needs=("create_order", "cancel_order", "fetch_order"),
    does="buys at market and cancels the order after it filled",
    events=("order filled",),
    passes="the order stays filled, and the client says filled, whatever the cancel was answered",
)
async def cancel_filled(run: CaseRun) -> None:
    order = await run.place_filled(Side.BUY)
    try:
        await run.client.cancel_order(client_order_id=order.client_order_id)
        run.observations.append("cancel was acknowledged")
    except Exception as error:
        run.observations.append(f"cancel {run.error_text(error)}")
    view = await run.client.fetch_order(client_order_id=order.client_order_id)
    run.require_equal("status", view.status if view else "unknown", "filled")


@case(
    "E35",
    "Cancel twice",
    needs=NEEDS,
    does="places a resting buy and cancels it twice",
    events=ENDS,
    passes="the order is cancelled once by the venue; the client says cancelled",
)
async def cancel_twice(run: CaseRun) -> None:
    order = await run.place_resting(Side.BUY)
    await run.client.cancel_order(client_order_id=order.client_order_id)
    await gone(run, order)
    try:
        await run.client.cancel_order(client_order_id=order.client_order_id)
        run.observations.append("second cancel was acknowledged")
    except Exception as error:
        run.observations.append(f"second cancel {run.error_text(error)}")
    ended = run.rows.of(venue.Order, client_order_id=order.client_order_id, status="cancelled")
    run.require(len(ended) == 1, f"cancelled {len(ended)} times by the venue", "once")
    await gone(run, order)


@case(
    "E36",
    "Cancel after a partial fill",
    needs=NEEDS,
    does="cancels an order that has filled in part",
    events=("order open", "fill", "order cancelled"),
    passes="the client says cancelled and what had filled; its position is the venue's",
    dynamics=BITES,
)
async def cancel_partial(run: CaseRun) -> None:
    request = await bitten(run)
    await run.client.cancel_order(client_order_id=request.client_order_id)
    await run.wait_status(request.client_order_id, "cancelled")
    await agrees(run, request)
    filled = run.rows.filled(request.client_order_id)
    run.require(filled > 0, f"{filled} had filled", "a part had filled")
    await run.same_position()


async def replaced(run: CaseRun, side: Side) -> None:
    first = await run.place_resting(side)
    await run.client.cancel_order(client_order_id=first.client_order_id)
    await gone(run, first)
    assert first.limit_price is not None
    further = -10 if side is Side.BUY else 10
    request = run.request(side, first.limit_price + further * run.instrument.tick_size)
    await run.place(request)
    await run.wait_open(request.client_order_id)
    listed = [(one.client_order_id, one.limit_price) for one in await run.open_at_client()]
    run.require_equal("open orders", listed, [(request.client_order_id, request.limit_price)])


REPLACE = (*NEEDS, "fetch_open_orders")


@case(
    "E40",
    "Replace a buy",
    needs=REPLACE,
    does="cancels a resting buy and places it ten ticks lower (the venue amends no orders)",
    events=(*ENDS, "order pending", "order open"),
    passes="only the new one stands, at its price, by the venue and by the client",
)
async def replace_buy(run: CaseRun) -> None:
    await replaced(run, Side.BUY)


@case(
    "E41",
    "Replace a sell",
    needs=REPLACE,
    does="cancels a resting sell and places it ten ticks higher (the venue amends no orders)",
    events=(*ENDS, "order pending", "order open"),
    passes="only the new one stands, at its price, by the venue and by the client",
)
async def replace_sell(run: CaseRun) -> None:
    await replaced(run, Side.SELL)
