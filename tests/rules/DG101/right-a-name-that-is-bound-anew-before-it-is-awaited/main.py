import asyncio


def connect(url: str) -> str:
    return url


async def connect_async(url: str) -> str:
    await asyncio.sleep(0)
    return url


async def main(fast: bool) -> None:
    connection = connect("wss://example.invalid")
    print(connection)
    connection = connect_async("wss://example.invalid")
    print(await connection)
    opener = connect
    if fast:
        opener = connect_async
    print(await opener("wss://example.invalid"))
