from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv

client = GrvtCcxt(GrvtEnv.TESTNET)  # <- DG203


def open_orders(symbol: str) -> list:
    return client.fetch_open_orders(symbol)


async def flat(symbol: str) -> bool:
    return not open_orders(symbol)  # <- DG202
