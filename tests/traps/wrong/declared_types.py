"""The same declarations, with objects that are seen to arrive: what they have is plain."""

import asyncio
from collections.abc import Callable


class Venue:
    def close(self) -> None:
        self.closed = True

    def price(self) -> float:
        return 1.0


class Feed:
    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    async def stop(self) -> None:
        await self.venue.close()  # <- DG101

    async def gather(self) -> None:
        await asyncio.gather(self.venue.price())  # <- DG106


async def fault_attribute() -> None:
    await Feed(Venue()).stop()


async def fault_scheduled() -> None:
    await Feed(Venue()).gather()


async def sell(venue: Venue) -> None:
    await venue.close()  # <- DG101


async def fault_parameter() -> None:
    await sell(Venue())


async def fault_local() -> None:
    venue: Venue = Venue()
    await venue.price()  # <- DG101


async def fault_checked(venue: object = Venue()) -> None:
    if isinstance(venue, Venue):
        await venue.price()  # <- DG101


def plain() -> None:
    print("closed")


async def call(on_close: Callable[..., None]) -> None:
    await asyncio.create_task(on_close())  # <- DG106


async def fault_callback() -> None:
    await call(plain)


async def fault_all() -> None:
    for venue in [Venue()]:
        await venue.close()  # <- DG101


async def own(venue: Venue) -> float:
    async def later() -> float:
        return venue.price()

    return later() + 1  # <- DG103


async def fault_own() -> None:
    await own(Venue())


class BaseModel:
    """Checks its fields, as that of pydantic does."""

    def __init_subclass__(cls) -> None:
        cls.fields = cls.__annotations__


class Step(BaseModel):
    count: int


async def number() -> int:
    return 1


async def unchecked() -> Step:
    return Step(count=number())  # <- DG103
