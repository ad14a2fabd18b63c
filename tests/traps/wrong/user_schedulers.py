"""The scheduler is there, the coroutine is made beside it."""

import asyncio


class Spawner:
    def __init__(self):
        self.tasks = set()
        self.done = []

    def spawn(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def work(self, n):
        await asyncio.sleep(0)
        self.done.append(n)

    async def start(self):
        self.spawn(self.work(1))
        self.work(2)  # <- DG102

    async def spawn_awaited(self):
        await self.spawn(self.work(3))  # <- DG101

    def later(self, n):
        return self.work(n)

    async def start_later(self):
        self.later(4)  # <- DG102


class Facade:
    def __init__(self):
        self.inner = Inner()

    def fetch(self, symbol):
        return self.inner.fetch(symbol)

    def show(self):
        return self.fetch("ETH")["symbol"]  # <- DG103

    def close(self):
        self.inner.close()  # <- DG102


class Inner:
    async def fetch(self, symbol):
        return {"symbol": symbol}

    async def close(self):
        return None


async def fault_start():
    await Spawner().start()


async def fault_spawn_awaited():
    await Spawner().spawn_awaited()


async def fault_later():
    await Spawner().start_later()


def fault_show():
    Facade().show()


def fault_close():
    Facade().close()
