import asyncio
import functools


def save(path: str) -> None:
    print(path)


async def main() -> None:
    loop = asyncio.get_running_loop()
    loop.run_in_executor(None, save, "orders.csv")
    loop.call_later(1, save, "fills.csv")
    loop.call_soon(functools.partial(save, "positions.csv"))
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop)
    await asyncio.sleep(2)
