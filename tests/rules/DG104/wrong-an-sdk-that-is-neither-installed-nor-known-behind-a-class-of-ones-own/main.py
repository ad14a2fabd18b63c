import asyncio

from venue import Venue

asyncio.run(Venue("key").start())
