"""Tasks that somebody keeps."""

import asyncio

BACKGROUND = set()
REGISTRY = {}


async def work(n):
    await asyncio.sleep(0)
    return n


class Bot:
    def __init__(self):
        self.tasks = set()
        self.by_name = {}
        self.current = None

    def start(self):
        self.current = asyncio.create_task(work(1))

    def start_many(self):
        for n in range(2):
            task = asyncio.create_task(work(n))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def start_named(self, name):
        self.by_name[name] = asyncio.create_task(work(2))

    def start_in_place(self):
        self.tasks.add(asyncio.create_task(work(3)))
        self.tasks |= {asyncio.create_task(work(4))}

    def start_and_return(self):
        return asyncio.create_task(work(5))

    def start_by_setdefault(self, name):
        return self.by_name.setdefault(name, asyncio.ensure_future(work(6)))

    async def stop(self):
        pending = [*self.tasks, *self.by_name.values()]
        if self.current is not None:
            pending.append(self.current)
        await asyncio.gather(*pending)


async def awaited():
    await asyncio.create_task(work(1))
    await asyncio.gather(asyncio.create_task(work(2)), asyncio.ensure_future(work(3)))
    assert (await asyncio.create_task(work(4))) == 4


async def kept_here():
    task = asyncio.create_task(work(1))
    await asyncio.sleep(0)
    return await task


async def kept_in_module():
    task = asyncio.create_task(work(1))
    BACKGROUND.add(task)
    task.add_done_callback(BACKGROUND.discard)
    REGISTRY["work"] = asyncio.create_task(work(2))
    await REGISTRY["work"]


async def returned():
    return asyncio.create_task(work(1))


async def conditional(flag):
    task = asyncio.create_task(work(1)) if flag else None
    if task:
        await task


async def collected():
    tasks = [asyncio.create_task(work(n)) for n in range(3)]
    for task in asyncio.as_completed(tasks):
        await task


async def passed(keep):
    keep(asyncio.create_task(work(1)))


async def yielded():
    yield asyncio.create_task(work(1))


async def cancelled():
    task = asyncio.create_task(asyncio.sleep(3600))
    task.cancel()
    await asyncio.wait([task])


async def grouped():
    async with asyncio.TaskGroup() as group:
        group.create_task(work(1))


async def main():
    bot = Bot()
    bot.start()
    bot.start_many()
    bot.start_named("a")
    bot.start_in_place()
    assert await bot.start_and_return() == 5
    assert await bot.start_by_setdefault("b") == 6
    await bot.stop()
    await awaited()
    assert await kept_here() == 1
    await kept_in_module()
    await (await returned())
    await conditional(True)
    await conditional(False)
    await collected()
    kept = []
    await passed(kept.append)
    await kept[0]
    async for task in yielded():
        await task
    await cancelled()
    await grouped()
