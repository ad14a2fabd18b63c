"""Colours that differ along the inheritance: abstract bases, protocols, mixins, generics."""

import asyncio
from abc import ABC, abstractmethod
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")


class Exchange(ABC):
    @abstractmethod
    def fetch_ticker(self, symbol: str) -> dict:
        """Plain here, a coroutine in every subclass."""

    @abstractmethod
    def close(self) -> None: ...

    def cancel(self, order_id: int) -> bool:
        raise NotImplementedError

    def connect(self):
        pass

    def name(self) -> str:
        return "exchange"

    async def quote(self, symbol: str):
        ticker = await self.fetch_ticker(symbol)
        return ticker["symbol"]

    async def stop(self) -> None:
        await self.close()

    async def cancel_all(self) -> bool:
        await self.connect()
        return await self.cancel(1)


class Grvt(Exchange):
    async def fetch_ticker(self, symbol: str) -> dict:
        await asyncio.sleep(0)
        return {"symbol": symbol}

    async def close(self) -> None:
        return None

    async def cancel(self, order_id: int) -> bool:
        return True

    async def connect(self):
        self.connected = True


class Paper(Grvt):
    def cancel(self, order_id: int):
        return super().cancel(order_id)


class Plain:
    def step(self):
        return 1

    def run(self):
        return self.step()


class Coloured(Plain):
    async def step(self):
        return 2


class Template:
    """The hook does nothing here; subclasses may await in it."""

    async def on_start(self):
        pass

    def on_tick(self, tick):
        """Nothing by default."""

    async def run(self):
        await self.on_start()
        result = self.on_tick(1)
        if result is not None:
            await result


class TickStrategy(Template):
    async def on_tick(self, tick):
        return tick


class QuietStrategy(Template):
    def on_start(self):
        return asyncio.sleep(0)


class Fetches(Protocol):
    def fetch(self, symbol: str) -> Any: ...


class FetchesLater(Protocol):
    async def fetch(self, symbol: str) -> dict: ...


class PlainFetcher:
    def fetch(self, symbol: str) -> dict:
        return {"symbol": symbol}


class CoroutineFetcher:
    async def fetch(self, symbol: str) -> dict:
        return {"symbol": symbol}


async def use(fetcher: Fetches) -> Any:
    return await fetcher.fetch("ETH")


async def use_later(fetcher: FetchesLater) -> dict:
    return await fetcher.fetch("ETH")


class SendMixin:
    """Uses what its host has."""

    async def send(self, row):
        await self.write(row)
        self.flush()
        return self.rows


class Writer:
    def __init__(self):
        self.rows = []

    async def write(self, row):
        self.rows.append(row)

    def flush(self):
        return None


class Socket(SendMixin, Writer):
    pass


class Reordered(Writer, SendMixin):
    def write(self, row):
        return super().write(row)


class Repository(Generic[T]):
    def __init__(self, item: T) -> None:
        self.item = item

    def get(self) -> T:
        return self.item

    async def load(self) -> T:
        return self.item


class Cached(Repository[dict]):
    async def load(self) -> dict:
        return await super().load()


class NotImplementedBase:
    client = None

    def request(self, path):
        raise NotImplementedError("subclasses send")

    async def ping(self):
        return await self.request("ping")


class Ticking(NotImplementedBase):
    def request(self, path):
        return asyncio.sleep(0, path)


def build(cls: type) -> Any:
    return cls()


def base_method_of_any(exchange: Exchange):
    return exchange.fetch_ticker("ETH")


async def main() -> None:
    for exchange in (Grvt(), Paper()):
        assert await exchange.quote("ETH") == "ETH"
        assert await exchange.cancel_all()
        assert (await base_method_of_any(exchange))["symbol"] == "ETH"
        assert exchange.name() == "exchange"
        await exchange.stop()
    assert Plain().run() == 1
    assert await Coloured().run() == 2
    await Template().run()
    await TickStrategy().run()
    await QuietStrategy().run()
    assert (await use(CoroutineFetcher()))["symbol"] == "ETH"
    assert await use_later(CoroutineFetcher())
    assert PlainFetcher().fetch("ETH")["symbol"] == "ETH"
    assert await Socket().send(1) == [1]
    assert await Reordered().send(2) == [2]
    assert Repository({"a": 1}).get()["a"] == 1
    assert (await Cached({"a": 1}).load())["a"] == 1
    assert await Repository(asyncio.sleep(0, 5)).get() == 5
    assert await Ticking().ping() == "ping"
    assert await build(Grvt).fetch_ticker("ETH")
