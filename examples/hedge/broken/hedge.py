"""Run the hedging bot: python hedge.py --ticker ETH --size 0.5 --iter 5"""

import argparse
import asyncio
import logging
from decimal import Decimal

from exchanges.base import Settings
from exchanges.factory import EXCHANGES, create_client
from strategy import HedgeBot


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Hedge a holding with a perpetual.")
    parser.add_argument("--exchange", choices=EXCHANGES, default="grvt")
    parser.add_argument("--environment", default="testnet", help="of the exchange (default: testnet)")
    parser.add_argument("--ticker", default="ETH")
    parser.add_argument("--size", type=Decimal, default=Decimal("0.5"), help="base asset per iteration")
    parser.add_argument("--iter", type=int, default=1, dest="iterations")
    parser.add_argument("--hold", type=float, default=5.0, help="seconds between opening and closing")
    return parser.parse_args()


async def main() -> None:
    args = parse_arguments()
    settings = Settings(args.ticker, args.environment)
    client = create_client(args.exchange, settings)  # <- DG202
    await HedgeBot(client, settings.symbol, args.size, args.iterations, args.hold).run()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(main())
