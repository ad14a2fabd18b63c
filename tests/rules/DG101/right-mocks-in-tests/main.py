from unittest.mock import AsyncMock, MagicMock, Mock


class Client:
    def price(self) -> float:
        return 1.0


async def test_price() -> None:
    client = Client()
    client.price = AsyncMock(return_value=2.0)
    assert await client.price() == 2.0
    venue = MagicMock()
    venue.connect = AsyncMock()
    await venue.connect()
    other = Mock(fetch=AsyncMock(return_value={}))
    assert await other.fetch("ETH") == {}
