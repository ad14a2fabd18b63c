"""Sockets that do not block, and pipes and locks of which the loop is not waiting."""

import asyncio
import socket
import threading


class Connector:
    async def connect(self, sock, address):
        if sock.gettimeout() != 0:
            raise ValueError("the socket must be non-blocking")
        return self._connect(sock, address)

    def _connect(self, sock, address):
        try:
            sock.connect(address)
        except OSError as error:
            return error
        return None


async def not_blocking():
    sock = socket.socket()
    sock.setblocking(False)
    try:
        sock.connect(("127.0.0.1", 9))
    except OSError:
        pass
    finally:
        sock.close()


async def no_time_out():
    left, right = socket.socketpair()
    left.settimeout(0)
    right.setblocking(False)
    right.send(b"x")
    received = left.recv(1)
    left.close()
    right.close()
    return received


async def given(sock: socket.socket):
    """A socket that a caller made; it may well not block."""
    try:
        return sock.recv(1)
    except BlockingIOError:
        return b""


async def through_the_loop():
    loop = asyncio.get_running_loop()
    left, right = socket.socketpair()
    left.setblocking(False)
    right.setblocking(False)
    await loop.sock_sendall(left, b"y")
    received = await loop.sock_recv(right, 1)
    assert await given(right) == b""
    left.close()
    right.close()
    return received


async def locks():
    lock = threading.Lock()
    with lock:
        held = lock.locked()
    if lock.acquire(blocking=False):
        lock.release()
    return held


async def main():
    await not_blocking()
    assert await no_time_out() == b"x"
    assert await through_the_loop() == b"y"
    sock = socket.socket()
    sock.setblocking(False)
    assert await Connector().connect(sock, ("127.0.0.1", 9)) is not None
    sock.close()
    assert await locks()
