import logging

from exchanges.paper import PaperClient

logger = logging.getLogger(__name__)


class Bot:
    def __init__(self) -> None:
        self.client = PaperClient()

    async def open(self, price: float) -> float:
        result = self.client.place_open_order(price)
        if result.success:  # <- DG103
            return price
        return 0.0

    async def prices(self) -> list[float]:
        return [order.price for order in self.client.open_orders()]  # <- DG103

    async def cancel(self) -> None:
        for order in self.client.open_orders():  # <- DG103
            print(order.price)
