import asyncio


async def poll() -> None:
    await asyncio.sleep(0)


async def main() -> None:
    task = asyncio.create_task(poll)  # <- DG106
    await asyncio.gather([poll(), poll()])  # <- DG106
    await asyncio.gather(task, poll)  # <- DG106


if __name__ == "__main__":
    asyncio.run(main)  # <- DG106
