import asyncio
import functools


HANDLERS = {}


def on(event: str):
    def register(function):
        HANDLERS[event] = function
        return function

    return register


def retry(function):
    @functools.wraps(function)
    async def wrapper(*args):
        try:
            return await function(*args)
        except ConnectionError:
            return await function(*args)

    return wrapper


@on("fill")
@retry
async def on_fill(fill: dict) -> None:
    print(fill)


@on("tick")
def on_tick(fill: dict) -> None:
    print(fill)


async def dispatch(event: str, fill: dict) -> None:
    result = HANDLERS[event](fill)
    if asyncio.isfuture(result) or asyncio.iscoroutine(result):
        await result
