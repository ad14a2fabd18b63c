"""Orders that a venue does not take: the client has to say so, and nothing may come of them."""

from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

from probes.lifecycle.case import case
from probes.lifecycle.case_run import CaseRun
from probes.lifecycle.errors import SkippedError
from probes.market.dynamics import Dynamics, Kind
from probes.market.faults import Action, Fault
from probes.market.order import Reason, Side
from probes.venue import Feature

NEEDS = ("create_order", "fetch_order")
REPORTED = "nothing stands, nothing fills, and the client tells that it was refused"
DEAR = Dynamics(mid=Decimal(3_000_000))  # so that margin ends before the maximum position does
TOO_LARGE = "no order of that size may go to a real venue"


@case(
    "E50",
    "Price off the tick",
    needs=NEEDS,
    does="places a buy half a tick off the grid",
    passes=REPORTED,
)
async def off_tick(run: CaseRun) -> None:
    price = await run.passive_price(Side.BUY) + run.instrument.tick_size / 2
    await run.expect_refusal(run.request(Side.BUY, price))


@case(
    "E51",
    "Size below the minimum",
    needs=NEEDS,
    does="places a buy of half the minimum size",
    passes=REPORTED,
)
async def too_small(run: CaseRun) -> None:
    price = await run.passive_price(Side.BUY)
    await run.expect_refusal(run.request(Side.BUY, price, run.instrument.min_size / 2))


@case(
    "E52",
    "Size off the step",
    needs=NEEDS,
    does="places a buy of one and a half steps more",
    passes=REPORTED,
)
async def off_step(run: CaseRun) -> None:
    price = await run.passive_price(Side.BUY)
    size = run.small_size + run.instrument.size_step * Decimal("1.5")
    await run.expect_refusal(run.request(Side.BUY, price, size))


@case(
    "E53",
    "Size of zero",
    needs=NEEDS,
    does="places a buy of nothing",
    passes=REPORTED,
)
async def nothing(run: CaseRun) -> None:
    await run.expect_refusal(run.request(Side.BUY, await run.passive_price(Side.BUY), Decimal(0)))


@case(
    "E54",
    "Client order id in use",
    needs=NEEDS,
    does="places a resting buy, then another one with the same client order id",
    events=("order open",),
    passes="one order stands, and the client tells that the second was refused",
)
async def duplicate_id(run: CaseRun) -> None:
    first = await run.place_resting(Side.BUY)
    request = run.request(Side.BUY, await run.passive_price(Side.BUY), client_order_id=first.client_order_id)
    other = replace(request, size=2 * request.size)
    try:
        answer = await run.client.create_order(other)
        observed = "" if answer.status != "rejected" else "answered rejected"
    except Exception as error:
        observed = run.error_text(error)
    standing = await run.open_at_venue()
    run.require(len(standing) == 1, f"{len(standing)} orders standing", "one")
    run.require_report(observed)


@case(
    "E55",
    "Not enough margin",
    needs=(*NEEDS, "fetch_equity"),
    does="places a resting buy of twice what the equity carries",
    passes=REPORTED,
    dynamics=DEAR,
)
async def margin(run: CaseRun) -> None:
    price = await run.passive_price(Side.BUY)
    equity = await run.client.fetch_equity()
    needed = price * run.instrument.initial_margin_bps / 10_000
    steps = (2 * equity / needed / run.instrument.size_step).to_integral_value(ROUND_FLOOR)
    size = steps * run.instrument.size_step
    if size > run.instrument.max_position:
        raise SkippedError("the account is too rich to lack margin within the maximum position")
    await run.expect_refusal(run.request(Side.BUY, price, size))


@case(
    "E56",
    "Position limit",
    needs=NEEDS,
    does="places a resting buy larger than the largest position of the instrument",
    passes=REPORTED,
    simulated=TOO_LARGE,
    features=(Feature.POSITIONS,),
)
async def too_large(run: CaseRun) -> None:
    size = run.instrument.max_position + run.instrument.size_step
    await run.expect_refusal(run.request(Side.BUY, await run.passive_price(Side.BUY), size))


@case(
    "E57",
    "Unknown instrument",
    needs=NEEDS,
    does="places a buy of an instrument that does not exist",
    passes=REPORTED,
    simulated="the guard lets orders of the ticker through, and no others",
)
async def unknown(run: CaseRun) -> None:
    price = await run.passive_price(Side.BUY)
    name = run.name.replace(run.instrument.base, "NOSUCH")
    await run.expect_refusal(run.request(Side.BUY, price, instrument=name))


@case(
    "E58",
    "Rejected after the acknowledgement",
    needs=NEEDS,
    does="places a market buy that the venue acknowledges as pending and then rejects",
    events=("order pending", "order rejected"),
    passes="the client says rejected and nothing filled: an acknowledgement is not a fill",
    faults=(Fault(on="place", action=Action.REJECT, nth=1),),
    features=(Feature.LATE_REJECTS,),
)
async def rejected(run: CaseRun) -> None:
    await run.expect_refusal(run.request(Side.BUY, None))
    await run.same_position()


@case(
    "E59",
    "Refused by the venue",
    needs=NEEDS,
    does="places a market buy that the venue refuses for margin",
    passes="the client tells that it was refused, at once, and its position is flat",
    faults=(Fault(on="place", action=Action.REFUSE, nth=1, reason=Reason.MARGIN),),
)
async def refused(run: CaseRun) -> None:
    await run.expect_refusal(run.request(Side.BUY, None))
    await run.same_position()


@case(
    "E60",
    "Trading is halted",
    needs=NEEDS,
    does="places a market buy while trading is halted",
    passes=REPORTED,
    dynamics=Dynamics(kind=Kind.HALTED),
)
async def halted(run: CaseRun) -> None:
    await run.expect_refusal(run.request(Side.BUY, None))
