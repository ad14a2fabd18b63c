"""DG201: a blocking call in async code."""

import re

from diag.finding import Finding
from diag.lint.rule import Example, Rule
from diag.model.site import Kind, Site
from lint_rules._text import short

_ZERO_SLEEP = re.compile(r"\(\s*0(\.0*)?\s*\)\Z")


class BlockingCall(Rule):
    """Site: the call; `callee` is the primitive that blocks (`time.sleep`), `detail` what to use instead."""

    code = "DG201"
    name = "blocking-call"
    summary = "a call that blocks the event loop, in an async function"
    kinds = frozenset({Kind.BLOCKS})
    explanation = """\
## What it does
Reports calls that wait in the thread they run in, in an `async def`: `time.sleep`, `requests`,
`urllib.request.urlopen`, the synchronous `httpx`, `subprocess.run` and its kin, `input()`, `connect` and
`recv` of a socket. Not reported: reading and writing files, and whatever runs in another thread
(`asyncio.to_thread`, `run_in_executor`, an executor, `threading.Thread`).

## Why is this bad
An event loop does one thing at a time. While the call waits, no price arrives, no fill is seen, no heartbeat
is answered, no time-out fires: the venue closes the connection, and orders go out on stale prices.

## What happens at run time
No exception. With `PYTHONASYNCIODEBUG=1`, a line like
```
Executing <Task pending name='Task-1' coro=<main()>> took 0.512 seconds
```

## How to mend it
The asynchronous counterpart (`asyncio.sleep`, `aiohttp` or `httpx.AsyncClient`,
`asyncio.create_subprocess_exec`), or `await asyncio.to_thread(function, ...)`.

## Fix safety
There is no fix yet.
"""

    def check(self, site: Site) -> Finding | None:
        if _ZERO_SLEEP.search(site.expr) and site.callee and site.callee.blocks == "time.sleep":
            return None  # lets other threads run, and comes back at once
        name = site.callee.blocks.removeprefix("builtins.") if site.callee else ""
        what = f" (`{name}`)" if name and name != site.subject else ""
        message = f"`{short(site.expr)}`{what} blocks the event loop: while it waits, nothing else runs"
        mend = site.detail or f"use await asyncio.to_thread({site.subject}, ...)"
        return self.finding(site, message, help=mend)

    wrong = (
        Example(
            title="pauses and HTTP requests",
            needs=("requests",),
            code="""\
import time

import requests


class Bot:
    def __init__(self) -> None:
        self.session = requests.Session()

    async def poll(self, url: str) -> dict:
        time.sleep(0.5)  # <- DG201
        response = self.session.get(url, timeout=5)  # <- DG201
        if response.status_code == 429:
            time.sleep(10)  # <- DG201
            return requests.get(url, timeout=5).json()  # <- DG201
        return response.json()
""",
        ),
        Example(
            title="the standard library",
            code="""\
import socket
import subprocess
import urllib.request
from time import sleep as pause


async def start(host: str) -> bytes:
    pause(1)  # <- DG201
    if input("really? ") != "yes":  # <- DG201
        return b""
    subprocess.run(["ntpdate", host], check=True)  # <- DG201
    print(subprocess.check_output(["date"]))  # <- DG201
    with urllib.request.urlopen(f"https://{host}/time") as response:  # <- DG201
        print(response.status)
    connection = socket.create_connection((host, 443))  # <- DG201
    connection.close()
    return b""
""",
        ),
        Example(
            title="httpx without its async client",
            needs=("httpx",),
            code="""\
import httpx


async def ticker(url: str) -> dict:
    response = httpx.get(url)  # <- DG201
    return response.json()
""",
        ),
        Example(
            title="in a nested async function, a comprehension, a decorated method",
            needs=("requests",),
            files={
                "retry.py": """\
import asyncio
import functools


def retry(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        try:
            return await function(*args, **kwargs)
        except ConnectionError:
            await asyncio.sleep(1)
            return await function(*args, **kwargs)

    return wrapper
""",
            },
            code="""\
import requests

from retry import retry

URL = "https://example.invalid"


class Client:
    @retry
    async def tickers(self, symbols: list[str]) -> list[int]:
        return [requests.get(f"{URL}/{symbol}", timeout=5).status_code for symbol in symbols]  # <- DG201


def make():
    async def handler(order: dict) -> int:
        return requests.post(URL, json=order, timeout=5).status_code  # <- DG201

    return handler
""",
        ),
    )

    right = (
        Example(
            title="the asynchronous counterparts",
            code="""\
import asyncio


async def start(host: str) -> bytes:
    await asyncio.sleep(0.5)
    process = await asyncio.create_subprocess_exec("date")
    await process.wait()
    reader, writer = await asyncio.open_connection(host, 443)
    writer.write(b"ping")
    return await reader.read(1024)
""",
        ),
        Example(
            title="in threads",
            needs=("requests",),
            code="""\
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
""",
        ),
        Example(
            title="plain code that no async function calls",
            needs=("requests",),
            code="""\
import time

import requests


def wait_for_venue(url: str) -> None:
    while requests.get(url, timeout=5).status_code != 200:
        time.sleep(1)


if __name__ == "__main__":
    wait_for_venue("https://example.invalid")
""",
        ),
        Example(
            title="files, zero sleeps, sockets that do not block",
            code="""\
import asyncio
import json
import socket
import time
from pathlib import Path


async def save(path: str, orders: list[dict]) -> None:
    with open(path, "w") as file:
        json.dump(orders, file)
    print(Path(path).read_text(), time.time(), time.monotonic())
    time.sleep(0)


async def read(host: str) -> bytes:
    loop = asyncio.get_running_loop()
    connection = socket.socket()
    connection.setblocking(False)
    await loop.sock_connect(connection, (host, 443))
    return await loop.sock_recv(connection, 1024)
""",
        ),
        Example(
            title="the same names of other objects",
            code="""\
import asyncio


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Limits:
    def __init__(self) -> None:
        self.requests: dict[str, int] = {}

    async def count(self, time: Clock, key: str, session) -> int:
        time.sleep(1)
        session.get(key)
        return self.requests.get(key, 0)


def input(text: str) -> str:
    return text


async def main() -> None:
    print(input("no question"), await Limits().count(Clock(), "a", {}))
    await asyncio.sleep(0)
""",
        ),
    )
