import asyncio
from concurrent.futures import ThreadPoolExecutor


async def cancel(order: str) -> str:
    await asyncio.sleep(0)
    return order


def run_in_thread(order: str) -> str:
    return asyncio.run(cancel(order))


async def main(orders: list[str]) -> list[str]:
    return await asyncio.gather(*map(cancel, orders))


def threads(orders: list[str]) -> list[str]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(run_in_thread, orders))
