import asyncio

import sync


async def stop(orders: list[str]) -> None:
    for order in orders:
        sync.cancel(order)  # <- DG109


def main() -> None:
    sync.cancel("before the loop starts")
    asyncio.run(stop(["a"]))
