"""Asynchronous objects whose method names are those of everyday ones."""

import asyncio


class AsyncLogger:
    async def debug(self, text):
        await asyncio.sleep(0)

    async def info(self, text):
        await asyncio.sleep(0)


class AsyncCache:
    async def get(self, key):
        return None

    async def update(self, values):
        return None

    async def pop(self, key):
        return None

    async def close(self):
        return None


class AsyncScheduler:
    async def start(self):
        return None

    async def shutdown(self):
        return None

    async def submit(self, job):
        return job


async def connect(url):
    return AsyncCache()


async def parse(row):
    return row
