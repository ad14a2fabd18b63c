import asyncio


class Live:
    async def size(self) -> float:
        await asyncio.sleep(0)
        return 1.0


class Paper:
    def size(self) -> float:
        return 0.0


class Book:
    def __init__(self, paper: Paper) -> None:
        self.paper = paper

    async def size(self) -> float:
        return self.paper.size()

    async def quotes(self):
        yield await Live().size()

    async def stream(self):
        return self.quotes()


async def main() -> None:
    book = Book(Paper())
    async for quote in await book.stream():
        print(quote + await book.size())


asyncio.run(main())
