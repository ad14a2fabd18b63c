"""Clients of libraries that are not installed, each used as its own documentation says."""

import aiofiles
import aiohttp
import aiosqlite
import asyncpg
import httpx
import motor.motor_asyncio
import redis
import redis.asyncio as aredis
import telegram
import websockets
from aiohttp import web
from some_unknown_sdk import AsyncVenue, Venue, connect
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from telegram.ext import Application, CommandHandler, MessageHandler


class Http:
    def __init__(self):
        self.session = None

    async def __aenter__(self):
        self.session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *error):
        await self.session.close()

    async def get(self, path):
        async with self.session.get(path) as response:
            response.raise_for_status()
            return await response.json()

    async def get_awaited(self, path):
        response = await self.session.get(path)
        try:
            return await response.text()
        finally:
            response.release()

    def request(self, path):
        return self.session.post(path)

    async def send(self, path):
        async with self.request(path) as response:
            return response.status

    async def stream(self, url):
        async with self.session.ws_connect(url) as ws:
            await ws.send_json({"op": "subscribe"})
            async for message in ws:
                if message.type == aiohttp.WSMsgType.CLOSED:
                    break
                message.json()
            await ws.close()


async def with_httpx():
    async with httpx.AsyncClient() as client:
        reply = await client.get("http://127.0.0.1")
        reply.raise_for_status()
        rows = reply.json()["rows"]
        async with client.stream("GET", "http://127.0.0.1") as streamed:
            async for line in streamed.aiter_lines():
                rows.append(line)
    return rows


def with_httpx_plain():
    with httpx.Client() as client:
        return client.get("http://127.0.0.1").json()


async def with_websockets():
    async with websockets.connect("ws://127.0.0.1") as ws:
        await ws.send("x")
        async for message in ws:
            if message:
                break
    ws = await websockets.connect("ws://127.0.0.1")
    await ws.close()
    async for again in websockets.connect("ws://127.0.0.1"):
        await again.send("x")


async def on_socket(ws):
    async for message in ws:
        await ws.send(message)


async def serve():
    server = await websockets.serve(on_socket, "127.0.0.1", 0)
    server.close()
    await server.wait_closed()
    async with websockets.serve(on_socket, "127.0.0.1", 0):
        pass


async def on_request(request):
    body = await request.json()
    return web.json_response({"got": body, "id": request.match_info.get("id")})


def on_plain_request(request):
    return web.Response(text="ok")


async def on_startup(app):
    app["http"] = Http()


async def on_cleanup(app):
    await app["http"].session.close()


def make_app():
    app = web.Application()
    app.router.add_get("/", on_request)
    app.add_routes([web.post("/orders", on_request), web.get("/plain", on_plain_request)])
    app.on_startup.append(on_startup)
    app.on_cleanup.append(on_cleanup)
    web.run_app(app)


async def start_command(update: telegram.Update, context):
    await update.message.reply_text("up")


def make_telegram():
    application = Application.builder().token("x").build()
    application.add_handler(CommandHandler("start", start_command))
    application.add_handler(MessageHandler(None, start_command))
    application.job_queue.run_repeating(start_command, 5)
    application.run_polling()


async def with_redis():
    store = aredis.Redis()
    await store.set("a", 1)
    pipe = store.pipeline()
    pipe.set("b", 1)
    pipe.get("b")
    await pipe.execute()
    async with store.pipeline() as second:
        second.set("c", 1)
        await second.execute()
    pubsub = store.pubsub()
    await pubsub.subscribe("fills")
    async for message in pubsub.listen():
        if message:
            break
    await store.aclose()


def with_redis_plain():
    store = redis.Redis()
    store.set("a", 1)
    store.close()


async def with_databases():
    connection = await asyncpg.connect("postgres://")
    async with connection.transaction():
        await connection.execute("select 1")
        async for row in connection.cursor("select 1"):
            row["a"]
    pool = await asyncpg.create_pool("postgres://")
    async with pool.acquire() as held:
        await held.fetch("select 1")
    async with asyncpg.create_pool("postgres://") as other:
        await other.fetch("select 1")
    async with aiosqlite.connect("x.db") as db:
        async with db.execute("select 1") as cursor:
            await cursor.fetchall()
        cursor = await db.execute("select 1")
        await db.commit()
    collection = motor.motor_asyncio.AsyncIOMotorClient()["bot"]["orders"]
    await collection.find_one({"id": 1})
    cursor = collection.find({"id": 1})
    async for document in cursor.sort("id"):
        document["id"]
    return await cursor.to_list(length=5)


async def with_sqlalchemy():
    engine = create_async_engine("sqlite://")
    maker = async_sessionmaker(engine)
    async with maker() as session, session.begin():
        session.add(object())
        result = await session.execute("select 1")
        result.scalars().all()
        session.add_all([])
    async with engine.begin() as connection:
        await connection.run_sync(print)
    await engine.dispose()


async def with_files():
    async with aiofiles.open("x") as file:
        text = await file.read()
        async for line in file:
            text += line
    return text


class Unknown:
    def __init__(self, use_async):
        self.client = AsyncVenue() if use_async else Venue()
        self.other = connect()

    async def live(self):
        await self.client.place({})
        return await self.other

    def dry(self):
        self.client.place({})
        self.client.close()
        return self.other.status


class Derived(AsyncVenue):
    """The base is unknown, so is the colour of what it brings."""

    def on_message(self, message):
        return message

    async def step(self):
        await self.subscribe("book")
        self.log("step")
        await self.on_message_from_base({})
        return await super().step()
