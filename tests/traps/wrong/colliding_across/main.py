"""Uses both, each in the colour of the other."""

import logging

import local
import remote
from local import AsyncScheduler as Scheduler
from remote import AsyncLogger

logger = logging.getLogger(__name__)


class Bot:
    def __init__(self):
        self.logger = logger
        self.log = AsyncLogger()
        self.cache = local.connect("x")
        self.scheduler = Scheduler()
        self.remote_scheduler = remote.AsyncScheduler()

    async def start(self):
        self.log.debug("start")  # <- DG102
        await self.scheduler.start()  # <- DG101

    async def debug(self):
        await self.logger.debug("start")  # <- DG101

    async def step(self):
        await self.cache.update({"a": 1})  # <- DG101

    async def stop(self):
        self.remote_scheduler.shutdown()  # <- DG102

    async def connect(self):
        remote.connect("x").get("a")  # <- DG102|DG103

    async def parse(self):
        return await local.parse({"a": 1})  # <- DG101


async def fault_start():
    await Bot().start()


async def fault_debug():
    await Bot().debug()


async def fault_step():
    await Bot().step()


async def fault_stop():
    await Bot().stop()


async def fault_connect():
    await Bot().connect()


async def fault_parse():
    await Bot().parse()
