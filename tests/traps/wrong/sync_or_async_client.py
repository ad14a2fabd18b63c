"""Receivers that are always of one colour, however they come about."""

import asyncio


class RestClient:
    def fetch_ticker(self, symbol):
        return {"symbol": symbol}

    def close(self):
        return None


class AsyncRestClient:
    async def fetch_ticker(self, symbol):
        await asyncio.sleep(0)
        return {"symbol": symbol}

    async def close(self):
        return None


class OtherRestClient(RestClient):
    pass


class Switch:
    def __init__(self, testnet):
        if testnet:
            self.client = RestClient()
        else:
            self.client = OtherRestClient()

    async def ticker(self, symbol):
        return await self.client.fetch_ticker(symbol)  # <- DG101


class Lazy:
    def __init__(self):
        self.client = None

    async def ticker(self, symbol):
        if self.client is None:
            self.client = AsyncRestClient()
        return self.client.fetch_ticker(symbol)["symbol"]  # <- DG103

    async def close(self):
        if self.client:
            self.client.close()  # <- DG102
            self.client = None


class Injected:
    def __init__(self, client: RestClient) -> None:
        self.client = client

    async def ticker(self, symbol):
        return await self.client.fetch_ticker(symbol)  # <- DG101


def build(testnet):
    if testnet:
        return RestClient()
    return OtherRestClient()


class Factory:
    def __init__(self):
        self._build()

    def _build(self):
        try:
            self.client = build(True)
        except OSError as error:
            raise ValueError("no client") from error

    async def close(self):
        await self.client.close()  # <- DG101


class Base:
    def __init__(self):
        self.client = self.make_client()

    def make_client(self):
        return AsyncRestClient()


class Concrete(Base):
    async def symbol(self):
        return self.client.fetch_ticker("ETH")["symbol"]  # <- DG103


async def fault_switch():
    await Switch(True).ticker("ETH")


async def fault_lazy():
    await Lazy().ticker("ETH")


async def fault_lazy_close():
    lazy = Lazy()
    lazy.client = AsyncRestClient()
    await lazy.close()


async def fault_injected():
    await Injected(RestClient()).ticker("ETH")


async def fault_factory():
    await Factory().close()


async def fault_base():
    await Concrete().symbol()
