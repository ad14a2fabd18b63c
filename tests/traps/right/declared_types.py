"""Declared types that something else arrives for: what they say proves no await wrong."""

import asyncio
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Optional, Protocol


class Venue:
    def close(self) -> None:
        pass

    def price(self) -> float:
        return 1.0

    @property
    def size(self) -> int:
        return 1

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def __iter__(self):
        return iter(())


class AsyncVenue:
    async def close(self) -> None:
        pass

    async def price(self) -> float:
        return 2.0

    @property
    async def size(self) -> int:
        return 2

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        pass

    async def __aiter__(self):
        yield self


def build(name: str):
    return globals()[name]()


class Feed:
    def __init__(self, venue: Venue, on_close: Callable[..., None]) -> None:
        self.venue = venue
        self.other: Venue = venue
        self.on_close = on_close

    async def stop(self) -> float:
        await self.venue.close()
        await self.other.close()
        await self.on_close()
        await asyncio.create_task(self.on_close())
        await asyncio.gather(self.on_close(), self.venue.close())
        found = self.venue.price()
        async with self.venue as venue:
            await venue.close()
        async for each in self.venue:
            await each.close()
        await self.venue.size
        return await found


@dataclass
class Config:
    venue: Venue
    more: "Sequence[Venue]" = ()

    async def run(self) -> None:
        await self.venue.close()
        for venue in self.more:
            await venue.close()


class Source(Protocol):
    def read(self) -> int: ...


class Base:
    def on_tick(self) -> None:
        return None

    def on_fill(self) -> int:
        raise NotImplementedError

    def on_stop(self):
        """Nothing to do here."""


async def hooks(base: Base) -> None:
    await base.on_tick()
    await base.on_fill()
    await asyncio.gather(base.on_tick(), base.on_stop())


class Heir(Base):
    async def on_tick(self) -> None:
        pass

    async def on_fill(self) -> int:
        return 1

    async def on_stop(self):
        pass


async def read(source: Source, optional: Optional[Venue], either: "Venue | None", *many: Venue) -> None:
    await source.read()
    if optional is not None:
        await optional.close()
    if either:
        await asyncio.wait_for(either.close(), 1)
    for venue in many:
        await venue.close()
    await many[0].close()


async def by_keyword(**venues: Venue) -> None:
    for venue in venues.values():
        await venue.close()


async def cast() -> None:
    venue = typing.cast(Venue, build("AsyncVenue"))
    await venue.close()
    other: Venue = build("AsyncVenue")
    await other.close()


async def made(cls: type[Venue]) -> None:
    await cls().close()


async def each(venues: list[Venue], by_name: dict[str, Venue], pair: tuple[Venue, int]) -> None:
    for venue in venues:
        await venue.close()
    await asyncio.gather(*[venue.close() for venue in venues])
    await by_name["a"].close()
    await pair[0].close()


async def called(maker: Callable[[], Venue], number: Callable[[], int]) -> None:
    await maker().close()
    await number()


def handed(venue: Venue) -> Venue:
    return venue


async def through(venue: Venue) -> None:
    await handed(venue).close()


class Reader:
    def read(self) -> int:
        return 1


class AsyncReader:
    async def read(self) -> int:
        return 1


async def close() -> None:
    pass


async def number() -> int:
    return 1


@dataclass
class Step:
    count: int


async def fields() -> int:
    first, second = Step(number()), Step(count=number())
    return await first.count + (await asyncio.gather(second.count))[0]


async def main() -> None:
    assert await fields()
    await Feed(build("AsyncVenue"), close).stop()
    await Config(build("AsyncVenue"), [build("AsyncVenue")]).run()
    await hooks(build("Heir"))
    venue = build("AsyncVenue")
    await read(build("AsyncReader"), venue, venue, venue)
    await by_keyword(a=venue)
    await cast()
    await made(globals()["AsyncVenue"])
    await each([venue], {"a": venue}, (venue, 1))
    await called(globals()["AsyncVenue"], number)
    await through(venue)


if __name__ == "__main__":
    asyncio.run(main())
