import asyncio
import time


def blocking(symbol: str) -> str:
    time.sleep(0.1)
    return symbol


async def fetch(symbol: str) -> str:
    await asyncio.sleep(0)
    return symbol


def later(symbol: str) -> str:
    return fetch(symbol)


async def main() -> None:
    loop = asyncio.get_running_loop()
    print(
        await asyncio.gather(
            asyncio.to_thread(blocking, "ETH"),
            loop.run_in_executor(None, blocking, "BTC"),
            later("SOL"),
            *(later(symbol) for symbol in ("A", "B")),
        )
    )
    print(await asyncio.wait_for(later("XRP"), 1))


asyncio.run(main())
