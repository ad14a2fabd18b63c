"""Annotations that lie: the body returns an awaitable, so the callers that await are right."""

import asyncio
from functools import partial
from typing import Any


class Wire:
    async def post(self, path: str, payload: dict) -> dict:
        await asyncio.sleep(0)
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

    def book(self, symbol: str) -> dict:
        return self._request("book", {"symbol": symbol})

    def trades(self, symbol: str) -> list:
        response = self._request("trades", {"symbol": symbol})
        return response

    def balance(self) -> float:
        send = partial(self.wire.post, "balance")
        return send({})

    def orders(self, symbol: str) -> "dict[str, Any]":
        if not symbol:
            return self.wire.post("orders", {})
        else:
            return self.wire.post("orders", {"symbol": symbol})

    @property
    def clock(self) -> int:
        return self._request("clock", {})

    @staticmethod
    def pause(seconds: float) -> None:
        return asyncio.sleep(seconds)

    @classmethod
    def connect(cls) -> "Client":
        return cls._connect()

    @classmethod
    async def _connect(cls) -> "Client":
        return cls()


def server_time(client: Client) -> int:
    return client.wire.post("time", {})


def first_quote(client: Client) -> str:
    try:
        return client.ticker("ETH")
    except KeyError:
        return client.ticker("BTC")


def as_task(client: Client) -> dict:
    return asyncio.ensure_future(client.wire.post("task", {}))


async def main() -> None:
    client = Client()
    ticker = await client.ticker("ETH")
    assert ticker["symbol"] == "ETH"
    book = await client.book("ETH")
    assert book["path"] == "book"
    assert (await client.trades("ETH"))["path"] == "trades"
    assert await client.balance() == {"path": "balance"}
    assert await client.orders("") != await client.orders("ETH")
    assert (await client.clock)["path"] == "clock"
    assert await client.ping()
    await client.pause(0)
    await Client.pause(0)
    other = await Client.connect()
    assert await server_time(other)
    assert await first_quote(other)
    assert await as_task(other)
