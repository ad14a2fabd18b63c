"""Orders when answers are lost, sessions end and connections break: no order twice, none forgotten."""

from diag.record.kinds import venue
from probes.client import OrderRequest
from probes.lifecycle.card import card
from probes.lifecycle.cards.orders import agrees
from probes.lifecycle.errors import FailedError
from probes.lifecycle.trial import Trial
from probes.market.faults import Action, Fault
from probes.market.order import ZERO, Side
from probes.venue import Feature

QUERY = ("create_order", "fetch_order")


async def sent(trial: Trial, ticket: OrderRequest) -> bool:
    """Send it; whether the client answered. What it raised goes into the verdict."""
    try:
        await trial.place(ticket)
    except FailedError:
        raise
    except Exception as error:
        trial.seen.append(f"create_order {trial.raised(error)}")
        return False
    trial.seen.append("create_order answered")
    return True


async def resolved(trial: Trial, ticket: OrderRequest) -> None:
    """The venue has this order exactly once, and the client finds it by its client order id."""
    orders = {row.order_id for row in trial.rows.of(venue.Order, instrument=ticket.instrument)}
    trial.must(len(orders) == 1, f"{len(orders)} orders at the venue", "one")
    await agrees(trial, ticket)


@card(
    "E90",
    "Lost answer, resting order",
    needs=QUERY,
    does="places a resting buy; the venue takes it, and its answer is lost",
    events=("order open",),
    passes="one order stands, and the client finds it by its client order id",
    faults=(Fault(on="place", action=Action.LOSE_ACK, nth=1),),
)
async def lost_ack(trial: Trial) -> None:
    ticket = trial.ticket(Side.BUY, await trial.away(Side.BUY))
    await sent(trial, ticket)
    await resolved(trial, ticket)


@card(
    "E91",
    "Lost answer, filled order",
    needs=QUERY,
    does="buys at market; the order fills, and its answer is lost",
    events=("order filled",),
    passes="it filled once, and the client's order and position say so",
    faults=(Fault(on="place", action=Action.LOSE_ACK, nth=1),),
)
async def lost_ack_filled(trial: Trial) -> None:
    ticket = trial.ticket(Side.BUY, None)
    await sent(trial, ticket)
    await resolved(trial, ticket)
    await trial.same_position(ticket.size)


async def once_or_never(trial: Trial, ticket: OrderRequest) -> None:
    """The order filled once if the client answered, and at most once if it raised; it knows which."""
    answered = await sent(trial, ticket)
    filled = trial.rows.filled(ticket.client_order_id)
    sizes = (ticket.size,) if answered else (ZERO, ticket.size)
    trial.must(filled in sizes, f"filled {filled}", f"{ticket.size} once")
    view = await trial.client.fetch_order(client_order_id=ticket.client_order_id)
    trial.equal("filled", view.filled if view else 0, filled)
    await trial.same_position(filled)


@card(
    "E92",
    "Lost request",
    needs=QUERY,
    does="buys at market; the request is lost before the venue works it",
    passes="filled once if the client answered, else at most once; its order and position are the venue's",
    faults=(Fault(on="place", action=Action.LOSE_REQUEST, nth=1),),
)
async def lost_request(trial: Trial) -> None:
    await once_or_never(trial, trial.ticket(Side.BUY, None))


@card(
    "E93",
    "Rate limit on an order",
    needs=QUERY,
    does="buys at market while the venue answers that there were too many requests",
    passes="filled once if the client answered, else at most once; its order and position are the venue's",
    faults=(Fault(on="place", action=Action.RATE_LIMIT, nth=1),),
)
async def rate_limited(trial: Trial) -> None:
    await once_or_never(trial, trial.ticket(Side.BUY, None))


@card(
    "E94",
    "Internal error on an order",
    needs=QUERY,
    does="buys at market while the venue answers with an internal error",
    passes="filled once if the client answered, else at most once; its order and position are the venue's",
    faults=(Fault(on="place", action=Action.FAIL, nth=1),),
)
async def failed(trial: Trial) -> None:
    await once_or_never(trial, trial.ticket(Side.BUY, None))


@card(
    "E95",
    "Session expires before an order",
    needs=QUERY,
    does="buys at market with a session that has just ended",
    events=("order filled",),
    passes="the client logs in again, and the order fills once",
    faults=(Fault(on="place", action=Action.EXPIRE_SESSION, nth=1),),
    features=(Feature.SESSIONS,),
)
async def session_ends(trial: Trial) -> None:
    ticket = trial.ticket(Side.BUY, None)
    await trial.place(ticket)
    await trial.ends(ticket.client_order_id, "filled")
    await resolved(trial, ticket)


@card(
    "E96",
    "Lost answer to a cancel",
    needs=("create_order", "cancel_order", "fetch_order"),
    does="cancels a resting buy; the venue cancels it, and its answer is lost",
    events=("order open", "order cancelled"),
    passes="the client says cancelled when asked, whatever the cancel did",
    faults=(Fault(on="cancel", action=Action.LOSE_ACK, nth=1),),
)
async def lost_cancel(trial: Trial) -> None:
    order = await trial.rest(Side.BUY)
    try:
        await trial.client.cancel_order(client_order_id=order.client_order_id)
    except Exception as error:
        trial.seen.append(f"cancel_order {trial.raised(error)}")
    await trial.ends(order.client_order_id, "cancelled")
    view = await trial.client.fetch_order(client_order_id=order.client_order_id)
    trial.equal("status", view.status if view else "unknown", "cancelled")


@card(
    "E97",
    "Lost request to cancel",
    needs=("create_order", "cancel_order", "fetch_order"),
    does="cancels a resting buy; the request is lost before the venue works it",
    events=("order open",),
    passes="the client's view of the order is the venue's: it does not take the cancel for done",
    faults=(Fault(on="cancel", action=Action.LOSE_REQUEST, nth=1),),
)
async def lost_cancel_request(trial: Trial) -> None:
    order = await trial.rest(Side.BUY)
    try:
        await trial.client.cancel_order(client_order_id=order.client_order_id)
        answered = True
    except Exception as error:
        trial.seen.append(f"cancel_order {trial.raised(error)}")
        answered = False
    row = trial.rows.last(venue.Order, client_order_id=order.client_order_id)
    status = row.status if row else "unknown"
    trial.must(not answered or status == "cancelled", f"answered, order {status}", "cancelled, or an error")
    view = await trial.client.fetch_order(client_order_id=order.client_order_id)
    trial.equal("status", view.status if view else "unknown", status, row)


@card(
    "E98",
    "Connect again with orders open",
    needs=(*QUERY, "fetch_open_orders", "cancel_order"),
    does="leaves a resting buy, disconnects, connects again, finds the order and cancels it",
    events=("order open", "order cancelled"),
    passes="the order is among the open ones after connecting again, and can be cancelled",
)
async def connect_again(trial: Trial) -> None:
    order = await trial.rest(Side.BUY)
    await trial.client.disconnect()
    await trial.client.connect()
    listed = [one.client_order_id for one in await trial.listed()]
    trial.equal("open orders", listed, [order.client_order_id])
    await trial.client.cancel_order(client_order_id=order.client_order_id)
    await trial.ends(order.client_order_id, "cancelled")


@card(
    "E99",
    "Connect again with a position",
    needs=("create_order",),
    does="buys at market, disconnects, connects again and asks for the position",
    events=("order filled",),
    passes="the position is the venue's",
    features=(Feature.POSITIONS,),
)
async def connect_again_long(trial: Trial) -> None:
    await trial.fill(Side.BUY)
    await trial.client.disconnect()
    await trial.client.connect()
    await trial.same_position()
