from pysdk.grvt_ccxt_env import GrvtEnv
from pysdk.grvt_ccxt_pro import GrvtCcxtPro


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.client = GrvtCcxtPro(env=GrvtEnv.TESTNET, parameters=parameters)

    async def close_all(self, symbol: str) -> None:
        self.client.cancel_all_orders()  # <- DG102
        order = self.client.create_order(  # <- DG102
            symbol,
            "market",
            "sell",
            1,  # contracts
        )
        print("closed")
