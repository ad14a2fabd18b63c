"""DG201: a blocking call in async code."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.finding import Finding
from diag.lint.rule import Example, Rule
from diag.lint.site import Site
from lint_rules._text import short

if TYPE_CHECKING:
    from diag.lint.context import Context


class BlockingCall(Rule):
    """Site: the call; `callee` is the primitive that blocks (`time.sleep`), `detail` what to use instead."""

    code = "DG201"
    name = "blocking-call"
    summary = "a call that blocks the event loop, in an async function"
    scopes = frozenset({"async def"})
    in_tests = False  # nothing trades on the event loop of a test
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

## How to fix it
The asynchronous counterpart (`asyncio.sleep`, `aiohttp` or `httpx.AsyncClient`,
`asyncio.create_subprocess_exec`), or `await asyncio.to_thread(function, ...)`.

## Fix safety
There is no fix yet.
"""

    def check(self, context: "Context") -> Iterator[Finding]:
        from lint_rules.blocking._calls import sites

        for site in sites(context, direct=True):
            yield self.report(site)

    def report(self, site: Site) -> Finding:
        name = site.callee.blocks.removeprefix("builtins.") if site.callee else ""
        what = f" (`{name}`)" if name and name != site.subject else ""
        message = f"`{short(site.expr)}`{what} blocks the event loop: while it waits, nothing else runs"
        advice = site.detail or f"use await asyncio.to_thread({site.subject}, ...)"
        return self.finding(site, message, help=advice)

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
            title="httpx without its async client",
            needs=("httpx",),
            code="""\
import httpx


async def ticker(url: str) -> dict:
    response = httpx.get(url)  # <- DG201
    return response.json()
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
    )
