"""The wrapper that ran the coroutine is gone, or its result is awaited though it is plain."""

import asyncio
import functools


def syncify(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return asyncio.run(function(*args, **kwargs))

    return wrapper


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@logged
async def fetch_ticker(symbol: str) -> dict:
    return {"symbol": symbol}


async def _balance() -> dict:
    return {"USDT": 1}


balance = logged(_balance)


class Client:
    @logged
    async def fetch_positions(self) -> list:
        return [1]

    @staticmethod
    @logged
    async def ping() -> bool:
        return True


def fault_subscript() -> None:
    assert fetch_ticker("ETH")["symbol"] == "ETH"  # <- DG103


def fault_assigned() -> None:
    balance()["USDT"]  # <- DG103


def fault_method() -> None:
    Client().fetch_positions()  # <- DG102


def fault_static() -> None:
    Client.ping()  # <- DG102
