"""Orders when answers are lost, sessions end and connections break: no order twice, none forgotten."""

from diag.record.kinds import venue
from probes.client import OrderRequest
from probes.lifecycle.case import case
from probes.lifecycle.case_run import CaseRun
from probes.lifecycle.cases.orders import agrees
from probes.lifecycle.errors import FailedError
from probes.market.faults import Action, Fault
from probes.market.order import ZERO, Side
from probes.venue import Feature

QUERY = ("create_order", "fetch_order")


async def sent(run: CaseRun, request: OrderRequest) -> bool:
    """Send it; whether the client answered. What it raised goes into the verdict."""
    try:
        await run.place(request)
    except FailedError:
        raise
    except Exception as error:
        run.observations.append(f"create_order {run.error_text(error)}")
        return False
    run.observations.append("create_order answered")
    return True


async def resolved(run: CaseRun, request: OrderRequest) -> None:
    """The venue has this order exactly once, and the client finds it by its client order id."""
    orders = {row.order_id for row in run.rows.of(venue.Order, instrument=request.instrument)}
    run.require(len(orders) == 1, f"{len(orders)} orders at the venue", "one")
    await agrees(run, request)


@case(
    "E90",
    "Lost answer, resting order",
    needs=QUERY,
    does="places a resting buy; the venue takes it, and its answer is lost",
    events=("order open",),
    passes="one order stands, and the client finds it by its client order id",
    faults=(Fault(on="place", action=Action.LOSE_ACK, nth=1),),
)
async def lost_ack(run: CaseRun) -> None:
    request = run.request(Side.BUY, await run.passive_price(Side.BUY))
    await sent(run, request)
    await resolved(run, request)


@case(
    "E91",
    "Lost answer, filled order",
    needs=QUERY,
    does="buys at market; the order fills, and its answer is lost",
    events=("order filled",),
    passes="it filled once, and the client's order and position say so",
    faults=(Fault(on="place", action=Action.LOSE_ACK, nth=1),),
)
async def lost_ack_filled(run: CaseRun) -> None:
    request = run.request(Side.BUY, None)
    await sent(run, request)
    await resolved(run, request)
    await run.same_position(request.size)


async def once_or_never(run: CaseRun, request: OrderRequest) -> None:
    """The order filled once if the client answered, and at most once if it raised; it knows which."""
    answered = await sent(run, request)
    filled = run.rows.filled(request.client_order_id)
    sizes = (request.size,) if answered else (ZERO, request.size)
    run.require(filled in sizes, f"filled {filled}", f"{request.size} once")
    view = await run.client.fetch_order(client_order_id=request.client_order_id)
    run.require_equal("filled", view.filled if view else 0, filled)
    await run.same_position(filled)


@case(
    "E92",
    "Lost request",
    needs=QUERY,
    does="buys at market; the request is lost before the venue works it",
    passes="filled once if the client answered, else at most once; its order and position are the venue's",
    faults=(Fault(on="place", action=Action.LOSE_REQUEST, nth=1),),
)
async def lost_request(run: CaseRun) -> None:
    await once_or_never(run, run.request(Side.BUY, None))


@case(
    "E93",
    "Rate limit on an order",
    needs=QUERY,
    does="buys at market while the venue answers that there were too many requests",
    passes="filled once if the client answered, else at most once; its order and position are the venue's",
    faults=(Fault(on="place", action=Action.RATE_LIMIT, nth=1),),
)
async def rate_limited(run: CaseRun) -> None:
    await once_or_never(run, run.request(Side.BUY, None))


@case(
    "E94",
    "Internal error on an order",
    needs=QUERY,
    does="buys at market while the venue answers with an internal error",
    passes="filled once if the client answered, else at most once; its order and position are the venue's",
    faults=(Fault(on="place", action=Action.FAIL, nth=1),),
)
async def failed(run: CaseRun) -> None:
    await once_or_never(run, run.request(Side.BUY, None))


@case(
    "E95",
    "Session expires before an order",
    needs=QUERY,
    does="buys at market with a session that has just ended",
    events=("order filled",),
    passes="the client logs in again, and the order fills once",
    faults=(Fault(on="place", action=Action.EXPIRE_SESSION, nth=1),),
    features=(Feature.SESSIONS,),
)
async def session_ends(run: CaseRun) -> None:
    request = run.request(Side.BUY, None)
    await run.place(request)
    await run.wait_status(request.client_order_id, "filled")
    await resolved(run, request)


@case(
    "E96",
    "Lost answer to a cancel",
    needs=("create_order", "cancel_order", "fetch_order"),
    does="cancels a resting buy; the venue cancels it, and its answer is lost",
    events=("order open", "order cancelled"),
    passes="the client says cancelled when asked, whatever the cancel did",
    faults=(Fault(on="cancel", action=Action.LOSE_ACK, nth=1),),
)
async def lost_cancel(run: CaseRun) -> None:
    order = await run.place_resting(Side.BUY)
    try:
        await run.client.cancel_order(client_order_id=order.client_order_id)
    except Exception as error:
        run.observations.append(f"cancel_order {run.error_text(error)}")
    await run.wait_status(order.client_order_id, "cancelled")
    view = await run.client.fetch_order(client_order_id=order.client_order_id)
    run.require_equal("status", view.status if view else "unknown", "cancelled")


@case(
    "E97",
    "Lost request to cancel",
    needs=("create_order", "cancel_order", "fetch_order"),
    does="cancels a resting buy; the request is lost before the venue works it",
    events=("order open",),
    passes="the client's view of the order is the venue's: it does not take the cancel for done",
    faults=(Fault(on="cancel", action=Action.LOSE_REQUEST, nth=1),),
)
async def lost_cancel_request(run: CaseRun) -> None:
    order = await run.place_resting(Side.BUY)
    try:
        await run.client.cancel_order(client_order_id=order.client_order_id)
        answered = True
    except Exception as error:
        run.observations.append(f"cancel_order {run.error_text(error)}")
        answered = False
    row = run.rows.last(venue.Order, client_order_id=order.client_order_id)
    status = row.status if row else "unknown"
    run.require(not answered or status == "cancelled", f"answered, order {status}", "cancelled, or an error")
    view = await run.client.fetch_order(client_order_id=order.client_order_id)
    run.require_equal("status", view.status if view else "unknown", status, row)


@case(
    "E98",
    "Connect again with orders open",
    needs=(*QUERY, "fetch_open_orders", "cancel_order"),
    does="leaves a resting buy, disconnects, connects again, finds the order and cancels it",
    events=("order open", "order cancelled"),
    passes="the order is among the open ones after connecting again, and can be cancelled",
)
async def connect_again(run: CaseRun) -> None:
    order = await run.place_resting(Side.BUY)
    await run.client.disconnect()
    await run.client.connect()
    listed = [one.client_order_id for one in await run.open_at_client()]
    run.require_equal("open orders", listed, [order.client_order_id])
    await run.client.cancel_order(client_order_id=order.client_order_id)
    await run.wait_status(order.client_order_id, "cancelled")


@case(
    "E99",
    "Connect again with a position",
    needs=("create_order",),
    does="buys at market, disconnects, connects again and asks for the position",
    events=("order filled",),
    passes="the position is the venue's",
    features=(Feature.POSITIONS,),
)
async def connect_again_long(run: CaseRun) -> None:
    await run.place_filled(Side.BUY)
    await run.client.disconnect()
    await run.client.connect()
    await run.same_position()
