import asyncio
import functools
import inspect


@functools.lru_cache
async def once(symbol: str) -> float:
    await asyncio.sleep(0)
    return 0.01


@functools.lru_cache
def shared(symbol: str) -> asyncio.Future:
    return asyncio.ensure_future(once(symbol))


@functools.cache
async def fresh() -> int:
    await asyncio.sleep(0)
    return 1


def command(function):
    @functools.wraps(function)
    def run(*args: object) -> object:
        return asyncio.run(function(*args))

    return run


@command
async def trade() -> None:
    print(await once("ETH"))
    print(await shared("BTC"), await shared("BTC"))
    print(await fresh())
    fresh.cache_clear()
    print(await fresh())


class Bus:
    def __init__(self) -> None:
        self.handlers: list = []

    def on(self, handler):
        self.handlers.append(handler)
        return handler

    async def emit(self, message: dict) -> None:
        for handler in self.handlers:
            result = handler(message)
            if inspect.isawaitable(result):
                await result


bus = Bus()


@bus.on
async def on_fill(message: dict) -> None:
    await asyncio.sleep(0)


@bus.on
def on_tick(message: dict) -> None:
    print(message)
