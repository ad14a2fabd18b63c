"""asyncio.run and run_until_complete where no loop runs: threads, scripts, plain functions."""

import asyncio
import threading


async def work(n):
    await asyncio.sleep(0)
    return n


def run_in_thread(out):
    out.append(asyncio.run(work(1)))


async def through_thread():
    out = []
    thread = threading.Thread(target=run_in_thread, args=(out,))
    thread.start()
    await asyncio.to_thread(thread.join)
    assert out == [1]


async def through_to_thread():
    assert await asyncio.to_thread(asyncio.run, work(2)) == 2
    assert await asyncio.to_thread(lambda: asyncio.run(work(3))) == 3


async def through_executor():
    loop = asyncio.get_running_loop()

    def job():
        own = asyncio.new_event_loop()
        try:
            return own.run_until_complete(work(4))
        finally:
            own.close()

    assert await loop.run_in_executor(None, job) == 4


def sync_face(n):
    """Uses the running loop when there is one, and its own otherwise."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work(n))
    raise RuntimeError("use the coroutine inside a loop")


def either(n):
    loop = asyncio.new_event_loop()
    try:
        if loop.is_running():
            return asyncio.ensure_future(work(n), loop=loop)
        return loop.run_until_complete(work(n))
    finally:
        loop.close()


def script():
    assert asyncio.run(work(5)) == 5
    with asyncio.Runner() as runner:
        assert runner.run(work(6)) == 6


async def returns_runner():
    def later():
        return asyncio.run(work(7))

    return later


class Command:
    async def execute(self):
        return await work(8)

    def run(self):
        return asyncio.run(self.execute())


class App:
    def __init__(self):
        self.loop = asyncio.new_event_loop()

    async def main(self):
        return 9

    def run_forever(self):
        self.loop.call_soon(self.loop.stop)
        self.loop.run_forever()

    def run(self):
        try:
            return self.loop.run_until_complete(self.main())
        finally:
            self.loop.close()


def main():
    asyncio.run(through_thread())
    asyncio.run(through_to_thread())
    asyncio.run(through_executor())
    assert sync_face(1) == either(1) == 1
    script()
    assert asyncio.run(returns_runner())() == 7
    assert Command().run() == 8
    app = App()
    app.run_forever()
    assert app.run() == 9


if __name__ == "__main__":
    asyncio.run(through_thread())
    script()
