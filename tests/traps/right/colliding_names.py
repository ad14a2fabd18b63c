"""Methods of plain objects whose names are those of coroutine methods elsewhere in the module."""

import asyncio
import io
import logging
import queue
import threading

logger = logging.getLogger(__name__)


class RemoteLog:
    async def debug(self, message, *args):
        await asyncio.sleep(0)

    async def info(self, message, *args):
        await asyncio.sleep(0)

    async def error(self, message, *args):
        await asyncio.sleep(0)


class Store:
    """An asynchronous key-value store; the names are those of dict, list, set, queue and file."""

    async def get(self, key, default=None):
        return default

    async def update(self, values):
        return None

    async def pop(self, key, default=None):
        return default

    async def append(self, value):
        return None

    async def add(self, value):
        return None

    async def put(self, value):
        return None

    async def set(self):
        return None

    async def clear(self):
        return None

    async def close(self):
        return None

    async def write(self, data):
        return None

    async def join(self):
        return None

    async def start(self):
        return None


class Scheduler:
    """A plain scheduler."""

    def __init__(self):
        self.jobs = []

    def add_job(self, job):
        self.jobs.append(job)

    def start(self):
        return len(self.jobs)

    def shutdown(self, wait=True):
        self.jobs.clear()


class Service:
    async def shutdown(self, wait=True):
        await asyncio.sleep(0)

    async def add_job(self, job):
        await asyncio.sleep(0)


class Bot:
    def __init__(self):
        self.logger = logging.getLogger("bot")
        self.remote_log = RemoteLog()
        self.store = Store()
        self.cache = {}
        self.levels = []
        self.seen = set()
        self.inbox = queue.Queue()
        self.stop = threading.Event()
        self.scheduler = Scheduler()
        self.service = Service()
        self.sink = io.StringIO()
        self.thread = threading.Thread(target=self.stop.wait, daemon=True)

    async def log_both(self):
        self.logger.debug("plain")
        logger.info("plain")
        logging.error("plain") if self.levels else None
        await self.remote_log.debug("remote")
        await self.remote_log.info("remote")

    async def containers(self):
        self.cache.update({"bid": 1})
        bid = self.cache.get("bid")
        self.cache.pop("bid")
        self.levels.append(bid)
        self.seen.add(bid)
        self.seen.pop()
        self.levels.clear()
        await self.store.update({"bid": 1})
        ask = await self.store.get("ask")
        await self.store.append(ask)
        await self.store.add(ask)
        await self.store.pop("ask")
        return self.cache.get("ask", ask) or 0 + (bid or 0)

    async def threads(self):
        self.inbox.put(1)
        if self.inbox.get_nowait() > 0:
            self.stop.set()
        self.thread.start()
        self.stop.clear()
        await self.store.put(1)
        await self.store.set()
        await self.store.start()
        await self.store.join()

    async def files(self):
        self.sink.write("row")
        self.sink.close()
        await self.store.write("row")
        await self.store.close()

    async def jobs(self):
        self.scheduler.add_job(self.log_both)
        self.scheduler.start()
        self.scheduler.shutdown(wait=False)
        await self.service.add_job(self.log_both)
        await self.service.shutdown(wait=False)


async def same_local_name():
    store = {}
    store.update(bid=1)
    store.pop("bid")
    store = Store()
    await store.update({"bid": 1})
    await store.pop("bid")


async def parameters(cache: dict, out: list):
    cache.update(bid=1)
    out.append(cache.get("bid"))
    cache.clear()


def read(cache):
    return cache.get("bid")


async def main():
    bot = Bot()
    await bot.log_both()
    await bot.containers()
    await bot.threads()
    await bot.files()
    await bot.jobs()
    await same_local_name()
    await parameters({}, [])
    assert read({"bid": 1}) == 1
