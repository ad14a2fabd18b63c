"""Coroutines handed to schedulers of libraries that are not installed."""

import aiojobs
import anyio
import discord
import nest_asyncio
import trio
import uvloop
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from async_timeout import timeout
from tqdm.asyncio import tqdm
from vendor_kit import Scheduler, background, fire

nest_asyncio.apply()


async def poll(n=0):
    return n


def blocking():
    return 1


async def with_anyio():
    async with anyio.create_task_group() as group:
        group.start_soon(poll)
        group.start_soon(poll, 1)
        await group.start(poll, 2)
    await anyio.to_thread.run_sync(blocking)
    anyio.from_thread.run(poll, 3)
    with anyio.move_on_after(1):
        await poll()
    with anyio.fail_after(1) as scope:
        await poll()
    return scope.cancel_called


async def with_trio():
    async with trio.open_nursery() as nursery:
        nursery.start_soon(poll, 1)
        send, receive = trio.open_memory_channel(0)
        async with receive:
            async for row in receive:
                await poll(row)
    await trio.to_thread.run_sync(blocking)
    with trio.CancelScope():
        await trio.sleep(1)
    return send


def run_trio():
    trio.run(poll, 1)
    anyio.run(poll, 1)
    uvloop.run(poll())
    uvloop.install()


class Bot(discord.Client):
    async def on_ready(self):
        self.loop.create_task(self.poll())
        self.bg = self.loop.create_task(self.poll())
        await self.change_presence(status="up")

    async def poll(self):
        await self.wait_until_ready()
        while not self.is_closed():
            await poll()

    async def setup_hook(self):
        self.add_view(self.poll())
        self.dispatch("poll", self.poll())


async def with_jobs():
    scheduler = aiojobs.Scheduler()
    await scheduler.spawn(poll(1))
    cron = AsyncIOScheduler()
    cron.add_job(poll, "interval", seconds=5)
    cron.add_job(lambda: poll(2), "interval", seconds=5)
    cron.start()
    cron.shutdown()


async def with_vendor():
    scheduler = Scheduler()
    scheduler.submit(poll(1))
    scheduler.submit_many([poll(2), poll(3)])
    fire(poll(4))
    background(coroutine=poll(5))
    scheduler.pending = poll(6)
    scheduler.jobs["a"] = poll(7)
    handle = scheduler.wrap(poll(8))
    return handle


async def with_timeout():
    async with timeout(5):
        await poll()
    for result in tqdm.as_completed([poll(1), poll(2)]):
        await result
    results = await tqdm.gather(poll(1), poll(2))
    return results[0]


async def unknown_object(bot, scheduler):
    bot.loop.create_task(poll())
    scheduler(poll())
    bot.jobs.append(poll())
    return bot
