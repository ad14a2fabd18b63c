import asyncio


def fetch(symbol: str) -> str:
    return symbol


async def main() -> None:
    print(asyncio.run(fetch("ETH")))  # <- DG109
    print(asyncio.get_running_loop().run_until_complete(fetch("SOL")))  # <- DG109


asyncio.run(main())
