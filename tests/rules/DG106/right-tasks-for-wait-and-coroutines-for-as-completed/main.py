import asyncio


async def fetch(symbol: str) -> str:
    await asyncio.sleep(0)
    return symbol


async def main(given) -> None:
    tasks = [asyncio.create_task(fetch(s)) for s in ("ETH", "BTC")]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    print(done)
    await asyncio.wait(pending)
    await asyncio.wait({asyncio.ensure_future(fetch("ETH")), asyncio.create_task(fetch("BTC"))})
    await asyncio.wait(given)
    for each in asyncio.as_completed([fetch("ETH"), fetch("BTC")]):
        print(await each)
    for each in asyncio.as_completed({asyncio.create_task(fetch("SOL"))}, timeout=1):
        print(await each)


