"""Probe `iterative_order`: an order worked in small steps; `diag.conduct.iterative_order` judges it."""

from decimal import Decimal
from typing import TYPE_CHECKING

from diag.bounds import Bounds
from diag.conduct.history import histories
from probes.client import OrderPlan
from probes.market.order import Side

if TYPE_CHECKING:
    from probes.session import Session

GRACE_S = 5.0  # beyond its bound in time, after which an order is broken off


async def run(session: "Session", side: Side, size: Decimal, bounds: Bounds, *, unwind: bool) -> None:
    """Let the client work one order of this size; with `unwind`, then one that brings the position back."""
    await _work(session, side, size, bounds)
    if unwind:
        filled = histories(session.journal)[-1].filled
        if filled:
            await _work(session, side.opposite if filled > 0 else side, abs(filled), bounds)


async def _work(session: "Session", side: Side, size: Decimal, bounds: Bounds) -> None:
    plan = OrderPlan(
        instrument=session.instrument.name,
        side=side,
        size=size,
        tick_size=session.instrument.tick_size,
        max_iterations=bounds.max_iterations,
        max_slippage_bps=bounds.max_slippage_bps,
    )
    await session.work(plan, float(bounds.max_order_seconds) + GRACE_S)
