"""The asynchronous and the plain objects exchanged."""

import asyncio
import logging


class RemoteLog:
    async def debug(self, message, *args):
        await asyncio.sleep(0)


class Store:
    async def get(self, key, default=None):
        return default

    async def update(self, values):
        return None

    async def close(self):
        return None


class Scheduler:
    def __init__(self):
        self.jobs = []

    def shutdown(self, wait=True):
        self.jobs.clear()


class Bot:
    def __init__(self):
        self.logger = logging.getLogger("bot")
        self.remote_log = RemoteLog()
        self.store = Store()
        self.cache = {}
        self.levels = []
        self.scheduler = Scheduler()

    async def log_both(self):
        self.remote_log.debug("remote")  # <- DG102
        self.logger.debug("plain")

    async def await_log(self):
        await self.logger.debug("plain")  # <- DG101

    async def containers(self):
        self.cache.update({"bid": 1})
        self.store.update({"bid": 1})  # <- DG102
        if self.store.get("bid") > 0:  # <- DG103
            self.levels.append(1)

    async def await_dict(self):
        await self.cache.update({"bid": 1})  # <- DG101

    async def await_list(self):
        await self.levels.append(1)  # <- DG101

    async def jobs(self):
        await self.scheduler.shutdown(wait=False)  # <- DG101


async def same_local_name():
    store = {}
    store.update(bid=1)
    store = Store()
    store.update({"bid": 1})  # <- DG102
    store.close()  # <- DG102


async def fault_log():
    await Bot().log_both()


async def fault_await_log():
    await Bot().await_log()


async def fault_containers():
    await Bot().containers()


async def fault_await_dict():
    await Bot().await_dict()


async def fault_await_list():
    await Bot().await_list()


async def fault_jobs():
    await Bot().jobs()


async def fault_local():
    await same_local_name()
