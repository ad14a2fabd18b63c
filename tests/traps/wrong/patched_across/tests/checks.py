from unittest.mock import AsyncMock, patch

from client import Client, Manager


async def test_place():
    manager = Manager()
    manager.send = AsyncMock(return_value={})
    manager.best = AsyncMock()
    with patch("client.Client.bbo", AsyncMock()), patch.object(Client, "bbo"):
        await manager.place()
