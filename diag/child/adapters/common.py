"""What several adapters need: plain or async calls alike, and an order worked with a library's own calls."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable
from decimal import Decimal
from typing import Any, Callable

from . import Order

_LOOKS = 50


async def settled(value: Any) -> Any:
    """The value, awaited if it is awaitable."""
    return await value if inspect.isawaitable(value) else value


async def call(function: Any, *arguments: Any) -> Any:
    """Call a library's function from the event loop: a plain one in a thread, for it may block."""
    if inspect.iscoroutinefunction(function):
        return await function(*arguments)
    return await asyncio.to_thread(function, *arguments)


class State:
    """An order as the venue tells it: what is filled, at which average price, and whether it has ended."""

    def __init__(self, filled: Any, average: Any, is_final: bool) -> None:
        self.filled = Decimal(str(filled or 0))
        self.average = Decimal(str(average or 0))
        self.is_final = is_final


async def work(
    order: Order,
    touch: Callable[[], Awaitable[tuple[Decimal, Decimal]]],
    place: Callable[[Decimal, Decimal], Awaitable[str]],
    look: Callable[[str], Awaitable[State]],
    cancel: Callable[[str], Awaitable[None]],
) -> dict[str, Any]:
    """Work `order` for a library that only knows single orders; see `probes.client.OrderPlan`.

    The first child stands one tick better than the touch, each further one a tick closer to the market
    and never beyond the allowed slippage. A child is cancelled, and its end seen, before the next goes out.
    """
    buys = order.side == "buy"
    filled = paid = Decimal(0)
    worst = None
    iteration = 0
    while filled < order.size and iteration < order.max_iterations:
        bid, ask = await touch()
        if worst is None:
            slippage = (bid + ask) / 2 * order.max_slippage_bps / 10_000
            worst = (bid + ask) / 2 + (slippage if buys else -slippage)
        step = order.tick_size * (iteration - 1)
        price = min(ask + step, worst) if buys else max(bid - step, worst)
        price = _on_tick(price, order.tick_size, buys)
        iteration += 1
        child = await place(order.size - filled, price)
        state = await look(child)
        if not state.is_final:
            await cancel(child)
            for _ in range(_LOOKS):
                state = await look(child)
                if state.is_final:
                    break
            else:
                return _claim(
                    False, filled, paid, iteration, f"order {child} did not end after it was cancelled"
                )
        filled += state.filled
        paid += state.filled * state.average
    done = filled == order.size
    return _claim(done, filled, paid, iteration, "" if done else "no more iterations")


def _on_tick(price: Decimal, tick: Decimal, buys: bool) -> Decimal:
    """The nearest price on the tick that is no worse."""
    ticks = price // tick
    if not buys and ticks * tick < price:
        ticks += 1
    return ticks * tick


def _claim(success: bool, filled: Decimal, paid: Decimal, iterations: int, reason: str) -> dict[str, Any]:
    return {
        "success": success,
        "filled": filled,
        "average_price": paid / filled if filled else None,
        "iterations": iterations,
        "reason": reason,
    }
