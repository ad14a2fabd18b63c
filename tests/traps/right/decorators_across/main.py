"""Functions under decorators that are defined in another module."""

import asyncio

import retrying
from retrying import blocking_face, default_on_error, registry, retry
from retrying import offload as in_thread


@retry(times=3)
async def fetch(symbol: str) -> dict:
    await asyncio.sleep(0)
    return {"symbol": symbol}


@retry()
def parse(row: dict) -> str:
    return row["symbol"]


@in_thread
def load(symbol: str) -> dict:
    return {"symbol": symbol}


@retrying.offload
def save(symbol: str) -> bool:
    return bool(symbol)


@blocking_face
async def command(symbol: str) -> str:
    return parse(await fetch(symbol))


@default_on_error({"symbol": "none"})
def risky(symbol: str) -> dict:
    raise ValueError(symbol)


@default_on_error(default=None)
async def risky_later(symbol: str) -> dict:
    raise ValueError(symbol)


@registry.register("size")
def size(symbol: str) -> int:
    return len(symbol)


class Client:
    @retry(times=1)
    async def ticker(self, symbol: str) -> dict:
        return await fetch(symbol)

    @in_thread
    def book(self, symbol: str) -> dict:
        return {"symbol": symbol}

    @retry()
    def label(self) -> str:
        return "client"

    @retry(times=1)
    @in_thread
    def stacked(self) -> dict:
        return {"n": 1}


async def everything() -> None:
    assert parse(await fetch("ETH")) == "ETH"
    assert (await load("ETH"))["symbol"] == "ETH"
    assert await save("ETH")
    assert (await risky("x"))["symbol"] == "none"
    assert await risky_later("x") is None
    assert await size("ETH") == 3
    assert await registry.handlers["size"]("BTC") == 3
    client = Client()
    assert (await client.ticker("ETH"))["symbol"] == "ETH"
    assert (await client.book("ETH"))["symbol"] == "ETH"
    assert client.label().upper() == "CLIENT"


async def stacked() -> None:
    pending = Client().stacked()
    assert (await pending)["n"] == 1


def main() -> None:
    asyncio.run(everything())
    asyncio.run(stacked())
    assert command("ETH") == "ETH"
