from pysdk.grvt_ccxt_env import GrvtEnv
from pysdk.grvt_ccxt_pro import GrvtCcxtPro


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.client = GrvtCcxtPro(env=GrvtEnv.TESTNET, parameters=parameters)

    async def close_all(self, symbol: str) -> None:
        await self.client.cancel_all_orders()
        order = await self.client.create_order(
            symbol,
            "market",
            "sell",
            1,  # contracts
        )
        print("closed")
