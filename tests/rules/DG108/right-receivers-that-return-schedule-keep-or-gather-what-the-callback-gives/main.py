import asyncio
import functools
from collections.abc import Awaitable, Callable


def returned(action):
    return action()


def wrapped(action):
    @functools.wraps(action)
    def wrapper(*args):
        return action(*args)

    return wrapper


def in_loop(action, loop: asyncio.AbstractEventLoop) -> None:
    asyncio.run_coroutine_threadsafe(action(), loop)


class Spawner:
    def __init__(self, action) -> None:
        self.action = action
        self.tasks = set()

    def fire(self) -> None:
        task = asyncio.create_task(self.action())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


class Collector:
    def __init__(self) -> None:
        self.actions = []

    def add(self, action) -> None:
        self.actions.append(action)

    async def all(self) -> None:
        await asyncio.gather(*[action() for action in self.actions])

    async def each(self) -> None:
        pending = []
        for action in self.actions:
            pending.append(action())
        await asyncio.gather(*pending)


class Keeper:
    def __init__(self, action) -> None:
        self.action = action

    def start(self) -> None:
        self.pending = self.action()

    async def stop(self) -> None:
        await self.pending


class Declared:
    def __init__(self, action: Callable[[], Awaitable[None]]) -> None:
        self.action = action

    async def run(self) -> None:
        await self.action()


async def refresh() -> None:
    await asyncio.sleep(0)


async def main() -> None:
    await returned(refresh)
    await wrapped(refresh)()
    in_loop(refresh, asyncio.get_running_loop())
    Spawner(refresh).fire()
    collector = Collector()
    collector.add(refresh)
    await collector.all()
    keeper = Keeper(refresh)
    keeper.start()
    await keeper.stop()
    await Declared(refresh).run()
