"""Ending orders: cancel one, cancel all, cancel what has ended, cancel and replace."""

from diag.record.kinds import venue
from probes.client import OrderView
from probes.lifecycle.card import card
from probes.lifecycle.cards.conditions import BITES, bitten
from probes.lifecycle.cards.orders import agrees
from probes.lifecycle.trial import Trial
from probes.market.order import Side

ENDS = ("order pending", "order open", "order cancelled")
NEEDS = ("create_order", "cancel_order", "fetch_order")


async def gone(trial: Trial, order: OrderView) -> None:
    """The order was cancelled by the venue, and the client says so."""
    await trial.ends(order.client_order_id, "cancelled")
    view = await trial.client.fetch_order(client_order_id=order.client_order_id)
    trial.equal("status", view.status if view else "unknown", "cancelled")


@card(
    "E30",
    "Cancel by order id",
    needs=NEEDS,
    does="places a resting buy and cancels it by the id that the venue gave it",
    events=ENDS,
    passes="the order is cancelled by the venue and by the client",
)
async def by_order_id(trial: Trial) -> None:
    order = await trial.rest(Side.BUY)
    row = trial.rows.last(venue.Order, client_order_id=order.client_order_id)
    known = await trial.client.fetch_order(client_order_id=order.client_order_id)
    order_id = known.order_id if known else ""
    trial.equal("order id", order_id, row.order_id if row else None)
    await trial.client.cancel_order(order_id=order_id)
    await gone(trial, order)


@card(
    "E31",
    "Cancel by client order id",
    needs=NEEDS,
    does="places a resting sell and cancels it by the id that the client gave it",
    events=ENDS,
    passes="the order is cancelled by the venue and by the client",
)
async def by_client_order_id(trial: Trial) -> None:
    order = await trial.rest(Side.SELL)
    await trial.client.cancel_order(client_order_id=order.client_order_id)
    await gone(trial, order)


@card(
    "E32",
    "Cancel one of two",
    needs=(*NEEDS, "fetch_open_orders"),
    does="places two resting buys and cancels the first",
    events=("order open", "order open", "order cancelled"),
    passes="the first is gone, the second stands, and the client's open orders say so",
)
async def one_of_two(trial: Trial) -> None:
    first, second = await trial.rest(Side.BUY), await trial.rest(Side.BUY)
    await trial.client.cancel_order(client_order_id=first.client_order_id)
    await gone(trial, first)
    await trial.stands(second.client_order_id)
    listed = {one.client_order_id for one in await trial.listed()}
    trial.equal("open orders", listed, {second.client_order_id})


@card(
    "E33",
    "Cancel all",
    needs=("create_order", "cancel_all_orders", "fetch_open_orders"),
    does="places two buys and two sells that rest, and cancels all of the instrument",
    events=("order open", "order cancelled", "order cancelled", "order cancelled", "order cancelled"),
    passes="nothing is open by the venue nor by the client",
    simulated="would cancel orders of others on the account, too",
)
async def cancel_all(trial: Trial) -> None:
    for side in (Side.BUY, Side.SELL, Side.BUY, Side.SELL):
        await trial.rest(side)
    await trial.client.cancel_all_orders(trial.name)
    none_left = await trial.rows.wait(lambda: not trial.rows.open_orders(trial.name))
    trial.must(none_left, f"{len(trial.rows.open_orders(trial.name))} orders open", "none open")
    trial.equal("open orders", list(await trial.listed()), [])


@card(
    "E34",
    "Cancel a filled order",
    needs=("create_order", "cancel_order", "fetch_order"),
    does="buys at market and cancels the order after it filled",
    events=("order filled",),
    passes="the order stays filled, and the client says filled, whatever the cancel was answered",
)
async def cancel_filled(trial: Trial) -> None:
    order = await trial.fill(Side.BUY)
    try:
        await trial.client.cancel_order(client_order_id=order.client_order_id)
        trial.seen.append("cancel was acknowledged")
    except Exception as error:
        trial.seen.append(f"cancel {trial.raised(error)}")
    view = await trial.client.fetch_order(client_order_id=order.client_order_id)
    trial.equal("status", view.status if view else "unknown", "filled")


@card(
    "E35",
    "Cancel twice",
    needs=NEEDS,
    does="places a resting buy and cancels it twice",
    events=ENDS,
    passes="the order is cancelled once by the venue; the client says cancelled",
)
async def cancel_twice(trial: Trial) -> None:
    order = await trial.rest(Side.BUY)
    await trial.client.cancel_order(client_order_id=order.client_order_id)
    await gone(trial, order)
    try:
        await trial.client.cancel_order(client_order_id=order.client_order_id)
        trial.seen.append("second cancel was acknowledged")
    except Exception as error:
        trial.seen.append(f"second cancel {trial.raised(error)}")
    ended = trial.rows.of(venue.Order, client_order_id=order.client_order_id, status="cancelled")
    trial.must(len(ended) == 1, f"cancelled {len(ended)} times by the venue", "once")
    await gone(trial, order)


@card(
    "E36",
    "Cancel after a partial fill",
    needs=NEEDS,
    does="cancels an order that has filled in part",
    events=("order open", "fill", "order cancelled"),
    passes="the client says cancelled and what had filled; its position is the venue's",
    dynamics=BITES,
)
async def cancel_partial(trial: Trial) -> None:
    ticket = await bitten(trial)
    await trial.client.cancel_order(client_order_id=ticket.client_order_id)
    await trial.ends(ticket.client_order_id, "cancelled")
    await agrees(trial, ticket)
    filled = trial.rows.filled(ticket.client_order_id)
    trial.must(filled > 0, f"{filled} had filled", "a part had filled")
    await trial.same_position()


async def replaced(trial: Trial, side: Side) -> None:
    first = await trial.rest(side)
    await trial.client.cancel_order(client_order_id=first.client_order_id)
    await gone(trial, first)
    assert first.limit_price is not None
    further = -10 if side is Side.BUY else 10
    ticket = trial.ticket(side, first.limit_price + further * trial.instrument.tick_size)
    await trial.place(ticket)
    await trial.stands(ticket.client_order_id)
    listed = [(one.client_order_id, one.limit_price) for one in await trial.listed()]
    trial.equal("open orders", listed, [(ticket.client_order_id, ticket.limit_price)])


REPLACE = (*NEEDS, "fetch_open_orders")


@card(
    "E40",
    "Replace a buy",
    needs=REPLACE,
    does="cancels a resting buy and places it ten ticks lower (the venue amends no orders)",
    events=(*ENDS, "order pending", "order open"),
    passes="only the new one stands, at its price, by the venue and by the client",
)
async def replace_buy(trial: Trial) -> None:
    await replaced(trial, Side.BUY)


@card(
    "E41",
    "Replace a sell",
    needs=REPLACE,
    does="cancels a resting sell and places it ten ticks higher (the venue amends no orders)",
    events=(*ENDS, "order pending", "order open"),
    passes="only the new one stands, at its price, by the venue and by the client",
)
async def replace_sell(trial: Trial) -> None:
    await replaced(trial, Side.SELL)
