"""Coroutine functions that return a coroutine, and nobody awaits it."""

import asyncio


async def fetch(symbol):
    await asyncio.sleep(0)
    return {"symbol": symbol}


class Client:
    async def ticker(self, symbol):
        return await fetch(symbol)

    async def quote(self, symbol):
        return self.ticker(symbol)  # <- DG110

    async def show(self):
        quote = await self.quote("ETH")
        return quote


async def prepare(symbol):
    return fetch(symbol)  # <- DG110


async def fault_method():
    await Client().show()


async def fault_function():
    await prepare("ETH")
