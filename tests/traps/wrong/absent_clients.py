"""One's own methods beside the clients of libraries that are not installed."""

import aiohttp
from aiohttp import web
from some_unknown_sdk import AsyncVenue


class Http:
    def __init__(self):
        self.session = aiohttp.ClientSession()

    async def get(self, path):
        async with self.session.get(path) as response:
            return await response.json()

    def headers(self):
        return {"x": "y"}

    async def ticker(self):
        return self.get("ticker")["symbol"]  # <- DG103

    async def signed(self):
        headers = await self.headers()  # <- DG101
        return headers


class Derived(AsyncVenue):
    async def own_step(self):
        return {"n": 1}

    async def step(self):
        await self.subscribe("book")
        return self.own_step()["n"]  # <- DG103


async def on_request(request):
    body = await request.json()
    audit(body)  # <- DG102
    return web.json_response(body)


async def audit(body):
    return None
