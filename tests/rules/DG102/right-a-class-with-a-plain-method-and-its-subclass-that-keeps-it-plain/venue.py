from contextlib import asynccontextmanager


class Venue:
    def cancel(self, order: str) -> None:
        print("cancel", order)

    @asynccontextmanager
    async def session(self):
        yield self

    async def prices(self):
        yield 1.0
