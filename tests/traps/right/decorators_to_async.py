"""Decorators that turn a plain function into one whose result is awaited."""

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor

POOL = ThreadPoolExecutor(max_workers=1)


def in_executor(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(None, functools.partial(function, *args, **kwargs))

    return wrapper


def in_thread(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        return await asyncio.to_thread(function, *args, **kwargs)

    return wrapper


def in_pool(pool):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            return asyncio.get_event_loop().run_in_executor(pool, lambda: function(*args))

        return wrapper

    return decorate


def optional_arguments(function=None, *, retries=1):
    if function is None:
        return functools.partial(optional_arguments, retries=retries)

    async def wrapper(*args, **kwargs):
        for _ in range(retries):
            result = function(*args, **kwargs)
        return result

    return wrapper


class Threaded:
    """A decorator that is a class with a coroutine __call__."""

    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.function = function

    async def __call__(self, *args, **kwargs):
        return await asyncio.to_thread(self.function, *args, **kwargs)


class Retry:
    """A decorator made by an instance."""

    def __init__(self, times):
        self.times = times

    def __call__(self, function):
        async def wrapper(*args, **kwargs):
            for _ in range(self.times):
                result = await asyncio.to_thread(function, *args, **kwargs)
            return result

        return wrapper


class Bound:
    """A decorator that is a descriptor, so it works on methods."""

    def __init__(self, function):
        self.function = function

    def __get__(self, instance, owner):
        return functools.partial(asyncio.to_thread, self.function, instance)


def stacked(function):
    return in_thread(in_same_colour(function))


def in_same_colour(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def wraps_called(function):
    async def wrapper(*args):
        return function(*args)

    return functools.wraps(function)(wrapper)


@wraps_called
def fetch_levels(symbol: str) -> list:
    return [symbol]


@in_executor
def fetch_ticker(symbol: str) -> dict:
    return {"symbol": symbol}


@in_thread
def fetch_book(symbol: str) -> dict:
    return {"symbol": symbol}


@in_pool(POOL)
def fetch_trades(symbol: str) -> list:
    return [symbol]


@optional_arguments
def sign(payload: str) -> str:
    return payload[::-1]


@optional_arguments(retries=2)
def sign_twice(payload: str) -> str:
    return payload[::-1]


@Threaded
def load_markets() -> dict:
    return {"ETH": 1}


@Retry(2)
def place(order: dict) -> dict:
    return order


@stacked
def stacked_fetch(symbol: str) -> dict:
    return {"symbol": symbol}


@in_thread
@in_same_colour
def two_layers(symbol: str) -> dict:
    return {"symbol": symbol}


def _cancel(order_id: int) -> bool:
    return bool(order_id)


cancel = in_thread(_cancel)


class Client:
    @in_executor
    def fetch_balance(self) -> dict:
        return {"USDT": 1}

    @in_thread
    def fetch_positions(self) -> list:
        return []

    @Bound
    def fetch_orders(self, symbol: str) -> list:
        return [symbol]

    @Retry(1)
    def fetch_fees(self) -> dict:
        return {}

    @staticmethod
    @in_thread
    def parse(raw: str) -> float:
        return float(raw)

    @classmethod
    @in_thread
    def build(cls) -> "Client":
        return cls()

    @property
    @in_thread
    def clock(self) -> int:
        return 1

    fetch_time = in_thread(lambda self: 0)


class Subclass(Client):
    @in_thread
    def fetch_balance(self) -> dict:
        return {"USDT": 2}


async def main() -> None:
    await fetch_ticker("ETH")
    book = await fetch_book("ETH")
    assert book["symbol"] == "ETH"
    assert await fetch_trades("ETH") == ["ETH"]
    assert await fetch_levels("ETH") == ["ETH"]
    assert await sign("ab") == "ba"
    assert await sign_twice("ab") == "ba"
    assert (await load_markets())["ETH"] == 1
    assert await place({"id": 1}) == {"id": 1}
    assert await stacked_fetch("ETH")
    assert await two_layers("ETH")
    assert await cancel(1)
    client = Client()
    assert (await client.fetch_balance())["USDT"] == 1
    assert await client.fetch_positions() == []
    assert await client.fetch_orders("ETH") == ["ETH"]
    assert await client.fetch_fees() == {}
    assert await client.parse("1.5") == 1.5
    assert isinstance(await Client.build(), Client)
    assert await client.clock == 1
    assert await client.fetch_time() == 0
    assert (await Subclass().fetch_balance())["USDT"] == 2
    await asyncio.gather(fetch_ticker("ETH"), fetch_book("ETH"), client.fetch_balance())
    POOL.shutdown()
