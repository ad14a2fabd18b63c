import asyncio


async def poll() -> None:
    await asyncio.sleep(0)


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(poll())
        group.create_task(poll(), name="second")


asyncio.run(main())
