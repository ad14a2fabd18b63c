import asyncio

import venue


async def main() -> None:
    exchange = venue.create("paper")
    await exchange.connect()
    print(await exchange.tick_size("ETH"))  # <- DG101


asyncio.run(main())
