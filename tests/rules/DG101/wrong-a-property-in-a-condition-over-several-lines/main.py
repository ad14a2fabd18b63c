from decimal import Decimal


class Book:
    def __init__(self) -> None:
        self.bids = [(Decimal("2999"), Decimal(1))]
        self.asks = [(Decimal("3001"), Decimal(1))]

    @property
    def spread(self) -> Decimal:
        return Decimal(self.asks[0][0]) - Decimal(self.bids[0][0])


async def quotes(book: Book, limit: Decimal) -> str:
    if (
        limit
        > await book.spread  # <- DG101
    ):
        return """
  narrow
"""
    return "wide"


async def main() -> None:
    print(await quotes(Book(), Decimal(1)))
