"""The same client with bodies as good as their word: what they return is plain, and awaiting it fails."""

import asyncio


class Wire:
    def post(self, path: str, payload: dict) -> dict:
        return {"path": path, **payload}


class BaseClient:
    def __init__(self) -> None:
        self.wire = Wire()

    def _request(self, path: str, payload: dict) -> dict:
        return self.wire.post(path, payload)

    def ping(self) -> dict:
        return self._request("ping", {})


class Client(BaseClient):
    def ticker(self, symbol: str) -> dict:
        return self.wire.post("ticker", {"symbol": symbol})

    def orders(self, symbol: str) -> dict:
        if not symbol:
            return self.wire.post("orders", {})
        else:
            return self.wire.post("orders", {"symbol": symbol})

    @property
    def clock(self) -> int:
        return 0

    @staticmethod
    def pause(seconds: float) -> None:
        assert seconds >= 0

    @classmethod
    def connect(cls) -> "Client":
        return cls()


def server_time(client: Client) -> int:
    return len(client.wire.post("time", {}))


async def fault_direct() -> None:
    client = Client()
    await client.ticker("ETH")  # <- DG101


async def fault_inherited() -> None:
    client = Client()
    await client.ping()  # <- DG101


async def fault_branches() -> None:
    client = Client()
    orders = await client.orders("ETH")  # <- DG101
    assert orders


async def fault_property() -> None:
    client = Client()
    await client.clock  # <- DG101


async def fault_static() -> None:
    await Client.pause(0)  # <- DG101


async def fault_factory() -> None:
    client = await Client.connect()  # <- DG101
    assert client


async def fault_function() -> None:
    assert await server_time(Client())  # <- DG101


async def fault_promised_by_async() -> None:
    async def post() -> dict:
        await asyncio.sleep(0)
        return {}

    async def fetch() -> dict:
        return await post()

    fetch()["symbol"]  # <- DG103
