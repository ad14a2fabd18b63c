"""A plain function kept in an attribute of one's own is a mistake here; one handed in is a mistake there."""

import asyncio


def sign(price: float) -> float:
    return float(price)


class Own:
    def __init__(self) -> None:
        self.signed = sign

    async def run(self) -> float:
        return await self.signed(1.0)  # <- DG101


class Taker:
    def __init__(self, on_price) -> None:
        self.on_price = on_price

    async def run(self) -> float:
        return await self.on_price(1.0)


async def fault_own() -> None:
    await Own().run()


async def fault_taker() -> None:
    await Taker(sign).run()  # <- DG108


def main() -> None:
    asyncio.run(fault_own())
