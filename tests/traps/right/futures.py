"""Futures and tasks: calls that return them start by themselves, so a statement is enough."""

import asyncio
from concurrent.futures import Future as ThreadFuture
from concurrent.futures import ThreadPoolExecutor


async def work(n):
    await asyncio.sleep(0)
    return n


class Poller:
    def __init__(self):
        self.task = None
        self.seen = []
        self.done = asyncio.get_running_loop().create_future()

    def start(self):
        """Returns the task for those who care; it is kept here."""
        self.task = asyncio.create_task(self._run())
        return self.task

    async def _run(self):
        self.seen.append(await work(1))
        self.done.set_result(True)

    def ready(self):
        return self.done

    def stop(self):
        self.task.cancel()
        return self.task

    def resolve(self, value):
        if not self.done.done():
            self.done.set_result(value)


async def statement_is_enough():
    poller = Poller()
    poller.start()
    assert await poller.ready()
    poller.stop()
    poller.ready()
    poller.resolve(1)
    await poller.task


async def executor_as_statement():
    loop = asyncio.get_running_loop()
    loop.run_in_executor(None, print, "")
    out = []
    await loop.run_in_executor(None, out.append, 1)
    assert out == [1]


async def thread_future():
    with ThreadPoolExecutor() as pool:
        future = pool.submit(int, "3")
        assert future.result() == 3
        wrapped = asyncio.wrap_future(pool.submit(int, "4"))
        assert await wrapped == 4
    other: ThreadFuture = ThreadFuture()
    other.set_result(5)
    assert other.result() == 5


async def future_awaited_twice():
    task = asyncio.ensure_future(work(2))
    assert await task == await task == task.result()


async def waiters():
    loop = asyncio.get_running_loop()
    waiting = {}
    for n in range(2):
        waiting[n] = loop.create_future()
    for n, future in waiting.items():
        future.set_result(n)
    assert await asyncio.gather(*waiting.values()) == [0, 1]
    future = waiting.pop(0)
    assert await future == 0
    assert await asyncio.wait_for(waiting[1], 5) == 1


async def gathered_without_await():
    group = asyncio.gather(work(1), work(2))
    group.add_done_callback(lambda done: done.result())
    assert await group == [1, 2]


async def task_states():
    task = asyncio.create_task(work(3))
    if task.done():
        return
    assert task.get_name() and not task.cancelled()
    await task
    assert task.result() == 3 and task.exception() is None


async def queue_and_lock():
    queue = asyncio.Queue()
    queue.put_nowait(1)
    await queue.put(2)
    assert queue.get_nowait() == 1 and await queue.get() == 2
    queue.task_done()
    queue.task_done()
    await queue.join()
    lock = asyncio.Lock()
    await lock.acquire()
    lock.release()
    event = asyncio.Event()
    event.set()
    await event.wait()
    event.clear()
    assert not event.is_set()
    condition = asyncio.Condition()
    async with condition:
        condition.notify_all()
        await condition.wait_for(lambda: True)


async def cancelled():
    task = asyncio.create_task(asyncio.sleep(3600))
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return
    raise AssertionError


class DuckFuture:
    """What asyncio takes for a future: it has the attribute by which futures are told."""

    _asyncio_future_blocking = False

    def __init__(self):
        self.value = 1

    def __iter__(self):
        return iter(())

    def __await__(self):
        yield from ()
        return self.value


async def already_a_future():
    """Making sure that a future is one changes nothing: whoever made it keeps it."""
    future = asyncio.get_running_loop().create_future()
    asyncio.ensure_future(future)
    task = asyncio.create_task(work(4))
    asyncio.ensure_future(task)
    assert asyncio.isfuture(asyncio.ensure_future(DuckFuture()))
    future.set_result(3)
    assert await future + await task == 7


async def task_not_awaited():
    """A task that is cancelled or asked for its state need not be awaited; another one is."""
    await asyncio.create_task(work(1))
    loop = asyncio.get_running_loop()
    assert await loop.create_task(work(2)) == 2
    task = loop.create_task(work(3))
    task.cancel()
    other = asyncio.ensure_future(work(4))
    other.add_done_callback(lambda done: done.exception())
    await asyncio.wait([task, other])


async def main():
    await already_a_future()
    await task_not_awaited()
    await statement_is_enough()
    await executor_as_statement()
    await thread_future()
    await future_awaited_twice()
    await waiters()
    await gathered_without_await()
    await task_states()
    await queue_and_lock()
    await cancelled()
