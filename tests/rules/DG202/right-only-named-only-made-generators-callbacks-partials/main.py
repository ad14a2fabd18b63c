import asyncio
import functools
import threading
import time


def work(seconds: float) -> None:
    time.sleep(seconds)


def ticks():
    while True:
        time.sleep(1)
        yield time.time()


async def main() -> None:
    stream = ticks()
    later = functools.partial(work, 1)
    thread = threading.Thread(target=work, args=(1,))
    thread.start()
    callbacks = {"work": work, "later": later, "nested": lambda: work(1)}
    print(stream, callbacks)
    await asyncio.to_thread(callbacks["work"], 1)
