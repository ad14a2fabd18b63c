import asyncio

from client import Client


async def main() -> None:
    client = Client()
    await client.connect()
    asyncio.create_task(client.listen())  # <- DG107
    await asyncio.sleep(60)


asyncio.run(main())
