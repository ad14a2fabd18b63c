import asyncio
import threading


async def fetch(symbol: str) -> str:
    await asyncio.sleep(0)
    return symbol


def fetch_in_thread(symbol: str) -> str:
    return asyncio.run(fetch(symbol))


async def main() -> None:
    print(await asyncio.to_thread(fetch_in_thread, "ETH"))
    loop = asyncio.get_running_loop()
    print(await loop.run_in_executor(None, fetch_in_thread, "BTC"))
    print(await loop.run_in_executor(None, lambda: asyncio.run(fetch("SOL"))))

    def worker() -> None:
        asyncio.run(fetch("XRP"))

    thread = threading.Thread(target=worker)
    thread.start()


asyncio.run(main())
