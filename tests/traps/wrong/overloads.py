"""Overloads that agree on the colour, used in the other one."""

from typing import Literal, overload


class Client:
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


async def fault_cancel() -> None:
    client = Client()
    client.cancel(1)  # <- DG102


async def fault_level() -> None:
    client = Client()
    assert await client.level("bid")  # <- DG101
