import asyncio
import threading


class Account:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.thread_lock = threading.Lock()
        self.limit = asyncio.Semaphore(5)
        self.balance = 0

    async def deposit(self, amount: int) -> None:
        with self.lock:  # <- DG105
            self.balance += amount
        with self.limit:  # <- DG105
            self.balance += amount

    async def withdraw(self, amount: int) -> None:
        async with self.thread_lock:  # <- DG105
            self.balance -= amount
