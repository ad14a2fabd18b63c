from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv


def report() -> None:
    client = GrvtCcxt(GrvtEnv.TESTNET)
    print(client.fetch_positions())


if __name__ == "__main__":
    report()
