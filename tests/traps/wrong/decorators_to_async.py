"""Decorators that keep the colour: the plain functions stay plain, the coroutine ones stay coroutines."""

import asyncio
import functools


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def in_thread(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        return await asyncio.to_thread(function, *args, **kwargs)

    return wrapper


def retry(times):
    def decorate(function):
        @functools.wraps(function)
        async def wrapper(*args, **kwargs):
            for _ in range(times):
                result = await asyncio.to_thread(function, *args, **kwargs)
            return result

        return wrapper

    return decorate


@logged
def fetch_ticker(symbol: str) -> dict:
    return {"symbol": symbol}


@logged
async def fetch_book(symbol: str) -> dict:
    return {"symbol": symbol}


@in_thread
def fetch_trades(symbol: str) -> list:
    return [symbol]


class Client:
    @functools.lru_cache(maxsize=None)
    def precision(self) -> int:
        return 2

    @in_thread
    def fetch_balance(self) -> dict:
        return {"USDT": 1}

    @retry(3)
    def fetch_fees(self) -> dict:
        return {}


async def fault_plain_stays_plain() -> None:
    await fetch_ticker("ETH")  # <- DG101


async def fault_coroutine_stays() -> None:
    fetch_book("ETH")  # <- DG102


async def fault_made_async_dropped() -> None:
    fetch_trades("ETH")  # <- DG102


async def fault_made_async_used() -> None:
    return fetch_trades("ETH")[0]  # <- DG103


async def fault_method() -> None:
    Client().fetch_balance()  # <- DG102


async def fault_factory() -> None:
    Client().fetch_fees()  # <- DG102


async def fault_cached() -> None:
    await Client().precision()  # <- DG101
