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
