"""Properties, cached properties and descriptors that give an awaitable."""

import asyncio
from functools import cached_property


class Once:
    """A descriptor: the attribute is the coroutine of the method."""

    def __init__(self, function):
        self.function = function

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner):
        return self if instance is None else self.function(instance)


class Account:
    def __init__(self):
        self._task = None

    async def _load(self, what: str) -> dict:
        await asyncio.sleep(0)
        return {"what": what}

    @property
    def balance(self):
        return self._load("balance")

    @property
    async def positions(self):
        return await self._load("positions")

    @cached_property
    def fees(self):
        return asyncio.ensure_future(self._load("fees"))

    @property
    def ready(self) -> asyncio.Task:
        if self._task is None:
            self._task = asyncio.create_task(self._load("ready"))
        return self._task

    @property
    def label(self):
        return "account"

    @property
    def loader(self):
        return self._load

    @Once
    async def margin(self):
        return await self._load("margin")

    def _get_equity(self):
        return self._load("equity")

    equity = property(_get_equity)

    clock = property(lambda self: self._load("clock"))


class SubAccount(Account):
    @property
    def label(self):
        return super().label + "-sub"

    @property
    def balance(self):
        return super().balance


class Holder:
    def __init__(self, account: Account) -> None:
        self.account = account

    @property
    def balance(self):
        return self.account.balance

    async def show(self):
        balance = await self.balance
        positions = await self.account.positions
        return balance["what"], positions["what"]


async def main():
    account = Account()
    assert (await account.balance)["what"] == "balance"
    assert (await account.positions)["what"] == "positions"
    assert (await account.fees) == (await account.fees)
    await account.ready
    assert account.ready.done()
    assert account.label.upper() == "ACCOUNT"
    assert await account.loader("x")
    assert (await account.margin)["what"] == "margin"
    assert (await account.equity)["what"] == "equity"
    assert (await account.clock)["what"] == "clock"
    sub = SubAccount()
    assert sub.label == "account-sub"
    assert await sub.balance
    assert await Holder(sub).show() == ("balance", "positions")
    await asyncio.gather(account.balance, account.positions)
