"""Coroutines handed to schedulers, queues and stores of one's own; coroutines closed on purpose."""

import asyncio
import inspect
import sched
import threading
from collections import deque


class Spawner:
    def __init__(self):
        self.tasks = set()
        self.queue = asyncio.Queue()
        self.backlog = deque()
        self.done = []

    def spawn(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def spawn_all(self, *coroutines):
        for coroutine in coroutines:
            self.spawn(coroutine)

    def spawn_named(self, name, *, job):
        self.spawn(job)

    def defer(self, coroutine):
        self.backlog.append(coroutine)
        return self

    async def work(self, n):
        await asyncio.sleep(0)
        self.done.append(n)

    async def start(self):
        self.spawn(self.work(1))
        self.spawn_all(self.work(2), self.work(3))
        self.spawn_named("four", job=self.work(4))
        self.defer(self.work(5)).defer(self.work(6))
        for n in (7, 8):
            self.spawn(self.work(n))
        [self.spawn(self.work(n)) for n in (9, 10)]
        await self.queue.put(self.work(11))
        self.queue.put_nowait(self.work(12))

    async def drain(self):
        while self.backlog:
            await self.backlog.popleft()
        while not self.queue.empty():
            job = await self.queue.get()
            await job
        while self.tasks:
            await asyncio.gather(*self.tasks)


class Loop:
    """A thread with an event loop; the coroutine is handed over to it."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(5)

    def submit(self, coroutine):
        asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


class Facade:
    """A plain face of an asynchronous client."""

    def __init__(self):
        self._loop = Loop()
        self._inner = Inner()

    def fetch(self, symbol):
        return self._loop.run(self._inner.fetch(symbol))

    def close(self):
        self._loop.run(self._inner.close())
        self._loop.close()


class Inner:
    async def fetch(self, symbol):
        return {"symbol": symbol}

    async def close(self):
        return None


def closed():
    coroutine = Inner().fetch("ETH")
    assert inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED
    coroutine.close()


def closed_in_finally(run):
    coroutine = Inner().fetch("ETH")
    try:
        return run(coroutine)
    finally:
        coroutine.close()


def stepped_by_hand():
    coroutine = Inner().fetch("ETH")
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value


def thrown():
    coroutine = Inner().fetch("ETH")
    try:
        coroutine.throw(ValueError("stop"))
    except ValueError:
        return True


def run(coroutine):
    return asyncio.run(coroutine)


def run_any(main, *args):
    result = main(*args)
    if inspect.iscoroutine(result):
        result = asyncio.run(result)
    return result


class Timer:
    def __init__(self):
        self.scheduler = sched.scheduler()

    def later(self, coroutine):
        self.scheduler.enter(0, 1, run, (coroutine,))

    def go(self):
        self.later(Inner().close())
        self.scheduler.run()


class Job:
    def __init__(self, coroutine, name=""):
        self.coroutine = coroutine
        self.name = name

    async def run(self):
        return await self.coroutine


class Chain:
    def __init__(self, coroutine=None):
        self.coroutine = coroutine

    def then(self, coroutine):
        return Chain(self.both(self.coroutine, coroutine))

    @staticmethod
    async def both(first, second):
        if first is not None:
            await first
        return await second


async def jobs():
    job = Job(Inner().fetch("ETH"), name="fetch")
    assert (await job.run())["symbol"] == "ETH"
    for job in [Job(Inner().fetch(s)) for s in "AB"]:
        await job.run()
    chain = Chain().then(Inner().fetch("C")).then(Inner().fetch("D"))
    assert (await chain.coroutine)["symbol"] == "D"


async def events(emitter):
    spawner = Spawner()
    await spawner.start()
    await spawner.drain()
    assert sorted(spawner.done) == list(range(1, 13))
    emitter(spawner.work(13))


def main():
    kept = []
    asyncio.run(events(kept.append))
    asyncio.run(kept[0])
    facade = Facade()
    assert facade.fetch("ETH")["symbol"] == "ETH"
    facade.close()
    closed()
    assert closed_in_finally(run)["symbol"] == "ETH"
    assert stepped_by_hand()["symbol"] == "ETH"
    assert thrown()
    assert run(Inner().fetch("A")) == run_any(Inner().fetch, "A")
    assert run_any(str.upper, "a") == "A"
    Timer().go()
    asyncio.run(jobs())
