import asyncio


class Account:
    def __init__(self) -> None:
        self.sizes: dict[str, float] = {}

    async def is_flat(self) -> bool:
        await asyncio.sleep(0)
        return not self.sizes

    async def connected(self) -> bool:
        await asyncio.sleep(0)
        return True


class Hedger:
    def __init__(self) -> None:
        self.account = Account()

    async def step(self) -> str:
        if self.account.is_flat():  # <- DG103
            return "open"
        while not self.account.connected():  # <- DG103
            await asyncio.sleep(1)
        return "close" if self.account.is_flat() else "hold"  # <- DG103

    async def guard(self, armed: bool) -> None:
        if armed and not self.account.is_flat():  # <- DG103
            raise RuntimeError("position open")
