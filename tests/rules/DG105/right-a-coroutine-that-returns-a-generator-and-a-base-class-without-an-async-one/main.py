import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator


class Source(ABC):
    @abstractmethod
    def quotes(self) -> AsyncIterator[float]: ...

    async def opened(self) -> AsyncIterator[float]:
        await asyncio.sleep(0)
        return self.quotes()


class Paper(Source):
    async def quotes(self) -> AsyncIterator[float]:
        yield 1.0


async def main(source: Source) -> None:
    async for quote in source.quotes():
        print(quote)
    async for quote in await source.opened():
        print(quote)


asyncio.run(main(Paper()))
