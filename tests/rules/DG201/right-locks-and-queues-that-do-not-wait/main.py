import asyncio
import fcntl
import queue
import threading


class Store:
    def __init__(self) -> None:
        self.fills: queue.Queue = queue.Queue()
        self.lock = threading.Lock()
        self.ready = threading.Event()

    async def next_fill(self, wait: bool) -> object:
        return self.fills.get(block=wait)

    async def all_fills(self) -> None:
        while not self.fills.empty():
            print(self.fills.get())
        print(self.fills.get_nowait())
        print(self.fills.get(False))

    async def try_lock(self) -> bool:
        return self.lock.acquire(blocking=False) or self.lock.acquire(timeout=0)

    async def started(self) -> bool:
        return self.ready.wait(0) or await asyncio.to_thread(self.ready.wait)

    async def alone(self) -> None:
        with open("bot.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(file, fcntl.LOCK_UN)

    def in_thread(self) -> object:
        self.lock.acquire()
        return self.fills.get()

    async def in_a_thread(self) -> object:
        return await asyncio.to_thread(self.in_thread)
