"""Overloads, of which the implementation or the arguments decide the colour."""

import asyncio
from typing import Any, Coroutine, Literal, Union, overload


async def _fetch(path: str) -> dict:
    await asyncio.sleep(0)
    return {"path": path}


@overload
def fetch(path: str, wait: Literal[True]) -> dict: ...


@overload
def fetch(path: str, wait: Literal[False] = False) -> Coroutine[Any, Any, dict]: ...


def fetch(path: str, wait: bool = False) -> Union[dict, Coroutine[Any, Any, dict]]:
    if wait:
        return {"path": path}
    return _fetch(path)


class Client:
    @overload
    def order(self, order_id: int) -> "Coroutine[Any, Any, dict]": ...

    @overload
    def order(self, order_id: str) -> "Coroutine[Any, Any, list]": ...

    async def order(self, order_id):
        return {"id": order_id}

    @overload
    async def cancel(self, order_id: int) -> bool: ...

    @overload
    async def cancel(self, order_id: str) -> bool: ...

    async def cancel(self, order_id) -> bool:
        return bool(order_id)

    @overload
    def level(self, side: Literal["bid"]) -> float: ...

    @overload
    def level(self, side: str) -> float: ...

    def level(self, side):
        return float(len(side))


async def main() -> None:
    assert fetch("a", wait=True)["path"] == "a"
    assert (await fetch("b"))["path"] == "b"
    assert (await fetch("c", wait=False))["path"] == "c"
    client = Client()
    assert (await client.order(1))["id"] == 1
    assert await client.cancel("x")
    assert client.level("bid") + client.level("ask") == 6
