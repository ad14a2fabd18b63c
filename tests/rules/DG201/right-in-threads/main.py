import asyncio
import functools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests


async def poll(url: str) -> dict:
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(time.sleep, 1)
    await asyncio.to_thread(lambda: time.sleep(1))
    await loop.run_in_executor(None, functools.partial(requests.get, url, timeout=5))
    await loop.run_in_executor(None, lambda: requests.get(url, timeout=5))

    def work() -> int:
        time.sleep(1)
        return requests.get(url, timeout=5).status_code

    with ThreadPoolExecutor() as pool:
        print(await loop.run_in_executor(pool, work), pool.submit(requests.get, url))
    threading.Thread(target=work, daemon=True).start()
    response = await asyncio.to_thread(requests.get, url, timeout=5)
    return response.json()
