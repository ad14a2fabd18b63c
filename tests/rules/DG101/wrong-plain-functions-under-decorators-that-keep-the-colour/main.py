import asyncio

import tenacity
from loguru import logger


def retried(attempts: int):
    return tenacity.retry(stop=tenacity.stop_after_attempt(attempts), reraise=True)


class Client:
    @tenacity.retry(stop=tenacity.stop_after_attempt(1), reraise=True)
    def bbo(self) -> dict:
        return {"bid": 1}

    @retried(3)
    def tick(self) -> int:
        return 1

    @retried(3)
    async def depth(self) -> dict:
        await asyncio.sleep(0)
        return {"bids": []}

    @tenacity.retry
    async def book(self) -> dict:
        await asyncio.sleep(0)
        return {"bid": 1}


@logger.catch
async def fetch() -> dict:
    await asyncio.sleep(0)
    return {}


@logger.catch(reraise=True)
def spread() -> int:
    return 1


async def main() -> None:
    client = Client()
    print(await client.bbo())  # <- DG101
    print(await client.tick())  # <- DG101
    print(await client.depth())
    print(await client.book())
    print(await fetch())
    print(await spread())  # <- DG101
