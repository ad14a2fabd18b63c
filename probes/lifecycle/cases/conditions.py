"""Conditions of orders (post-only, reduce-only), and orders that fill in parts."""

from decimal import Decimal

from diag.record.kinds import venue
from probes.client import OrderRequest
from probes.lifecycle.case import case
from probes.lifecycle.case_run import CaseRun
from probes.lifecycle.cases.orders import QUERY, RESTS, TAKES, agrees
from probes.lifecycle.errors import FailedError, SkippedError
from probes.market.dynamics import Dynamics
from probes.market.order import Side
from probes.venue import Feature

BITES = Dynamics(taker_every=1, taker_size=Decimal("0.1"))


@case(
    "E21",
    "Post-only rests",
    needs=QUERY,
    does="places a post-only buy two percent below the bid",
    events=RESTS,
    passes="it stands, and the client says that it is open",
    features=(Feature.POST_ONLY,),
)
async def post_only_rests(run: CaseRun) -> None:
    request = run.request(Side.BUY, await run.passive_price(Side.BUY), post_only=True)
    await run.place(request)
    await run.wait_open(request.client_order_id)
    row = run.rows.last(venue.Order, client_order_id=request.client_order_id)
    assert row is not None
    run.require(row.post_only, f"post-only: {row.post_only}", "sent as post-only", row)
    await agrees(run, request)


@case(
    "E22",
    "Post-only that would take",
    needs=QUERY,
    does="places a post-only buy half a percent above the ask",
    passes="nothing fills, nothing stands, and the client tells that it was refused",
    features=(Feature.POST_ONLY,),
)
async def post_only_crosses(run: CaseRun) -> None:
    await run.expect_refusal(run.request(Side.BUY, await run.marketable_price(Side.BUY), post_only=True))


@case(
    "E23",
    "Reduce-only without a position",
    needs=QUERY,
    does="sells reduce-only at market while flat",
    passes="nothing fills, no position opens, and the client tells that it was refused",
    features=(Feature.POSITIONS, Feature.REDUCE_ONLY),
)
async def reduce_only_flat(run: CaseRun) -> None:
    if await run.position():
        raise SkippedError("there is a position already")
    await run.expect_refusal(run.request(Side.SELL, None, reduce_only=True))
    run.require(not await run.position(), "flat by the venue", "flat")


@case(
    "E24",
    "Reduce-only does not turn a position",
    needs=QUERY,
    does="buys the smallest size, then sells thrice as much reduce-only",
    events=(*TAKES, "order pending"),
    passes="the position is not short, and the client's position is the venue's",
    features=(Feature.POSITIONS, Feature.REDUCE_ONLY),
)
async def reduce_only_stops(run: CaseRun) -> None:
    await run.place_filled(Side.BUY)
    request = run.request(Side.SELL, None, 3 * run.small_size, reduce_only=True)
    try:
        await run.place(request)
        await run.wait_status(request.client_order_id, "cancelled", "filled", "rejected")
    except FailedError:
        raise
    except Exception as error:
        run.observations.append(run.error_text(error))
    position = await run.position()
    run.require(0 <= position <= run.small_size, f"position {position}", f"0 to {run.small_size}")
    run.require_equal("position", await run.client.position(run.name), position)


async def bitten(run: CaseRun) -> OrderRequest:
    """An order inside the spread that has filled in part and still stands."""
    touch = await run.quote()
    assert touch.bid_price is not None
    request = run.request(Side.BUY, touch.bid_price + run.instrument.tick_size, Decimal(1))
    await run.place(request)
    for _ in range(100):
        filled = run.rows.filled(request.client_order_id)
        if 0 < filled < request.size:
            return request
        await run.quote()
    raise SkippedError("nobody traded with the order")


@case(
    "E25",
    "Partial fill is open",
    needs=QUERY,
    does="rests inside the spread while others take small bites of it",
    events=("order open", "fill"),
    passes="the client says open, and a filled size that the venue had reached",
    dynamics=BITES,
)
async def partial_fill(run: CaseRun) -> None:
    request = await bitten(run)
    view = await run.client.fetch_order(client_order_id=request.client_order_id)
    assert view is not None
    rows = run.rows.of(venue.Order, client_order_id=request.client_order_id)
    reached = {row.filled for row in rows}
    run.require(
        view.filled in reached and view.filled > 0, f"filled {view.filled}", f"one of {len(reached)} sizes"
    )
    run.require_equal("status", view.status, "open")


@case(
    "E26",
    "Partial fills add up",
    needs=(*QUERY, "fetch_fills"),
    does="rests inside the spread until small bites have filled it",
    events=("order open", "fill", "fill", "order filled"),
    passes="filled size, average price and position of the client are the sum of the fills of the venue",
    dynamics=BITES,
)
async def partial_fills(run: CaseRun) -> None:
    request = await bitten(run)
    for _ in range(400):
        if run.rows.filled(request.client_order_id) == request.size:
            break
        await run.quote()
    await run.wait_status(request.client_order_id, "filled")
    await agrees(run, request)
    await run.same_position(request.size)
    fills = await run.client.fetch_fills(run.name)
    own = [one.size for one in fills if one.client_order_id == request.client_order_id]
    run.require_equal("sum of fills", sum(own, Decimal(0)), request.size)
