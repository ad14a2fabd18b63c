"""Conditions of orders (post-only, reduce-only), and orders that fill in parts."""

from decimal import Decimal

from diag.record.kinds import venue
from probes.client import OrderRequest
from probes.lifecycle.card import card
from probes.lifecycle.cards.orders import QUERY, RESTS, TAKES, agrees
from probes.lifecycle.errors import FailedError, SkippedError
from probes.lifecycle.trial import Trial
from probes.market.dynamics import Dynamics
from probes.market.order import Side
from probes.venue import Feature

BITES = Dynamics(taker_every=1, taker_size=Decimal("0.1"))


@card(
    "E21",
    "Post-only rests",
    needs=QUERY,
    does="places a post-only buy two percent below the bid",
    events=RESTS,
    passes="it stands, and the client says that it is open",
    features=(Feature.POST_ONLY,),
)
async def post_only_rests(trial: Trial) -> None:
    ticket = trial.ticket(Side.BUY, await trial.away(Side.BUY), post_only=True)
    await trial.place(ticket)
    await trial.stands(ticket.client_order_id)
    row = trial.rows.last(venue.Order, client_order_id=ticket.client_order_id)
    assert row is not None
    trial.must(row.post_only, f"post-only: {row.post_only}", "sent as post-only", row)
    await agrees(trial, ticket)


@card(
    "E22",
    "Post-only that would take",
    needs=QUERY,
    does="places a post-only buy half a percent above the ask",
    passes="nothing fills, nothing stands, and the client tells that it was refused",
    features=(Feature.POST_ONLY,),
)
async def post_only_crosses(trial: Trial) -> None:
    await trial.refuses(trial.ticket(Side.BUY, await trial.through(Side.BUY), post_only=True))


@card(
    "E23",
    "Reduce-only without a position",
    needs=QUERY,
    does="sells reduce-only at market while flat",
    passes="nothing fills, no position opens, and the client tells that it was refused",
    features=(Feature.POSITIONS, Feature.REDUCE_ONLY),
)
async def reduce_only_flat(trial: Trial) -> None:
    if await trial.position():
        raise SkippedError("there is a position already")
    await trial.refuses(trial.ticket(Side.SELL, None, reduce_only=True))
    trial.must(not await trial.position(), "flat by the venue", "flat")


@card(
    "E24",
    "Reduce-only does not turn a position",
    needs=QUERY,
    does="buys the smallest size, then sells thrice as much reduce-only",
    events=(*TAKES, "order pending"),
    passes="the position is not short, and the client's position is the venue's",
    features=(Feature.POSITIONS, Feature.REDUCE_ONLY),
)
async def reduce_only_stops(trial: Trial) -> None:
    await trial.fill(Side.BUY)
    ticket = trial.ticket(Side.SELL, None, 3 * trial.unit, reduce_only=True)
    try:
        await trial.place(ticket)
        await trial.ends(ticket.client_order_id, "cancelled", "filled", "rejected")
    except FailedError:
        raise
    except Exception as error:
        trial.seen.append(trial.raised(error))
    position = await trial.position()
    trial.must(0 <= position <= trial.unit, f"position {position}", f"0 to {trial.unit}")
    trial.equal("position", await trial.client.position(trial.name), position)


async def bitten(trial: Trial) -> OrderRequest:
    """An order inside the spread that has filled in part and still stands."""
    touch = await trial.quote()
    assert touch.bid_price is not None
    ticket = trial.ticket(Side.BUY, touch.bid_price + trial.instrument.tick_size, Decimal(1))
    await trial.place(ticket)
    for _ in range(100):
        filled = trial.rows.filled(ticket.client_order_id)
        if 0 < filled < ticket.size:
            return ticket
        await trial.quote()
    raise SkippedError("nobody traded with the order")


@card(
    "E25",
    "Partial fill is open",
    needs=QUERY,
    does="rests inside the spread while others take small bites of it",
    events=("order open", "fill"),
    passes="the client says open, and a filled size that the venue had reached",
    dynamics=BITES,
)
async def partial_fill(trial: Trial) -> None:
    ticket = await bitten(trial)
    view = await trial.client.fetch_order(client_order_id=ticket.client_order_id)
    assert view is not None
    rows = trial.rows.of(venue.Order, client_order_id=ticket.client_order_id)
    reached = {row.filled for row in rows}
    trial.must(
        view.filled in reached and view.filled > 0, f"filled {view.filled}", f"one of {len(reached)} sizes"
    )
    trial.equal("status", view.status, "open")


@card(
    "E26",
    "Partial fills add up",
    needs=(*QUERY, "fetch_fills"),
    does="rests inside the spread until small bites have filled it",
    events=("order open", "fill", "fill", "order filled"),
    passes="filled size, average price and position of the client are the sum of the fills of the venue",
    dynamics=BITES,
)
async def partial_fills(trial: Trial) -> None:
    ticket = await bitten(trial)
    for _ in range(400):
        if trial.rows.filled(ticket.client_order_id) == ticket.size:
            break
        await trial.quote()
    await trial.ends(ticket.client_order_id, "filled")
    await agrees(trial, ticket)
    await trial.same_position(ticket.size)
    fills = await trial.client.fetch_fills(trial.name)
    own = [one.size for one in fills if one.client_order_id == ticket.client_order_id]
    trial.equal("sum of fills", sum(own, Decimal(0)), ticket.size)
