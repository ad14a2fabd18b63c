import ccxt
import ccxt.async_support as ccxt_async
import ccxt.pro


class Bot:
    def __init__(self, name: str) -> None:
        self.plain = ccxt.binance({})  # <- DG203
        self.client = ccxt_async.binance({})
        self.named = getattr(ccxt.pro, name)({})
        chosen = getattr(ccxt, name)
        self.plain_named = chosen({})

    async def precision(self, symbol: str, price: float) -> None:
        print(await self.plain.price_to_precision(symbol, price))  # <- DG101
        print(await self.client.price_to_precision(symbol, price))  # <- DG101
        print(await self.client.priceToPrecision(symbol, price))  # <- DG101
        print(self.named.amount_to_precision(symbol, price))

    async def endpoints(self) -> None:
        await self.plain.fapiPrivateV2GetPositionRisk()  # <- DG101
        await self.client.fapiPrivateV2GetPositionRisk()
        self.client.fapiPrivateV2GetPositionRisk()  # <- DG102
        await self.client.sapi_get_system_status()

    async def camel_case(self, symbol: str) -> None:
        self.client.cancelAllOrders(symbol)  # <- DG102
        await self.plain.fetchOHLCV(symbol)  # <- DG101
        await self.client.fetchOHLCV(symbol)

    async def by_name(self, symbol: str) -> None:
        print(await self.named.watch_ticker(symbol))
        self.named.cancel_all_orders(symbol)  # <- DG102
        await self.plain_named.fetch_ticker(symbol)  # <- DG101
