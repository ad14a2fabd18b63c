"""The same functions of asyncio given a plain value, or not called at all."""

import asyncio
from asyncio import gather


class Feed:
    def __init__(self) -> None:
        self.rows: list = []

    async def poll(self, row: int = 0) -> int:
        await asyncio.sleep(0)
        self.rows.append(row)
        return row

    def last(self, row: int = 0) -> int:
        return row

    async def create(self) -> None:
        task = asyncio.create_task(self.last(1))  # <- DG106
        await task

    async def together(self) -> None:
        await gather(self.last(1))  # <- DG106

    async def awaited_too_early(self) -> None:
        await asyncio.gather(await self.poll(1))  # <- DG106

    async def bounded(self) -> None:
        await asyncio.wait_for(self.last(4), timeout=5)  # <- DG106

    async def shielded(self) -> None:
        await asyncio.shield(self.last(5))  # <- DG106

    async def forgotten(self) -> None:
        self.poll(7)  # <- DG102

    async def never_awaited_gather_argument(self) -> None:
        for n in range(2):
            self.poll(n)  # <- DG102


async def fault_create() -> None:
    await Feed().create()


async def fault_together() -> None:
    await Feed().together()


async def fault_awaited_too_early() -> None:
    await Feed().awaited_too_early()


async def fault_bounded() -> None:
    await Feed().bounded()


async def fault_shielded() -> None:
    await Feed().shielded()


async def fault_forgotten() -> None:
    await Feed().forgotten()


async def fault_in_loop() -> None:
    await Feed().never_awaited_gather_argument()
