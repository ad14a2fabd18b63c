import asyncio
import functools
import logging


def query_retry(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        try:
            return await function(*args, **kwargs)
        except ConnectionError:
            logging.exception("retrying")
            return await function(*args, **kwargs)

    return wrapper


class Client:
    async def start(self) -> None:
        await asyncio.sleep(0)

    @query_retry
    async def set_leverage(self, leverage: int) -> None:
        await asyncio.sleep(0)


class GridBot(Client):
    async def start(self) -> None:
        await super().start()
        if not self.ready(): await self.set_leverage(5)

    def ready(self) -> bool:
        return False
