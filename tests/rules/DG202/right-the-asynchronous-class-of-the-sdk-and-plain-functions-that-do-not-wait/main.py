from pysdk.grvt_ccxt_env import GrvtEnv
from pysdk.grvt_ccxt_pro import GrvtCcxtPro


class GrvtClient:
    def __init__(self, parameters: dict) -> None:
        self.client = GrvtCcxtPro(env=GrvtEnv.TESTNET, parameters=parameters)

    def _levels(self, book: dict) -> list:
        return [level["price"] for level in book["bids"]]

    async def bids(self, symbol: str) -> list:
        print(self.client.get_trading_account_id())
        return self._levels(await self.client.fetch_order_book(symbol))
