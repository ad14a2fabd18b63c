"""Nothing is put in place at run time: what is written in the class holds."""

import asyncio


class Client:
    def fetch(self, symbol):
        return {"symbol": symbol}

    async def place(self, order):
        await asyncio.sleep(0)
        return order


class Clock:
    sleep = staticmethod(asyncio.sleep)


SLEEP = asyncio.sleep


class Holder:
    def __init__(self):
        self.place = Client().place
        self.fetch = Client().fetch


async def fault_fetch():
    await Client().fetch("ETH")  # <- DG101


async def fault_place():
    Client().place({"id": 1})  # <- DG102


async def fault_alias():
    SLEEP(0)  # <- DG102


async def fault_class_attribute():
    Clock.sleep(0)  # <- DG102


async def fault_bound_method_kept():
    holder = Holder()
    holder.place({"id": 1})  # <- DG102


async def fault_bound_plain_method_kept():
    holder = Holder()
    await holder.fetch("ETH")  # <- DG101
