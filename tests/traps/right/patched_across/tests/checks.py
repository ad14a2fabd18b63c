"""What tests replace they may await, and what reaches it through plain functions of the program too."""

from unittest.mock import AsyncMock, Mock, patch

import client
from client import Client, Desk, Keeper, Manager

TARGET = "client.Client.bbo"


async def assigned():
    manager = Manager()
    manager.client.bbo = AsyncMock(return_value=1)
    assert await manager.client.bbo() == 1
    assert await manager.best() == 1


async def patched():
    with patch(TARGET, AsyncMock(return_value=2)):
        assert await Client().bbo() == 2
        assert await Manager().best() == 2


async def patched_class():
    with patch("client.Client", new=AsyncMock):
        await Manager().client.bbo()


async def patched_function():
    with patch.object(client, "quote", new_callable=AsyncMock):
        await client.quote()


async def patched_to_plain():
    manager = Manager()
    with patch.object(manager, "send", Mock(return_value={"sent": False})):
        assert not manager.send()["sent"]


async def passed_to_constructor():
    keeper = Keeper(AsyncMock())
    await keeper.client.bbo()
    await Keeper(client=AsyncMock()).client.bbo()


class FakeClient:
    async def bbo(self):
        return {"bid": 2}


async def passed_through():
    assert (await Desk(FakeClient()).keeper.client.bbo())["bid"] == 2


async def main():
    await passed_to_constructor()
    await passed_through()
    await assigned()
    await patched()
    await patched_class()
    await patched_function()
    await patched_to_plain()
