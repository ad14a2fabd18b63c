"""The test says one thing and the branch does the other."""

import asyncio


class Plain:
    def get(self):
        return {"n": 1}


class Later:
    async def get(self):
        await asyncio.sleep(0)
        return {"n": 1}


async def by_isinstance(source: object) -> dict:
    if isinstance(source, Plain):
        return await source.get()  # <- DG101
    return {}


async def by_isinstance_later(source: object) -> int:
    if isinstance(source, Later):
        return source.get()["n"]  # <- DG103
    return 0


async def by_assert(source: object) -> None:
    assert isinstance(source, Later)
    source.get()  # <- DG102


async def fault_plain():
    await by_isinstance(Plain())


async def fault_later():
    await by_isinstance_later(Later())


async def fault_assert():
    await by_assert(Later())
