from unittest.mock import AsyncMock, Mock, patch


class Client:
    async def cancel(self) -> None: ...


def test_stop() -> None:
    client = Client()
    client.cancel = Mock()
    client.cancel()
    client.cancel.assert_called_once()
    other = AsyncMock()
    other.cancel.assert_not_called()
    with patch.object(Client, "cancel", new_callable=Mock) as cancel:
        cancel()
