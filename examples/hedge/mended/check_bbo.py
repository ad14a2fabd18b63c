"""Print what the exchange quotes: python check_bbo.py ETH"""

import asyncio
import sys

from exchanges.base import Settings
from exchanges.grvt import GrvtClient


async def show(client: GrvtClient, symbol: str) -> None:
    await client.connect()
    quote = await client.fetch_bbo(symbol)
    print(f"bid {quote.bid} x {quote.bid_size}, ask {quote.ask} x {quote.ask_size}, spread {quote.spread}")


if __name__ == "__main__":
    settings = Settings(sys.argv[1] if len(sys.argv) > 1 else "ETH")
    asyncio.run(show(GrvtClient(settings), settings.symbol))
