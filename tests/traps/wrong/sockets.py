"""Sockets as they come: they block."""

import socket


async def connect():
    sock = socket.create_connection(("127.0.0.1", 9), timeout=5)  # <- DG201
    sock.close()


async def look_up(host):
    return socket.getaddrinfo(host, 443)  # <- DG201


async def receive():
    sock = socket.socket()
    sock.connect(("127.0.0.1", 9))  # <- DG201
    sock.close()
