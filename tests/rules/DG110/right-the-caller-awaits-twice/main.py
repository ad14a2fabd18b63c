import asyncio


async def send(order: str) -> str:
    await asyncio.sleep(0)
    return order


async def prepare(order: str):
    await asyncio.sleep(0)
    return send(order)


async def prepare_all(orders: list[str]):
    await asyncio.sleep(0)
    return [send(order) for order in orders]


async def main() -> None:
    job = await prepare("a")
    print(await job, await (await prepare("b")))
    await asyncio.gather(*await prepare_all(["c", "d"]))
    task = asyncio.create_task(await prepare("e"))
    await task


asyncio.run(main())
