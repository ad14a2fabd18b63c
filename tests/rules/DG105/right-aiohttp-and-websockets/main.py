import aiohttp
import websockets


async def stream(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            print(await response.json())
        async with session.ws_connect(url) as socket:
            async for message in socket:
                print(message.data)
    async with websockets.connect(url) as socket:
        async for message in socket:
            print(message)
    async for socket in websockets.connect(url):
        await socket.send("ping")
