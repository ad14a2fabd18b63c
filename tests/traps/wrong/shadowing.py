"""The innermost name counts."""

import asyncio


async def fetch(symbol):
    await asyncio.sleep(0)
    return {"symbol": symbol}


async def helper():
    return {"plain": False}


def helper():  # noqa: F811
    return {"plain": True}


class Scope:
    def print(self, text):
        return text

    async def show(self):
        await self.print("x")  # <- DG101

    async def list(self):
        return [1]

    async def first(self):
        return self.list()[0]  # <- DG103


async def fault_redefined():
    await helper()  # <- DG101


async def fault_local():
    def fetch(symbol):
        return {"symbol": symbol}

    await fetch("ETH")  # <- DG101


async def fault_builtin_method():
    await Scope().show()


async def fault_builtin():
    await print("", end="")  # <- DG101


async def fault_list_method():
    await Scope().first()


async def fault_outer():
    class Local:
        fetch = staticmethod(lambda symbol: {"symbol": symbol})

        async def outer(self):
            return fetch("ETH")["symbol"]  # <- DG103

    return await Local().outer()
