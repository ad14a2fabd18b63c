from decimal import Decimal


class Positions:
    def __init__(self) -> None:
        self._sizes: dict[str, str] = {}

    def size(self, symbol: str) -> Decimal:
        return Decimal(self._sizes.get(symbol, "0"))


class Hedger:
    def __init__(self) -> None:
        self.positions = Positions()

    async def imbalance(self, first: str, second: str) -> Decimal:
        size = self.positions.size(first)
        return size + self.positions.size(second).copy_abs()
