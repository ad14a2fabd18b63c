"""Decorators that turn a coroutine function into a plain one: nobody awaits, and that is right."""

import asyncio
import functools
import threading


def syncify(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return asyncio.run(function(*args, **kwargs))

    return wrapper


def on_own_loop(function):
    def wrapper(*args, **kwargs):
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(function(*args, **kwargs))
        finally:
            loop.close()

    return wrapper


def on_loop(get_loop):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            loop = get_loop()
            try:
                return loop.run_until_complete(function(*args, **kwargs))
            finally:
                loop.close()

        return wrapper

    return decorate


class Command:
    """A command of the command line: called without await."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *args, **kwargs):
        return asyncio.run(self.function(*args, **kwargs))


def in_background(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        thread = threading.Thread(target=lambda: asyncio.run(function(*args, **kwargs)))
        thread.start()
        return thread

    return wrapper


def scheduled(function):
    """Hands the coroutine to the running loop and keeps the task."""

    @functools.wraps(function)
    def wrapper(self, *args):
        task = asyncio.ensure_future(function(self, *args))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    return wrapper


@syncify
async def fetch_ticker(symbol: str) -> dict:
    return {"symbol": symbol}


@on_own_loop
async def fetch_book(symbol: str) -> dict:
    return {"symbol": symbol}


@on_loop(asyncio.new_event_loop)
async def fetch_trades(symbol: str) -> list:
    return [symbol]


@Command
async def show(symbol: str) -> str:
    return symbol.lower()


@in_background
async def refresh(out: list) -> None:
    out.append(1)


async def _balance() -> dict:
    return {"USDT": 1}


balance = syncify(_balance)


class Client:
    @syncify
    async def fetch_positions(self) -> list:
        return [1]

    @staticmethod
    @syncify
    async def ping() -> bool:
        return True


class Notifier:
    def __init__(self) -> None:
        self.tasks: set = set()
        self.sent: list = []

    @scheduled
    async def notify(self, text: str) -> None:
        self.sent.append(text)

    async def run(self) -> None:
        self.notify("started")
        self.notify("stopped")
        await asyncio.gather(*self.tasks)


def main() -> None:
    ticker = fetch_ticker("ETH")
    assert ticker["symbol"] == "ETH"
    assert fetch_book("ETH")["symbol"] == "ETH"
    fetch_trades("ETH")
    assert show("ETH") == "eth"
    out: list = []
    refresh(out).join()
    assert out == [1]
    if balance()["USDT"] > 0:
        assert Client().fetch_positions()[0] == 1
    Client.ping()
    Client().fetch_positions()
    notifier = Notifier()
    asyncio.run(notifier.run())
    assert notifier.sent == ["started", "stopped"]
