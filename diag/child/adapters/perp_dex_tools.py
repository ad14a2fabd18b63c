"""Clients shaped as perp-dex-tools' `BaseExchangeClient`: a config object, credentials in the environment."""

from __future__ import annotations

from typing import Any

from . import Order
from .common import settled

_BBO = ("fetch_bbo_prices", "fetch_bbo")
_WORK = ("place_iterative_market_order", "place_market_order")
_POSITION = ("get_account_positions", "get_position")


class Config(dict):  # type: ignore[type-arg]
    """A dict whose keys are attributes too: clients read it either way."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


def construct(kind: Any, order: Order) -> Any:
    return kind(
        Config(
            ticker=order.ticker,
            contract_id=order.instrument,
            quantity=order.size,
            tick_size=order.tick_size,
            direction=order.side,
            close_order_side="sell" if order.side == "buy" else "buy",
        )
    )


async def connect(client: Any, order: Order) -> None:
    if hasattr(client, "get_contract_attributes"):
        contract, _ = await settled(client.get_contract_attributes())
        order.client_instrument = contract
    if hasattr(client, "connect"):
        await settled(client.connect())


async def fetch_bbo(client: Any, order: Order) -> Any:
    return await settled(_method(client, _BBO)(order.client_instrument))


async def work_order(client: Any, order: Order) -> Any:
    return await settled(_method(client, _WORK)(order.client_instrument, order.size, order.side))


async def position(client: Any, order: Order) -> Any:
    return await settled(_method(client, _POSITION)())


async def disconnect(client: Any, order: Order) -> None:
    if hasattr(client, "disconnect"):
        await settled(client.disconnect())


def _method(client: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        if hasattr(client, name):
            return getattr(client, name)
    raise AttributeError(
        f"{type(client).__name__} has none of {', '.join(names)}: name one in an --adapter file"
    )
