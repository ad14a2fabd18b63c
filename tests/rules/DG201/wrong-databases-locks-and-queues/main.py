import fcntl
import queue
import sqlite3
import threading


class Store:
    def __init__(self) -> None:
        self.database = sqlite3.connect("fills.db")
        self.fills: queue.Queue = queue.Queue()
        self.lock = threading.Lock()
        self.ready = threading.Event()

    async def save(self, price: float) -> None:
        self.database.execute("insert into fills values (?)", (price,))  # <- DG201
        self.database.commit()  # <- DG201
        cursor = self.database.cursor()
        cursor.execute("select * from fills")  # <- DG201

    async def next_fill(self) -> object:
        return self.fills.get()  # <- DG201

    async def next_fill_for_a_second(self) -> object:
        return self.fills.get(timeout=1)  # <- DG201

    async def locked(self) -> None:
        self.lock.acquire()  # <- DG201
        try:
            print("locked")
        finally:
            self.lock.release()

    async def started(self) -> None:
        self.ready.wait()  # <- DG201

    async def alone(self) -> None:
        with open("bot.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # <- DG201
