"""Coroutines made beside the schedulers of libraries that are not installed."""

import anyio
import discord
from vendor_kit import Scheduler


async def poll(n=0):
    return n


def blocking():
    return 1


async def with_anyio():
    async with anyio.create_task_group() as group:
        group.start_soon(poll)
        poll(1)  # <- DG102
    await blocking()  # <- DG101


class Bot(discord.Client):
    async def on_ready(self):
        self.poll_once()  # <- DG102

    async def poll_once(self):
        return None


async def with_vendor():
    scheduler = Scheduler()
    scheduler.submit(poll(1))
    return poll(2) + 1  # <- DG103
