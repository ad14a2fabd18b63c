"""Methods of futures, queues and locks in the wrong colour."""

import asyncio


async def work(n):
    await asyncio.sleep(0)
    return n


async def fault_cancel_awaited():
    task = asyncio.create_task(work(1))
    await task.cancel()  # <- DG101


async def fault_result_awaited():
    task = asyncio.create_task(work(1))
    await task
    await task.result()  # <- DG101


async def fault_queue_put():
    queue = asyncio.Queue()
    queue.put(1)  # <- DG102


async def fault_queue_put_nowait():
    queue = asyncio.Queue()
    await queue.put_nowait(1)  # <- DG101


async def fault_event_set():
    event = asyncio.Event()
    await event.set()  # <- DG101


async def fault_event_wait():
    event = asyncio.Event()
    event.wait()  # <- DG102


async def fault_lock_acquire():
    lock = asyncio.Lock()
    lock.acquire()  # <- DG102


async def fault_lock_release():
    lock = asyncio.Lock()
    await lock.acquire()
    await lock.release()  # <- DG101


async def fault_sleep():
    asyncio.sleep(1)  # <- DG102
