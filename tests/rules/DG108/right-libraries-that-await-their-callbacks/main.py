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
