"""What tests replace they may await, and what reaches it through plain functions of the program too."""

from unittest.mock import AsyncMock, Mock, patch

import client
from client import Client, Manager

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


async def main():
    await assigned()
    await patched()
    await patched_class()
    await patched_function()
    await patched_to_plain()
