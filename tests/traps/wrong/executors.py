"""The same blocking functions called on the event loop, and threads whose result is dropped."""

import asyncio
import subprocess
import time
import urllib.request


def blocking(seconds=0.0):
    time.sleep(seconds)
    return seconds


def deeper():
    return blocking(1.0)


def download(url):
    with urllib.request.urlopen(url) as reply:
        return reply.read()


class RestClient:
    def _request(self, path):
        return urllib.request.urlopen("http://127.0.0.1/" + path).read()

    def fetch_ticker(self, symbol):
        return self._request(symbol)

    async def ticker(self, symbol):
        return self.fetch_ticker(symbol)  # <- DG202


async def direct():
    time.sleep(1)  # <- DG201


async def process():
    subprocess.run(["true"])  # <- DG201


async def through_a_function():
    blocking(1.0)  # <- DG202


async def through_two():
    deeper()  # <- DG202


async def through_a_nested_function():
    def work():
        time.sleep(1)

    work()  # <- DG202


async def network():
    return download("http://127.0.0.1/")  # <- DG202


async def fault_thread_not_awaited():
    asyncio.to_thread(blocking)  # <- DG102
