"""DG108: a callback of the wrong colour."""

from diag.finding import Finding
from diag.lint.rule import Example, Rule
from diag.model.site import Kind, Site
from lint_rules._text import runtime_type, short


class CallbackColour(Rule):
    """Site: the callback as it is handed over; `callee` is the callback, `detail` names who takes it.

    `context` is the colour of the callback: `async` where the taker never awaits, `plain` where it does.
    """

    code = "DG108"
    name = "callback-colour"
    summary = "a callback of the wrong colour: async where nobody awaits it, or plain where it is awaited"
    kinds = frozenset({Kind.CALLBACK_COLOUR})
    explanation = """\
## What it does
Reports a coroutine function handed to something that calls it and never awaits the result
(`loop.call_later`, `loop.add_signal_handler`, `threading.Thread`, `Task.add_done_callback`,
`atexit.register`, `asyncio.to_thread`, `sorted(key=...)`, a class of one's own), and a plain function handed
to something that awaits what it returns.

## Why is this bad
The first runs nothing at all: the signal handler that should close the position does not. The second does its
work and then fails, inside the code that called it.

## What happens at run time
```
RuntimeWarning: coroutine 'Bot.shutdown' was never awaited
TypeError: object NoneType can't be used in 'await' expression
```

## How to mend it
- `loop.add_signal_handler(SIGINT, lambda: tasks.append(asyncio.create_task(bot.shutdown())))`, or set an
  `asyncio.Event` in a plain callback and await it elsewhere.
- In a thread: `threading.Thread(target=asyncio.run, args=(main(),))`.
- A plain function for a taker that awaits: make it an `async def`.

## Fix safety
There is no fix: a callback of the other colour is another program.
"""

    def check(self, site: Site) -> Finding | None:
        name = site.callee.name if site.callee else site.subject
        taker = f"`{site.detail}`" if site.detail else "its caller"
        if site.callee is None or site.context == "async":
            message = (
                f"`{short(site.expr)}` is an `async def`; {taker} calls it and never awaits it: it never runs"
            )
            mend = f"hand over a plain function that makes a task of `{name}(...)` and keeps it"
            return self.finding(site, message, help=mend)
        kind = runtime_type(site.callee.returns)
        error = f"TypeError: object {kind} can't be used in 'await' expression" if kind else "TypeError"
        message = f"`{short(site.expr)}` is a plain `def`; {taker} awaits what it returns: raises {error}"
        return self.finding(site, message, help=f"make `{name}` an `async def`")

    wrong = (
        Example(
            title="timers and signals of the loop",
            code="""\
import asyncio
import signal


class Bot:
    async def refresh(self) -> None:
        await asyncio.sleep(0)

    async def shutdown(self) -> None:
        await asyncio.sleep(0)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(1, self.refresh)  # <- DG108
        loop.call_soon_threadsafe(self.refresh)  # <- DG108
        loop.add_signal_handler(signal.SIGINT, self.shutdown)  # <- DG108
        task = asyncio.create_task(self.refresh())
        task.add_done_callback(on_done)  # <- DG108
        await task


async def on_done(task: asyncio.Task) -> None:
    print(task)
""",
        ),
        Example(
            title="threads, exit handlers, keys",
            code="""\
import asyncio
import atexit
import signal
import threading


async def main() -> None:
    await asyncio.sleep(0)


async def cleanup(*args: object) -> None:
    await asyncio.sleep(0)


async def by_price(order: dict) -> float:
    return order["price"]


def start(orders: list[dict]) -> list[dict]:
    atexit.register(cleanup)  # <- DG108
    signal.signal(signal.SIGTERM, cleanup)  # <- DG108
    threading.Thread(target=main, daemon=True).start()  # <- DG108
    return sorted(orders, key=by_price)  # <- DG108


async def in_thread() -> None:
    await asyncio.to_thread(main)  # <- DG108
""",
        ),
        Example(
            title="a feed of one's own that calls its callbacks, and one that awaits them",
            files={
                "feeds.py": """\
import logging


class CallingFeed:
    def __init__(self) -> None:
        self.callbacks: list = []

    def subscribe(self, callback) -> None:
        self.callbacks.append(callback)

    def publish(self, fill: dict) -> None:
        for callback in self.callbacks:
            callback(fill)


class AwaitingFeed:
    def __init__(self) -> None:
        self.callbacks: list = []

    def subscribe(self, callback) -> None:
        self.callbacks.append(callback)

    async def publish(self, fill: dict) -> None:
        for callback in self.callbacks:
            await callback(fill)
""",
            },
            code="""\
from feeds import AwaitingFeed, CallingFeed


async def hedge(fill: dict) -> None:
    print("hedging", fill)


def log(fill: dict) -> None:
    print("fill", fill)


calling = CallingFeed()
calling.subscribe(log)
calling.subscribe(hedge)  # <- DG108

awaiting = AwaitingFeed()
awaiting.subscribe(hedge)
awaiting.subscribe(log)  # <- DG108
""",
        ),
        Example(
            title="a parameter that is called at once",
            code="""\
import asyncio


def with_retry(action, attempts: int = 3) -> bool:
    for _ in range(attempts):
        try:
            action()
            return True
        except ConnectionError:
            continue
    return False


async def with_timeout(action, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        await action()


class Bot:
    async def cancel(self) -> None:
        await asyncio.sleep(0)

    def save(self) -> None:
        print("saved")

    async def stop(self) -> None:
        with_retry(self.save)
        with_retry(self.cancel)  # <- DG108
        await with_timeout(self.cancel, 1)
        await with_timeout(self.save, 1)  # <- DG108
""",
        ),
        Example(
            title="handlers by name, handed on, kept in pairs, in a record and in a closure",
            code="""\
import functools
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass


class Socket:
    def __init__(self, on_message=None, on_error=None) -> None:
        self.on_message = on_message
        self.on_error = on_error

    def _callback(self, callback, *args) -> None:
        if callback:
            try:
                callback(self, *args)
            except ValueError as error:
                print(f"{callback} failed: {error}")
                if self.on_error is not None:
                    self.on_error(self, error)

    def received(self, text: str) -> None:
        self._callback(self.on_message, text)


class Bus:
    def __init__(self) -> None:
        self.one = {}
        self.many = defaultdict(list)
        self.pairs = []

    def set(self, topic: str, handler) -> None:
        self.one[topic] = handler

    def add(self, topic: str, handler) -> None:
        self.many.setdefault(topic, []).append(handler)

    def pair(self, topic: str, handler) -> None:
        self.pairs.append((topic, handler))

    def publish(self, topic: str, fill: dict) -> None:
        handler = self.one.get(topic)
        if handler is not None:
            handler(fill)
        for each in list(self.many[topic]):
            each(fill)

    async def publish_pairs(self, topic: str, fill: dict) -> None:
        for name, handler in self.pairs:
            if name == topic:
                await handler(fill)


@dataclass
class Timer:
    seconds: float
    action: Callable[[], None]

    def fire(self) -> None:
        self.action()


def in_thread(action) -> None:
    threading.Thread(target=action).start()


def decoded(action):
    def on_text(text: str) -> None:
        action({"text": text})

    return on_text


class Bot:
    def __init__(self) -> None:
        self.socket = Socket(on_message=self.on_fill, on_error=self.save)  # <- DG108
        self.bus = Bus()
        self.bus.set("fill", self.save)
        self.bus.set("fill", self.on_fill)  # <- DG108
        self.bus.add("fill", self.save)
        self.bus.add("fill", functools.partial(self.on_fill, None))  # <- DG108
        self.bus.pair("fill", self.on_fill)
        self.bus.pair("fill", self.save)  # <- DG108
        self.timer = Timer(1, action=self.on_fill)  # <- DG108
        in_thread(self.on_fill)  # <- DG108
        self.on_text = decoded(self.on_fill)  # <- DG108

    async def on_fill(self, *args) -> None:
        print("hedging", args)

    def save(self, *args) -> None:
        print("saved", args)
""",
        ),
        Example(
            title="told once: in the taker where every caller hands over a coroutine function",
            code="""\
import asyncio


async def with_retry(action) -> None:
    for _ in range(3):
        action()  # <- DG102


async def with_pause(action) -> None:
    await asyncio.sleep(1)
    await action()


def once(action) -> None:
    action()


async def cancel() -> None:
    await asyncio.sleep(0)


def save() -> None:
    print("saved")


async def main() -> None:
    await with_retry(cancel)
    await with_pause(save)  # <- DG108
    once(save)
    once(cancel)  # <- DG108
""",
        ),
    )

    right = (
        Example(
            title="plain callbacks that make tasks",
            code="""\
import asyncio
import functools
import signal
import threading


class Bot:
    def __init__(self) -> None:
        self.tasks: set[asyncio.Task] = set()
        self.stopped = asyncio.Event()

    async def refresh(self, symbol: str = "ETH") -> None:
        await asyncio.sleep(0)

    def spawn(self, make) -> None:
        task = asyncio.create_task(make())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(1, lambda: self.spawn(self.refresh))
        loop.call_soon(self.spawn, self.refresh)
        loop.call_soon(functools.partial(self.spawn, functools.partial(self.refresh, "BTC")))
        loop.add_signal_handler(signal.SIGINT, self.stopped.set)
        await self.stopped.wait()


def main() -> None:
    thread = threading.Thread(target=asyncio.run, args=(Bot().run(),))
    thread.start()
""",
        ),
        Example(
            title="callbacks that are told apart before they are called",
            code="""\
import asyncio
import inspect


class Feed:
    def __init__(self) -> None:
        self.callbacks: list = []

    def subscribe(self, callback) -> None:
        self.callbacks.append(callback)

    async def publish(self, fill: dict) -> None:
        for callback in self.callbacks:
            if inspect.iscoroutinefunction(callback):
                await callback(fill)
            else:
                callback(fill)

    async def publish_any(self, fill: dict) -> None:
        for callback in self.callbacks:
            result = callback(fill)
            if asyncio.iscoroutine(result):
                await result


async def hedge(fill: dict) -> None: ...


def log(fill: dict) -> None: ...


feed = Feed()
feed.subscribe(hedge)
feed.subscribe(log)
""",
        ),
        Example(
            title="libraries that await their callbacks",
            needs=("aiohttp", "websockets"),
            code="""\
import asyncio

import websockets
from aiohttp import web


async def handle(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def start_feed(app: web.Application) -> None:
    await asyncio.sleep(0)


async def on_connection(socket) -> None:
    async for message in socket:
        await socket.send(message)


async def on_stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.readline())


async def main() -> None:
    app = web.Application()
    app.router.add_get("/", handle)
    app.on_startup.append(start_feed)
    server = await asyncio.start_server(on_stream, "127.0.0.1", 0)
    async with websockets.serve(on_connection, "127.0.0.1", 0), server:
        await asyncio.sleep(1)
""",
        ),
        Example(
            title="kept, wrapped, decorated: not called here",
            code="""\
import asyncio
import functools


HANDLERS = {}


def on(event: str):
    def register(function):
        HANDLERS[event] = function
        return function

    return register


def retry(function):
    @functools.wraps(function)
    async def wrapper(*args):
        try:
            return await function(*args)
        except ConnectionError:
            return await function(*args)

    return wrapper


@on("fill")
@retry
async def on_fill(fill: dict) -> None:
    print(fill)


@on("tick")
def on_tick(fill: dict) -> None:
    print(fill)


async def dispatch(event: str, fill: dict) -> None:
    result = HANDLERS[event](fill)
    if asyncio.isfuture(result) or asyncio.iscoroutine(result):
        await result
""",
        ),
        Example(
            title="map and filter of coroutine functions, for a gather",
            code="""\
import asyncio
from concurrent.futures import ThreadPoolExecutor


async def cancel(order: str) -> str:
    await asyncio.sleep(0)
    return order


def run_in_thread(order: str) -> str:
    return asyncio.run(cancel(order))


async def main(orders: list[str]) -> list[str]:
    return await asyncio.gather(*map(cancel, orders))


def threads(orders: list[str]) -> list[str]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(run_in_thread, orders))
""",
        ),
        Example(
            title="takers that return, schedule, keep or gather what the callback gives",
            code="""\
import asyncio
import functools
from collections.abc import Awaitable, Callable


def returned(action):
    return action()


def wrapped(action):
    @functools.wraps(action)
    def wrapper(*args):
        return action(*args)

    return wrapper


def in_loop(action, loop: asyncio.AbstractEventLoop) -> None:
    asyncio.run_coroutine_threadsafe(action(), loop)


class Spawner:
    def __init__(self, action) -> None:
        self.action = action
        self.tasks = set()

    def fire(self) -> None:
        task = asyncio.create_task(self.action())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


class Collector:
    def __init__(self) -> None:
        self.actions = []

    def add(self, action) -> None:
        self.actions.append(action)

    async def all(self) -> None:
        await asyncio.gather(*[action() for action in self.actions])

    async def each(self) -> None:
        pending = []
        for action in self.actions:
            pending.append(action())
        await asyncio.gather(*pending)


class Keeper:
    def __init__(self, action) -> None:
        self.action = action

    def start(self) -> None:
        self.pending = self.action()

    async def stop(self) -> None:
        await self.pending


class Declared:
    def __init__(self, action: Callable[[], Awaitable[None]]) -> None:
        self.action = action

    async def run(self) -> None:
        await self.action()


async def refresh() -> None:
    await asyncio.sleep(0)


async def main() -> None:
    await returned(refresh)
    await wrapped(refresh)()
    in_loop(refresh, asyncio.get_running_loop())
    Spawner(refresh).fire()
    collector = Collector()
    collector.add(refresh)
    await collector.all()
    keeper = Keeper(refresh)
    keeper.start()
    await keeper.stop()
    await Declared(refresh).run()
""",
        ),
        Example(
            title="takers for both colours",
            code="""\
import asyncio
from unittest.mock import AsyncMock, Mock


class Signal:
    def __init__(self) -> None:
        self.slots = []

    def connect(self, slot) -> None:
        self.slots.append(slot)

    def emit(self, fill: dict) -> None:
        for slot in self.slots:
            result = slot(fill)
            if result is not None:
                asyncio.ensure_future(result).add_done_callback(print)


class TwoWays:
    def __init__(self) -> None:
        self.handlers = {}

    def on(self, event: str, handler) -> None:
        self.handlers[event] = handler

    def dispatch(self, event: str, fill: dict) -> None:
        self.handlers[event](fill)

    async def dispatch_async(self, event: str, fill: dict) -> None:
        await self.handlers[event](fill)


class Base:
    def __init__(self, action) -> None:
        self.action = action


class Plain(Base):
    def run(self) -> None:
        self.action({})


class Async(Base):
    async def run(self) -> None:
        await self.action({})


class ByName:
    def __init__(self, on_fill=None) -> None:
        self.on_fill = on_fill

    def fill(self) -> None:
        self.on_fill({})

    async def fire(self, event: str) -> None:
        await getattr(self, f"on_{event}")({})


async def hedge(fill: dict) -> None:
    print("hedging", fill)


def log(fill: dict) -> None:
    print("fill", fill)


def later(fill: dict):
    return hedge(fill)


for handler in (hedge, log):
    signal = Signal()
    signal.connect(handler)
ways = TwoWays()
ways.on("fill", hedge)
ways.on("log", log)
Plain(log)
Async(hedge)
Async(later)
Async(Mock())
Async(AsyncMock())
ByName(on_fill=hedge)
Mock().connect(hedge)
""",
        ),
    )
