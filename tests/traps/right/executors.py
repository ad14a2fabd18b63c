"""Blocking functions that run in threads, pools and processes, not on the event loop."""

import asyncio
import functools
import socket
import subprocess
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor, as_completed


def blocking(seconds=0.0):
    time.sleep(seconds)
    return seconds


def download(url):
    with urllib.request.urlopen(url) as reply:
        return reply.read()


def resolve(host):
    return socket.gethostbyname(host)


class RestClient:
    def __init__(self):
        self.calls = 0

    def fetch_ticker(self, symbol):
        time.sleep(0)
        self.calls += 1
        return {"symbol": symbol}

    async def ticker(self, symbol):
        return await asyncio.to_thread(self.fetch_ticker, symbol)

    async def ticker_in_executor(self, symbol):
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self.fetch_ticker, symbol)

    async def ticker_by_lambda(self, symbol):
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, lambda: self.fetch_ticker(symbol))

    async def ticker_by_partial(self, symbol):
        loop = asyncio.get_running_loop()
        call = functools.partial(self.fetch_ticker, symbol=symbol)
        return await loop.run_in_executor(None, call)


async def to_thread():
    await asyncio.to_thread(blocking)
    await asyncio.to_thread(blocking, seconds=0)
    await asyncio.to_thread(lambda: blocking(0))
    await asyncio.to_thread(functools.partial(blocking, 0))
    await asyncio.to_thread(time.sleep, 0)
    await asyncio.gather(*(asyncio.to_thread(blocking) for _ in range(2)))
    name = await asyncio.to_thread(resolve, "127.0.0.1")
    assert name == "127.0.0.1"


async def nested_function():
    def work():
        time.sleep(0)
        return resolve("127.0.0.1")

    assert await asyncio.to_thread(work)
    loop = asyncio.get_running_loop()
    assert await loop.run_in_executor(None, work)


async def own_pool():
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(max_workers=1) as pool:
        assert await loop.run_in_executor(pool, blocking, 0.0) == 0.0
        future = pool.submit(blocking, 0.0)
        assert await asyncio.wrap_future(future) == 0.0


async def background_thread():
    done = threading.Event()

    def work():
        time.sleep(0)
        done.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    await asyncio.to_thread(done.wait)


async def in_task():
    task = asyncio.create_task(asyncio.to_thread(blocking))
    assert await asyncio.wait_for(task, 5) == 0.0


async def process():
    running = await asyncio.create_subprocess_exec("true", stdout=subprocess.DEVNULL)
    assert await running.wait() == 0
    assert (await asyncio.to_thread(subprocess.run, ["true"])).returncode == 0


def in_thread(function):
    @functools.wraps(function)
    async def wrapper(*args):
        return await asyncio.to_thread(function, *args)

    return wrapper


@in_thread
def decorated(seconds):
    time.sleep(seconds)
    return seconds


def sync_only(count):
    """Nobody calls this on the event loop."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        futures = [pool.submit(blocking) for _ in range(count)]
        results = [future.result() for future in as_completed(futures)]
        results += list(pool.map(blocking, [0.0] * count))
    subprocess.run(["true"], check=True)
    time.sleep(0)
    return results


class Poller(threading.Thread):
    def run(self):
        time.sleep(0)
        self.value = resolve("127.0.0.1")


async def defined_not_called():
    def later():
        time.sleep(3600)

    sleeper = functools.partial(time.sleep, 3600)
    wait = lambda: time.sleep(3600)  # noqa: E731
    return later, sleeper, wait


async def everything():
    client = RestClient()
    assert (await client.ticker("ETH"))["symbol"] == "ETH"
    await client.ticker_in_executor("ETH")
    await client.ticker_by_lambda("ETH")
    await client.ticker_by_partial("ETH")
    assert client.calls == 4
    await to_thread()
    await nested_function()
    await own_pool()
    await background_thread()
    await in_task()
    await process()
    assert await decorated(0) == 0
    await defined_not_called()


def main():
    assert sync_only(2) == [0.0] * 4
    poller = Poller()
    poller.start()
    poller.join()
    assert poller.value == "127.0.0.1"
    asyncio.run(everything())
