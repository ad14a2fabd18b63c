"""Coroutines handed to the functions of asyncio that run them."""

import asyncio
import contextvars
import threading
from asyncio import create_task, gather
from asyncio import wait_for as within


class Feed:
    def __init__(self) -> None:
        self.rows: list = []
        self.task: "asyncio.Task | None" = None

    async def poll(self, row: int = 0) -> int:
        await asyncio.sleep(0)
        self.rows.append(row)
        return row

    async def start(self) -> None:
        self.task = asyncio.create_task(self.poll(1), name="poll")
        await self.task

    async def futures(self) -> None:
        future = asyncio.ensure_future(self.poll(2))
        assert await future == 2

    async def on_loop(self) -> None:
        loop = asyncio.get_running_loop()
        task = loop.create_task(self.poll(3))
        assert await task == 3

    async def together(self) -> None:
        first, second = await asyncio.gather(self.poll(1), self.poll(2))
        assert first + second == 3
        await gather(*[self.poll(n) for n in range(3)])
        await gather(*(self.poll(n) for n in range(3)), return_exceptions=True)
        await gather(*map(self.poll, range(3)))
        both = asyncio.gather(self.poll(), self.poll())
        await both

    async def first_done(self) -> None:
        tasks = [create_task(self.poll(n)) for n in range(2)]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        assert done

    async def in_order(self) -> None:
        total = 0
        for future in asyncio.as_completed([self.poll(1), self.poll(2)]):
            total += await future
        for next_result in asyncio.as_completed({self.poll(1)}, timeout=5):
            total += await next_result
        assert total == 4

    async def bounded(self) -> None:
        assert await asyncio.wait_for(self.poll(4), timeout=5) == 4
        assert await within(self.poll(4), 5) == 4
        assert await asyncio.shield(self.poll(5)) == 5
        assert await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(self.poll(6))), 5) == 6
        async with asyncio.timeout(5):
            await self.poll(7)

    async def from_thread(self) -> None:
        loop = asyncio.get_running_loop()

        def work():
            handle = asyncio.run_coroutine_threadsafe(self.poll(8), loop)
            assert handle.result(5) == 8

        await asyncio.to_thread(work)

    async def in_context(self) -> None:
        context = contextvars.copy_context()
        task = asyncio.create_task(self.poll(9), context=context)
        await task

    async def semaphore(self) -> None:
        limit = asyncio.Semaphore(2)

        async def guarded(n):
            async with limit:
                return await self.poll(n)

        await asyncio.gather(*[guarded(n) for n in range(3)])


def with_runner() -> None:
    with asyncio.Runner() as runner:
        assert runner.run(Feed().poll(1)) == 1


def with_loop() -> None:
    loop = asyncio.new_event_loop()
    try:
        assert loop.run_until_complete(Feed().poll(2)) == 2
        task = loop.create_task(Feed().poll(3))
        loop.run_until_complete(task)
        loop.run_until_complete(asyncio.wait_for(Feed().poll(1), 5))
    finally:
        loop.close()


def with_loop_in_thread() -> None:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    handle = asyncio.run_coroutine_threadsafe(Feed().poll(4), loop)
    assert handle.result(5) == 4
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def everything() -> None:
    feed = Feed()
    await feed.start()
    await feed.futures()
    await feed.on_loop()
    await feed.together()
    await feed.first_done()
    await feed.in_order()
    await feed.bounded()
    await feed.from_thread()
    await feed.in_context()
    await feed.semaphore()


def main() -> None:
    asyncio.run(everything())
    with_runner()
    with_loop()
    with_loop_in_thread()
