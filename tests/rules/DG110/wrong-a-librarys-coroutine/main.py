import asyncio


async def pause(seconds: float) -> None:
    return asyncio.sleep(seconds)  # <- DG110


async def first(queue: asyncio.Queue, timeout: float) -> str:
    if timeout:
        return asyncio.wait_for(queue.get(), timeout)  # <- DG110
    return await queue.get()
