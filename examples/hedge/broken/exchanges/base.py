"""What every exchange client offers to the strategy."""

import asyncio
import functools
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, ParamSpec, TypeVar

logger = logging.getLogger(__name__)

Side = Literal["buy", "sell"]
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a client has to know; `environment` is the venue's own name for it (`testnet`, `prod`)."""

    ticker: str
    environment: str = "testnet"

    @property
    def symbol(self) -> str:
        return f"{self.ticker}_USDT_Perp"


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and offer."""

    bid: Decimal
    bid_size: Decimal
    ask: Decimal
    ask_size: Decimal

    @property
    def spread(self) -> Decimal:
        return self.ask - self.bid


def retry_query(
    attempts: int = 3, first_wait: float = 0.2, on: tuple[type[Exception], ...] = (Exception,)
) -> Callable[[Callable[P, Coroutine[Any, Any, R]]], Callable[P, Coroutine[Any, Any, R]]]:
    """Ask again when a query fails, waiting twice as long each time (seconds). Not for orders."""

    def decorate(query: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
        @functools.wraps(query)
        async def ask(*args: P.args, **kwargs: P.kwargs) -> R:
            wait = first_wait
            for attempt in range(1, attempts):
                try:
                    return await query(*args, **kwargs)
                except on as error:
                    logger.info("%s failed (attempt %d of %d): %s", query.__name__, attempt, attempts, error)
                await asyncio.sleep(wait)
                wait *= 2
            return await query(*args, **kwargs)

        return ask

    return decorate


class ExchangeClient(ABC):
    """One account on one exchange. Sizes are in the base asset, prices in the quote asset."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @abstractmethod
    async def connect(self) -> None:
        """Get ready to trade the symbol of the settings."""

    @abstractmethod
    async def disconnect(self) -> None:
        """Cancel what is open and let go of the connection."""

    @abstractmethod
    async def fetch_bbo(self, symbol: str) -> Quote:
        """Best bid and offer of this moment."""

    @abstractmethod
    async def depth_within(self, symbol: str, side: Side, limit_price: Decimal) -> Decimal:
        """How much an order of this side could take from the book without going past `limit_price`."""

    @abstractmethod
    async def fetch_position(self, symbol: str) -> Decimal:
        """Signed size of the position: positive is long."""

    @abstractmethod
    async def place_market_order(self, symbol: str, size: Decimal, side: Side) -> dict[str, Any]:
        """Take `size` at any price; the result has the keys of `place_iterative_market_order`."""

    @abstractmethod
    async def place_iterative_market_order(
        self, symbol: str, size: Decimal, side: Side, max_iterations: int = 10, tick_size: int = 10
    ) -> dict[str, Any]:
        """Fill `size` in small steps around the best price.

        Keys of the result: `success`, `total_filled`, `average_price`.
        """
