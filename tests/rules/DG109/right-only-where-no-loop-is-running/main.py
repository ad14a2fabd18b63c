import asyncio


async def fetch() -> str:
    await asyncio.sleep(0)
    return "ETH"


def fetch_sync() -> str:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(fetch())
    raise RuntimeError("use fetch() in async code")


async def check() -> None:
    try:
        fetch_sync()
    except RuntimeError as error:
        print(error)
