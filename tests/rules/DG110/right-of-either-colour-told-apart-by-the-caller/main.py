import asyncio
import inspect


async def send(order: str) -> str:
    await asyncio.sleep(0)
    return order


async def handle(order: str, background: bool):
    if background:
        return send(order)
    return order


async def main() -> None:
    result = await handle("a", True)
    if inspect.isawaitable(result):
        result = await result
    print(result)


asyncio.run(main())
