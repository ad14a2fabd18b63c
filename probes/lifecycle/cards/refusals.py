"""Orders that a venue does not take: the client has to say so, and nothing may come of them."""

from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

from probes.lifecycle.card import card
from probes.lifecycle.errors import SkippedError
from probes.lifecycle.trial import Trial
from probes.market.dynamics import Dynamics, Kind
from probes.market.faults import Action, Fault
from probes.market.order import Reason, Side
from probes.venue import Feature

NEEDS = ("create_order", "fetch_order")
TOLD = "nothing stands, nothing fills, and the client tells that it was refused"
DEAR = Dynamics(mid=Decimal(3_000_000))  # so that margin ends before the maximum position does
TOO_LARGE = "no order of that size may go to a real venue"


@card("E50", "Price off the tick", needs=NEEDS, does="places a buy half a tick off the grid", passes=TOLD)
async def off_tick(trial: Trial) -> None:
    price = await trial.away(Side.BUY) + trial.instrument.tick_size / 2
    await trial.refuses(trial.ticket(Side.BUY, price))


@card("E51", "Size below the minimum", needs=NEEDS, does="places a buy of half the minimum size", passes=TOLD)
async def too_small(trial: Trial) -> None:
    price = await trial.away(Side.BUY)
    await trial.refuses(trial.ticket(Side.BUY, price, trial.instrument.min_size / 2))


@card("E52", "Size off the step", needs=NEEDS, does="places a buy of one and a half steps more", passes=TOLD)
async def off_step(trial: Trial) -> None:
    price = await trial.away(Side.BUY)
    size = trial.unit + trial.instrument.size_step * Decimal("1.5")
    await trial.refuses(trial.ticket(Side.BUY, price, size))


@card("E53", "Size of zero", needs=NEEDS, does="places a buy of nothing", passes=TOLD)
async def nothing(trial: Trial) -> None:
    await trial.refuses(trial.ticket(Side.BUY, await trial.away(Side.BUY), Decimal(0)))


@card(
    "E54",
    "Client order id in use",
    needs=NEEDS,
    does="places a resting buy, then another one with the same client order id",
    events=("order open",),
    passes="one order stands, and the client tells that the second was refused",
)
async def duplicate_id(trial: Trial) -> None:
    first = await trial.rest(Side.BUY)
    ticket = trial.ticket(Side.BUY, await trial.away(Side.BUY), client_order_id=first.client_order_id)
    other = replace(ticket, size=2 * ticket.size)
    try:
        answer = await trial.client.create_order(other)
        told = "" if answer.status != "rejected" else "answered rejected"
    except Exception as error:
        told = trial.raised(error)
    standing = await trial.standing()
    trial.must(len(standing) == 1, f"{len(standing)} orders standing", "one")
    trial.must(told, told or "the client reported no error", "an error, or an order that was rejected")


@card(
    "E55",
    "Not enough margin",
    needs=(*NEEDS, "fetch_equity"),
    does="places a resting buy of twice what the equity carries",
    passes=TOLD,
    dynamics=DEAR,
)
async def margin(trial: Trial) -> None:
    price = await trial.away(Side.BUY)
    equity = await trial.client.fetch_equity()
    needed = price * trial.instrument.initial_margin_bps / 10_000
    steps = (2 * equity / needed / trial.instrument.size_step).to_integral_value(ROUND_FLOOR)
    size = steps * trial.instrument.size_step
    if size > trial.instrument.max_position:
        raise SkippedError("the account is too rich to lack margin within the maximum position")
    await trial.refuses(trial.ticket(Side.BUY, price, size))


@card(
    "E56",
    "Position limit",
    needs=NEEDS,
    does="places a resting buy larger than the largest position of the instrument",
    passes=TOLD,
    simulated=TOO_LARGE,
    features=(Feature.POSITIONS,),
)
async def too_large(trial: Trial) -> None:
    size = trial.instrument.max_position + trial.instrument.size_step
    await trial.refuses(trial.ticket(Side.BUY, await trial.away(Side.BUY), size))


@card(
    "E57",
    "Unknown instrument",
    needs=NEEDS,
    does="places a buy of an instrument that does not exist",
    passes=TOLD,
    simulated="the guard lets orders of the ticker through, and no others",
)
async def unknown(trial: Trial) -> None:
    price = await trial.away(Side.BUY)
    name = trial.name.replace(trial.instrument.base, "NOSUCH")
    await trial.refuses(trial.ticket(Side.BUY, price, instrument=name))


@card(
    "E58",
    "Rejected after the acknowledgement",
    needs=NEEDS,
    does="places a market buy that the venue acknowledges as pending and then rejects",
    events=("order pending", "order rejected"),
    passes="the client says rejected and nothing filled: an acknowledgement is not a fill",
    faults=(Fault(on="place", action=Action.REJECT, nth=1),),
    features=(Feature.LATE_REJECTS,),
)
async def rejected(trial: Trial) -> None:
    await trial.refuses(trial.ticket(Side.BUY, None))
    await trial.same_position()


@card(
    "E59",
    "Refused by the venue",
    needs=NEEDS,
    does="places a market buy that the venue refuses for margin",
    passes="the client tells that it was refused, at once, and its position is flat",
    faults=(Fault(on="place", action=Action.REFUSE, nth=1, reason=Reason.MARGIN),),
)
async def refused(trial: Trial) -> None:
    await trial.refuses(trial.ticket(Side.BUY, None))
    await trial.same_position()


@card(
    "E60",
    "Trading is halted",
    needs=NEEDS,
    does="places a market buy while trading is halted",
    passes=TOLD,
    dynamics=Dynamics(kind=Kind.HALTED),
)
async def halted(trial: Trial) -> None:
    await trial.refuses(trial.ticket(Side.BUY, None))
