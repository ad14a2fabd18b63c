"""Undecorated neighbours of functions with an unknown decorator; their colour is known."""

from vendor_kit import register


@register("strategy")
def strategy():
    return {"n": 1}


def plain_strategy():
    return {"n": 1}


async def later_strategy():
    return {"n": 1}


class Client:
    @register
    def fees(self):
        return {}

    def balance(self):
        return {}

    async def positions(self):
        return []

    async def use(self):
        await self.fees()
        await self.balance()  # <- DG101
        self.positions()  # <- DG102


async def use_all():
    await strategy()
    await plain_strategy()  # <- DG101
    return later_strategy()["n"]  # <- DG103
