"""Functions under decorators of another module, used in the wrong colour."""

import asyncio

from retrying import logged, named, offload


@logged
async def fetch(symbol: str) -> dict:
    await asyncio.sleep(0)
    return {"symbol": symbol}


@logged
def parse(row: dict) -> str:
    return f"{row['symbol']}"


@named("label")
def label() -> str:
    return "x"


class Client:
    @offload
    def book(self, symbol: str) -> dict:
        return {"symbol": symbol}

    @named("ticker")
    async def ticker(self, symbol: str) -> dict:
        return await fetch(symbol)


async def fault_fetch() -> None:
    fetch("ETH")  # <- DG102


async def fault_parse() -> None:
    await parse({"symbol": "ETH"})  # <- DG101


async def fault_label() -> None:
    await label()  # <- DG101


async def fault_book() -> str:
    return Client().book("ETH")["symbol"]  # <- DG103


async def fault_ticker() -> str:
    return Client().ticker("ETH")["symbol"]  # <- DG103
