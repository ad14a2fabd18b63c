"""Coroutine functions handed to libraries that await them, plain ones to those that do not."""

import asyncio
import atexit
import functools
import signal


class Server:
    def __init__(self):
        self.seen = []
        self.stopped = asyncio.Event()

    async def on_client(self, reader, writer):
        line = await reader.readline()
        self.seen.append(line)
        writer.write(b"ok\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        self.stopped.set()

    async def serve(self):
        server = await asyncio.start_server(self.on_client, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()[:2]
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"hello\n")
        await writer.drain()
        assert await reader.readline() == b"ok\n"
        writer.close()
        await writer.wait_closed()
        await self.stopped.wait()
        server.close()
        await server.wait_closed()


class Tasks:
    def __init__(self):
        self.running = set()
        self.results = []

    def start(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        task.add_done_callback(self.on_done)
        task.add_done_callback(lambda finished: finished.exception())
        task.add_done_callback(functools.partial(self.on_done_named, "poll"))
        return task

    def on_done(self, task):
        self.results.append(task.result())

    def on_done_named(self, name, task):
        self.results.append(name)


async def poll():
    await asyncio.sleep(0)
    return 1


async def done_callbacks():
    tasks = Tasks()
    await tasks.start(poll())
    await asyncio.sleep(0)
    assert tasks.results == [1, "poll"]


async def loop_callbacks():
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    kept = set()

    def kick():
        task = asyncio.ensure_future(poll())
        kept.add(task)
        task.add_done_callback(lambda finished: done.set_result(finished.result()))

    loop.call_soon(kick)
    loop.call_later(0, kept.clear)
    loop.call_soon_threadsafe(kept.clear)
    assert await done == 1


async def signals():
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    kept = []

    async def shutdown():
        stopping.set()

    def on_signal():
        kept.append(asyncio.create_task(shutdown()))

    loop.add_signal_handler(signal.SIGUSR1, on_signal)
    loop.add_signal_handler(signal.SIGUSR2, lambda: kept.append(asyncio.ensure_future(shutdown())))
    signal.raise_signal(signal.SIGUSR1)
    await stopping.wait()
    loop.remove_signal_handler(signal.SIGUSR1)
    loop.remove_signal_handler(signal.SIGUSR2)


class Emitter:
    """A registry of one's own, which awaits what it was given."""

    def __init__(self):
        self.handlers = {}
        self.hooks = []

    def on(self, event, handler=None):
        if handler is None:
            return lambda function: self.on(event, function)
        self.handlers.setdefault(event, []).append(handler)
        return handler

    def hook(self, function):
        self.hooks.append(function)
        return function

    async def emit(self, event, *args):
        for handler in self.handlers.get(event, ()):
            await handler(*args)
        for hook in self.hooks:
            hook(event)


emitter = Emitter()
EVENTS = []


@emitter.on("fill")
async def on_fill(order):
    EVENTS.append(order)


@emitter.hook
def on_any(event):
    EVENTS.append(event)


class Strategy:
    def __init__(self, source):
        source.on("book", self.on_book)
        source.handlers["trade"] = [self.on_trade]
        self.rows = []

    async def on_book(self, book):
        self.rows.append(book)

    async def on_trade(self, trade):
        self.rows.append(trade)


async def emit_all():
    strategy = Strategy(emitter)
    await emitter.emit("fill", {"id": 1})
    await emitter.emit("book", {"bid": 1})
    await emitter.emit("trade", {"price": 1})
    assert strategy.rows == [{"bid": 1}, {"price": 1}]
    assert EVENTS[0] == {"id": 1} and len(EVENTS) == 4


async def with_callback(fetch, on_result):
    on_result(await fetch())


async def pass_both():
    out = []
    await with_callback(poll, out.append)
    await with_callback(lambda: poll(), lambda value: out.append(value))
    await with_callback(functools.partial(asyncio.sleep, 0, 7), out.append)
    assert out == [1, 1, 7]


async def retry(function, *args, times=2):
    for _ in range(times):
        result = await function(*args)
    return result


async def retried():
    assert await retry(poll) == 1
    assert await retry(asyncio.to_thread, int, "3") == 3


def goodbye():
    return None


async def main():
    atexit.register(goodbye)
    atexit.unregister(goodbye)
    await Server().serve()
    await done_callbacks()
    await loop_callbacks()
    await signals()
    await emit_all()
    await pass_both()
    await retried()
