"""What a client says of its orders, fills, position and money, against the venue's ledger."""

from decimal import Decimal

from diag.record.kinds import venue
from probes.lifecycle.case import case
from probes.lifecycle.case_run import CaseRun
from probes.lifecycle.cases.data import POSITION_QUERIES
from probes.market.faults import Action, Fault
from probes.market.order import ZERO, Side
from probes.venue import Feature

QUERY = ("create_order", "fetch_order")


@case(
    "E70",
    "Order by either id",
    needs=QUERY,
    does="places a resting buy and asks for it by order id and by client order id",
    events=("order open",),
    passes="both answers are the same order, as the venue holds it",
)
async def by_either_id(run: CaseRun) -> None:
    placed = await run.place_resting(Side.BUY)
    row = run.rows.last(venue.Order, client_order_id=placed.client_order_id)
    assert row is not None
    by_client_id = await run.client.fetch_order(client_order_id=placed.client_order_id)
    by_id = await run.client.fetch_order(order_id=row.order_id)
    for way, view in (("client order id", by_client_id), ("order id", by_id)):
        run.require(view is not None, f"known by {way}", "known")
        assert view is not None
        seen = (view.order_id, view.client_order_id, view.side, view.size, view.limit_price, view.status)
        held = (
            *(row.order_id, row.client_order_id, row.side),
            *(row.size, row.limit_price, row.status),
        )
        run.require_equal(f"order by {way}", seen, held, row)


@case(
    "E71",
    "Unknown order",
    needs=QUERY,
    does="asks for an order that does not exist",
    passes="the client says that there is none, or raises; it never shows another one",
)
async def unknown_order(run: CaseRun) -> None:
    await run.place_resting(Side.BUY)
    try:
        view = await run.client.fetch_order(client_order_id=str(next(run.ids)))
    except Exception as error:
        run.require(True, run.error_text(error), "none")
        return
    run.require(view is None, f"answered {view and view.client_order_id}", "none")


@case(
    "E72",
    "Ended orders can be asked for",
    needs=(*QUERY, "cancel_order"),
    does="asks for an order that filled and for one that was cancelled",
    events=("order filled", "order cancelled"),
    passes="the client knows how each of them ended",
)
async def ended_orders(run: CaseRun) -> None:
    filled = await run.place_filled(Side.BUY)
    resting = await run.place_resting(Side.BUY)
    await run.client.cancel_order(client_order_id=resting.client_order_id)
    await run.wait_status(resting.client_order_id, "cancelled")
    for order, status in ((filled, "filled"), (resting, "cancelled")):
        view = await run.client.fetch_order(client_order_id=order.client_order_id)
        run.require_equal("status", view.status if view else "unknown", status)


@case(
    "E73",
    "Open orders",
    needs=(*QUERY, "fetch_open_orders"),
    does="places two resting orders and one that fills, and asks for what is open",
    events=("order open", "order open", "order filled"),
    passes="the two that stand are listed with side, size and price; the filled one is not",
)
async def open_orders(run: CaseRun) -> None:
    resting = [await run.place_resting(Side.BUY), await run.place_resting(Side.SELL)]
    await run.place_filled(Side.BUY)
    orders = await run.open_at_client()
    listed = {one.client_order_id: (one.side, one.size, one.limit_price) for one in orders}
    held = {
        row.client_order_id: (row.side, row.size, row.limit_price) for row in run.rows.open_orders(run.name)
    }
    run.require(len(held) == len(resting), f"{len(held)} open by the venue", "2")
    run.require_equal("open orders", listed, held)


@case(
    "E74",
    "Fills",
    needs=("create_order", "fetch_fills"),
    does="buys and sells at market, twice each, and asks for the own fills",
    events=("fill", "fill", "fill", "fill"),
    passes="each fill of the venue is there once, with side, price, size and fee",
)
async def fills(run: CaseRun) -> None:
    for side in (Side.BUY, Side.SELL, Side.BUY, Side.SELL):
        await run.place_filled(side)
    listed = sorted(
        (one.client_order_id, str(one.side), one.price, one.size, one.fee)
        for one in await run.client.fetch_fills(run.name)
        if one.client_order_id in {request.client_order_id for request in run.requests}
    )
    held = sorted(
        (
            row.client_order_id,
            row.side,
            *(row.price, row.size, row.fee),
        )
        for row in run.rows.of(venue.Fill, instrument=run.name)
    )
    run.require_equal("fills", listed, held, *run.rows.of(venue.Fill, instrument=run.name))


async def position_after(run: CaseRun, *sides: Side) -> None:
    for side in sides:
        await run.place_filled(side)
    row = run.rows.last(venue.Fill, instrument=run.name)
    sold = dict.fromkeys(Side, ZERO)
    for fill in run.rows.of(venue.Fill, instrument=run.name):
        sold[fill.side] += fill.size
    held = await run.position()
    due = (run.before or ZERO) + sold[Side.BUY] - sold[Side.SELL]
    run.require(held == due, f"position {held}", f"{due}: what it was, and the fills", row)
    run.require_equal("position", await run.client.position(run.name), held, row)


@case(
    "E75",
    "Long position",
    needs=("create_order",),
    does="buys twice at market and asks for the position",
    events=("fill", "fill"),
    passes="it grew by the sum of the fills",
    features=(Feature.POSITIONS,),
)
async def long(run: CaseRun) -> None:
    await position_after(run, Side.BUY, Side.BUY)


@case(
    "E76",
    "Short position",
    needs=("create_order",),
    does="sells at market and asks for the position",
    events=("fill",),
    passes="it shrank by the fill, below zero if it was flat",
    features=(Feature.POSITIONS,),
)
async def short(run: CaseRun) -> None:
    await position_after(run, Side.SELL)


@case(
    "E77",
    "Flat again",
    needs=("create_order",),
    does="buys and sells the same size and asks for the position",
    events=("fill", "fill"),
    passes="it is what it was",
    features=(Feature.POSITIONS,),
)
async def flat(run: CaseRun) -> None:
    await position_after(run, Side.BUY, Side.SELL)


@case(
    "E78",
    "Equity",
    needs=("create_order", "fetch_equity"),
    does="buys and sells the same size and asks for the equity before and after",
    events=("fill", "fill"),
    passes="it changed by the realized profit less the fees of these fills",
    simulated="other positions would move the equity, too",
)
async def equity(run: CaseRun) -> None:
    before = await run.client.fetch_equity()
    await run.place_filled(Side.BUY)
    await run.place_filled(Side.SELL)
    after = await run.client.fetch_equity()
    rows = run.rows.of(venue.Fill, instrument=run.name)
    change = sum((row.realized_pnl - row.fee for row in rows), ZERO)
    near = abs(after - before - change) < Decimal("0.01")
    run.require(near, f"equity changed by {after - before}", f"by {change}", *rows)


@case(
    "E79",
    "Failed query does not read as flat",
    needs=("create_order",),
    does="asks for an open position while the venue answers with an internal error, thrice",
    events=("fill",),
    passes="the client raises, or asks again until it has the position; never zero",
    faults=tuple(Fault(on=where, action=Action.FAIL, nth=1, times=3) for where in POSITION_QUERIES),
    features=(Feature.POSITIONS,),
)
async def position_fails(run: CaseRun) -> None:
    await run.place_filled(Side.BUY)
    try:
        seen = await run.client.position(run.name)
    except Exception as error:
        run.require(True, run.error_text(error), "an error or the position")
        return
    run.require_equal("position", seen, await run.position())


@case(
    "E80",
    "Failed query does not read as nothing open",
    needs=("create_order", "fetch_open_orders"),
    does="asks for the open orders while the venue answers with an internal error, thrice",
    events=("order open",),
    passes="the client raises, or asks again until it has the order; never an empty list",
    faults=(Fault(on="open_orders_query", action=Action.FAIL, nth=1, times=3),),
)
async def open_orders_fail(run: CaseRun) -> None:
    order = await run.place_resting(Side.BUY)
    try:
        listed = [one.client_order_id for one in await run.open_at_client()]
    except Exception as error:
        run.require(True, run.error_text(error), "an error or the order")
        return
    run.require_equal("open orders", listed, [order.client_order_id])
