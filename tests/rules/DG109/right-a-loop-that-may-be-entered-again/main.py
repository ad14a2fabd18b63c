import asyncio

import nest_asyncio

nest_asyncio.apply()


async def fetch() -> str:
    await asyncio.sleep(0)
    return "ETH"


async def main() -> None:
    print(asyncio.get_event_loop().run_until_complete(fetch()))
