from .base import BaseExchangeClient, OrderResult


class PaperClient(BaseExchangeClient):
    async def place_open_order(self, price: float) -> OrderResult:
        return OrderResult(True, price)

    async def open_orders(self) -> list[OrderResult]:
        return []
