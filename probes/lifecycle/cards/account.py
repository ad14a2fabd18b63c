"""What a client says of its orders, fills, position and money, against the venue's ledger."""

from decimal import Decimal

from diag.record.kinds import venue
from probes.lifecycle.card import card
from probes.lifecycle.cards.data import POSITION_QUERIES
from probes.lifecycle.trial import Trial
from probes.market.faults import Action, Fault
from probes.market.order import ZERO, Side
from probes.venue import Feature

QUERY = ("create_order", "fetch_order")


@card(
    "E70",
    "Order by either id",
    needs=QUERY,
    does="places a resting buy and asks for it by order id and by client order id",
    events=("order open",),
    passes="both answers are the same order, as the venue holds it",
)
async def by_either_id(trial: Trial) -> None:
    placed = await trial.rest(Side.BUY)
    row = trial.rows.last(venue.Order, client_order_id=placed.client_order_id)
    assert row is not None
    by_client_id = await trial.client.fetch_order(client_order_id=placed.client_order_id)
    by_id = await trial.client.fetch_order(order_id=row.order_id)
    for way, view in (("client order id", by_client_id), ("order id", by_id)):
        trial.must(view is not None, f"known by {way}", "known")
        assert view is not None
        seen = (view.order_id, view.client_order_id, view.side, view.size, view.limit_price, view.status)
        held = (
            *(row.order_id, row.client_order_id, row.side),
            *(row.size, row.limit_price, row.status),
        )
        trial.equal(f"order by {way}", seen, held, row)


@card(
    "E71",
    "Unknown order",
    needs=QUERY,
    does="asks for an order that does not exist",
    passes="the client says that there is none, or raises; it never shows another one",
)
async def unknown_order(trial: Trial) -> None:
    await trial.rest(Side.BUY)
    try:
        view = await trial.client.fetch_order(client_order_id=str(next(trial.ids)))
    except Exception as error:
        trial.must(True, trial.raised(error), "none")
        return
    trial.must(view is None, f"answered {view and view.client_order_id}", "none")


@card(
    "E72",
    "Ended orders can be asked for",
    needs=(*QUERY, "cancel_order"),
    does="asks for an order that filled and for one that was cancelled",
    events=("order filled", "order cancelled"),
    passes="the client knows how each of them ended",
)
async def ended_orders(trial: Trial) -> None:
    filled = await trial.fill(Side.BUY)
    resting = await trial.rest(Side.BUY)
    await trial.client.cancel_order(client_order_id=resting.client_order_id)
    await trial.ends(resting.client_order_id, "cancelled")
    for order, status in ((filled, "filled"), (resting, "cancelled")):
        view = await trial.client.fetch_order(client_order_id=order.client_order_id)
        trial.equal("status", view.status if view else "unknown", status)


@card(
    "E73",
    "Open orders",
    needs=(*QUERY, "fetch_open_orders"),
    does="places two resting orders and one that fills, and asks for what is open",
    events=("order open", "order open", "order filled"),
    passes="the two that stand are listed with side, size and price; the filled one is not",
)
async def open_orders(trial: Trial) -> None:
    resting = [await trial.rest(Side.BUY), await trial.rest(Side.SELL)]
    await trial.fill(Side.BUY)
    listed = {one.client_order_id: (one.side, one.size, one.limit_price) for one in await trial.listed()}
    held = {
        row.client_order_id: (row.side, row.size, row.limit_price)
        for row in trial.rows.open_orders(trial.name)
    }
    trial.must(len(held) == len(resting), f"{len(held)} open by the venue", "2")
    trial.equal("open orders", listed, held)


@card(
    "E74",
    "Fills",
    needs=("create_order", "fetch_fills"),
    does="buys and sells at market, twice each, and asks for the own fills",
    events=("fill", "fill", "fill", "fill"),
    passes="each fill of the venue is there once, with side, price, size and fee",
)
async def fills(trial: Trial) -> None:
    for side in (Side.BUY, Side.SELL, Side.BUY, Side.SELL):
        await trial.fill(side)
    listed = sorted(
        (one.client_order_id, str(one.side), one.price, one.size, one.fee)
        for one in await trial.client.fetch_fills(trial.name)
        if one.client_order_id in {ticket.client_order_id for ticket in trial.tickets}
    )
    held = sorted(
        (
            row.client_order_id,
            row.side,
            *(row.price, row.size, row.fee),
        )
        for row in trial.rows.of(venue.Fill, instrument=trial.name)
    )
    trial.equal("fills", listed, held, *trial.rows.of(venue.Fill, instrument=trial.name))


async def position_after(trial: Trial, *sides: Side) -> None:
    for side in sides:
        await trial.fill(side)
    row = trial.rows.last(venue.Fill, instrument=trial.name)
    sold = dict.fromkeys(Side, ZERO)
    for fill in trial.rows.of(venue.Fill, instrument=trial.name):
        sold[fill.side] += fill.size
    held = await trial.position()
    due = (trial.before or ZERO) + sold[Side.BUY] - sold[Side.SELL]
    trial.must(held == due, f"position {held}", f"{due}: what it was, and the fills", row)
    trial.equal("position", await trial.client.position(trial.name), held, row)


@card(
    "E75",
    "Long position",
    needs=("create_order",),
    does="buys twice at market and asks for the position",
    events=("fill", "fill"),
    passes="it grew by the sum of the fills",
    features=(Feature.POSITIONS,),
)
async def long(trial: Trial) -> None:
    await position_after(trial, Side.BUY, Side.BUY)


@card(
    "E76",
    "Short position",
    needs=("create_order",),
    does="sells at market and asks for the position",
    events=("fill",),
    passes="it shrank by the fill, below zero if it was flat",
    features=(Feature.POSITIONS,),
)
async def short(trial: Trial) -> None:
    await position_after(trial, Side.SELL)


@card(
    "E77",
    "Flat again",
    needs=("create_order",),
    does="buys and sells the same size and asks for the position",
    events=("fill", "fill"),
    passes="it is what it was",
    features=(Feature.POSITIONS,),
)
async def flat(trial: Trial) -> None:
    await position_after(trial, Side.BUY, Side.SELL)


@card(
    "E78",
    "Equity",
    needs=("create_order", "fetch_equity"),
    does="buys and sells the same size and asks for the equity before and after",
    events=("fill", "fill"),
    passes="it changed by the realized profit less the fees of these fills",
    simulated="other positions would move the equity, too",
)
async def equity(trial: Trial) -> None:
    before = await trial.client.fetch_equity()
    await trial.fill(Side.BUY)
    await trial.fill(Side.SELL)
    after = await trial.client.fetch_equity()
    rows = trial.rows.of(venue.Fill, instrument=trial.name)
    change = sum((row.realized_pnl - row.fee for row in rows), ZERO)
    near = abs(after - before - change) < Decimal("0.01")
    trial.must(near, f"equity changed by {after - before}", f"by {change}", *rows)


@card(
    "E79",
    "Failed query does not read as flat",
    needs=("create_order",),
    does="asks for an open position while the venue answers with an internal error, thrice",
    events=("fill",),
    passes="the client raises, or asks again until it has the position; never zero",
    faults=tuple(Fault(on=where, action=Action.FAIL, nth=1, times=3) for where in POSITION_QUERIES),
    features=(Feature.POSITIONS,),
)
async def position_fails(trial: Trial) -> None:
    await trial.fill(Side.BUY)
    try:
        seen = await trial.client.position(trial.name)
    except Exception as error:
        trial.must(True, trial.raised(error), "an error or the position")
        return
    trial.equal("position", seen, await trial.position())


@card(
    "E80",
    "Failed query does not read as nothing open",
    needs=("create_order", "fetch_open_orders"),
    does="asks for the open orders while the venue answers with an internal error, thrice",
    events=("order open",),
    passes="the client raises, or asks again until it has the order; never an empty list",
    faults=(Fault(on="open_orders_query", action=Action.FAIL, nth=1, times=3),),
)
async def open_orders_fail(trial: Trial) -> None:
    order = await trial.rest(Side.BUY)
    try:
        listed = [one.client_order_id for one in await trial.listed()]
    except Exception as error:
        trial.must(True, trial.raised(error), "an error or the order")
        return
    trial.equal("open orders", listed, [order.client_order_id])
