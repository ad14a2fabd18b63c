"""Coroutine functions handed to libraries that only call them: their bodies never run."""

import asyncio
import atexit
import signal
import threading


async def poll():
    await asyncio.sleep(0)
    return 1


async def on_done(task):
    await asyncio.sleep(0)


async def shutdown():
    await asyncio.sleep(0)


class Server:
    async def on_client(self, reader, writer):
        await writer.drain()

    async def ask(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", 9)
        writer.wait_closed()  # <- DG102
        return reader

    async def serve(self):
        server = await asyncio.start_server(self.on_client, "127.0.0.1", 0)
        await server.close()  # <- DG101


async def fault_done_callback():
    task = asyncio.create_task(poll())
    task.add_done_callback(on_done)  # <- DG108
    await task
    await asyncio.sleep(0)


async def fault_call_soon():
    loop = asyncio.get_running_loop()
    loop.call_soon(poll)  # <- DG108
    await asyncio.sleep(0)


async def fault_signal():
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, shutdown)  # <- DG108


def fault_thread():
    thread = threading.Thread(target=poll)  # <- DG108
    thread.start()
    thread.join()


def at_exit():
    atexit.register(shutdown)  # <- DG108


async def fault_registered():
    emitter = Emitter()
    emitter.emit("fill")  # <- DG102


class Emitter:
    async def emit(self, event):
        return None
