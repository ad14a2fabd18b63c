"""Print what the exchange quotes, to see that the keys are there: python check_bbo.py ETH"""

import asyncio
import sys

from exchanges.base import Settings
from exchanges.grvt import GrvtClient


async def main(ticker: str) -> None:
    settings = Settings(ticker)
    client = GrvtClient(settings)  # <- DG202
    ticker_now = await client.rest_client.fetch_ticker(settings.symbol)  # <- DG101
    for key in ("best_bid_price", "best_bid_size", "best_ask_price", "best_ask_size"):
        print(f"{key:16} {ticker_now[key]}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "ETH"))
