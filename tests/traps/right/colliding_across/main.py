"""Uses both, in one module, some under the same local name."""

import logging

import local
import remote
from local import AsyncScheduler as Scheduler
from remote import AsyncLogger

logger = logging.getLogger(__name__)
cache = local.Cache()


class Bot:
    def __init__(self):
        self.logger = logger
        self.log = AsyncLogger()
        self.cache = cache
        self.remote_cache = None
        self.scheduler = Scheduler()
        self.remote_scheduler = remote.AsyncScheduler()

    async def start(self):
        self.logger.debug("start")
        await self.log.debug("start")
        self.remote_cache = await remote.connect("x")
        self.cache = local.connect("x")
        self.scheduler.start()
        await self.remote_scheduler.start()

    async def step(self):
        self.cache.update({"a": 1})
        value = self.cache.get("a")
        await self.remote_cache.update({"a": value})
        self.cache.pop("a")
        await self.remote_cache.pop("a")
        self.scheduler.submit(value)
        await self.remote_scheduler.submit(value)
        return local.parse(value) + await remote.parse(value)

    async def stop(self):
        self.scheduler.shutdown()
        await self.remote_scheduler.shutdown()
        self.cache.close()
        await self.remote_cache.close()
        logger.info("stopped")


async def one_name():
    from local import connect

    store = connect("x")
    store.update({"a": 1})
    from remote import connect

    store = await connect("x")
    await store.update({"a": 1})


async def main():
    bot = Bot()
    await bot.start()
    assert await bot.step() == 2
    await bot.stop()
    await one_name()
