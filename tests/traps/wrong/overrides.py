"""No override of another colour exists anywhere, so what the base says holds."""

import asyncio
from abc import ABC, abstractmethod


class Exchange(ABC):
    @abstractmethod
    async def fetch_ticker(self, symbol: str) -> dict: ...

    def name(self) -> str:
        return "exchange"

    async def quote(self, symbol: str):
        return self.fetch_ticker(symbol)["symbol"]  # <- DG103

    async def label(self):
        return await self.name()  # <- DG101

    async def refresh(self):
        self.fetch_ticker("ETH")  # <- DG102


class Grvt(Exchange):
    async def fetch_ticker(self, symbol: str) -> dict:
        await asyncio.sleep(0)
        return {"symbol": symbol}


class Paper(Grvt):
    def name(self) -> str:
        return "paper"

    async def show(self):
        super().fetch_ticker("ETH")  # <- DG102
        return await super().name()  # <- DG101


class Plain:
    def step(self):
        return 1

    async def run(self):
        return await self.step()  # <- DG101


class Double(Plain):
    def step(self):
        return 2


async def use(exchange: Exchange) -> None:
    exchange.fetch_ticker("ETH")  # <- DG102


async def fault_quote():
    await Grvt().quote("ETH")


async def fault_label():
    await Grvt().label()


async def fault_refresh():
    await Grvt().refresh()


async def fault_show():
    await Paper().show()


async def fault_step():
    await Double().run()


async def fault_use():
    await use(Grvt())
