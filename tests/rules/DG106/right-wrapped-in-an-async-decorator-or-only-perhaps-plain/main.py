import asyncio
import functools


def in_thread(function):
    @functools.wraps(function)
    async def wrapper(*args):
        return await asyncio.to_thread(function, *args)

    return wrapper


@in_thread
def load(path: str) -> str:
    return path


class Bot:
    def __init__(self, feed=None) -> None:
        self.feed = feed

    def start(self):
        if self.feed is None:
            return asyncio.sleep(0)
        return self.feed.start()

    async def run(self) -> None:
        await asyncio.gather(load("a"), self.start())
        await asyncio.wait_for(self.start(), 1)
