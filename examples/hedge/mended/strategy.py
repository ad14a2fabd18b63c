"""Hedge a holding that is kept elsewhere: sell the perpetual, hold, buy it back."""

import asyncio
import logging
from datetime import UTC, date, datetime
from decimal import Decimal

from exchanges.base import ExchangeClient, OrderError, Side

logger = logging.getLogger(__name__)


class SafetyError(RuntimeError):
    """A limit would be broken: no further order may be placed."""


class HedgeBot:
    """Opens and closes a short of `size` on one exchange, `iterations` times."""

    MAX_POSITION = Decimal("5")  # base asset
    MAX_DAILY_LOSS = Decimal("5")  # quote asset

    def __init__(
        self, client: ExchangeClient, symbol: str, size: Decimal, iterations: int, hold_seconds: float = 5.0
    ) -> None:
        self.client = client
        self.symbol = symbol
        self.size = size
        self.iterations = iterations
        self.hold_seconds = hold_seconds
        self.position = Decimal(0)
        self.daily_pnl = Decimal(0)
        self.day: date = datetime.now(UTC).date()

    async def run(self) -> None:
        """All iterations; whatever happens, nothing is left open."""
        await self.client.connect()
        try:
            for number in range(1, self.iterations + 1):
                logger.info("[CYCLE] %d of %d", number, self.iterations)
                await self.check_limits()
                opened = await self.trade("sell", self.size)
                await asyncio.sleep(self.hold_seconds)
                closed = await self.trade("buy", self.size)
                self.daily_pnl += opened + closed
        finally:
            try:
                await self.unwind()
            finally:
                await self.client.disconnect()

    async def check_limits(self) -> None:
        """Raise SafetyError if one more order of `size` is not allowed."""
        today = datetime.now(UTC).date()
        if today != self.day:
            self.day, self.daily_pnl = today, Decimal(0)
        held = await self.client.fetch_position(self.symbol)
        projected = abs(held) + self.size
        if projected > self.MAX_POSITION:
            raise SafetyError(f"[SAFETY] {projected} would exceed MAX_POSITION {self.MAX_POSITION}")
        if self.daily_pnl < -self.MAX_DAILY_LOSS:
            raise SafetyError(f"[SAFETY] loss {-self.daily_pnl} exceeds MAX_DAILY_LOSS {self.MAX_DAILY_LOSS}")
        logger.info("[SAFETY] Pre-trade checks passed: position %s, daily PnL %s", held, self.daily_pnl)

    async def trade(self, side: Side, size: Decimal) -> Decimal:
        """Fill `size` in steps. What it brought in: positive for a sale, negative for a purchase.

        Raises OrderError when it could not be filled or nobody knows; `run` then unwinds.
        """
        fill = await self.client.place_iterative_market_order(self.symbol, size, side, max_iterations=10)
        direction = 1 if side == "sell" else -1
        self.position -= direction * fill.size
        logger.info("[ORDER] %s %s at %s, position %s", side, fill.size, fill.average_price, self.position)
        if not fill.complete:
            raise OrderError(f"only {fill.size} of {size} filled: no further order in this state")
        return direction * fill.cost

    async def unwind(self) -> None:
        """Close whatever the exchange says is still open, at any price."""
        held = await self.client.fetch_position(self.symbol)
        if held:
            logger.warning("[UNWIND] closing %s", held)
            await self.client.place_market_order(self.symbol, abs(held), "sell" if held > 0 else "buy")
