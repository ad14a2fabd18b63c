"""Properties awaited that give plain values, and properties not awaited that give a coroutine."""

import asyncio
from functools import cached_property


class Account:
    async def _load(self, what: str) -> dict:
        await asyncio.sleep(0)
        return {"what": what}

    @property
    def balance(self):
        return self._load("balance")

    @property
    async def positions(self):
        return await self._load("positions")

    @property
    def label(self):
        return "account"

    @cached_property
    def digits(self):
        return len(self.label)


class Holder:
    def __init__(self):
        self.account = Account()

    async def label(self):
        return await self.account.label  # <- DG101

    async def digits(self):
        return await self.account.digits  # <- DG101

    async def balance(self):
        return self.account.balance["what"]  # <- DG103

    async def positions(self):
        return self.account.positions["what"]  # <- DG103


async def fault_label():
    await Holder().label()


async def fault_digits():
    await Holder().digits()


async def fault_balance():
    await Holder().balance()


async def fault_positions():
    await Holder().positions()
