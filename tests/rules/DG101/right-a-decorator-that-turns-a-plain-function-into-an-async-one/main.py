import asyncio
import functools


def in_thread(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        return await asyncio.to_thread(function, *args, **kwargs)

    return wrapper


class Ledger:
    @in_thread
    def load(self, path: str) -> str:
        with open(path) as file:
            return file.read()

    async def refresh(self) -> str:
        return await self.load("ledger.csv")
