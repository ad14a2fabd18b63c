import asyncio


async def _cancel(order: str) -> str:
    await asyncio.sleep(0)
    return order


def run(coroutine):
    loop = asyncio.get_event_loop()
    return loop.run_until_complete(coroutine)


def cancel(order: str) -> str:
    return run(_cancel(order))
