import asyncio


class Bot:
    def __init__(self, venue) -> None:
        self.venue = venue

    async def cancel(self, order: str) -> str:
        await asyncio.sleep(0)
        return order

    async def if_urgent(self, urgent: bool) -> None:
        job = self.cancel("a")  # <- DG102
        if urgent:
            await job

    async def early_return(self, size: float) -> None:
        job = self.cancel("a")  # <- DG102
        if size <= 0:
            print("nothing to do")
            return
        await job

    async def early_raise(self, order: str) -> str:
        job = self.cancel(order)  # <- DG102
        try:
            if not order.startswith("o"):
                raise ValueError(order)
            return await job
        finally:
            print("done")

    async def one_of_the_handlers(self, order: str) -> None:
        job = self.cancel(order)  # <- DG102
        try:
            if order == "":
                raise KeyError(order)
            await job
        except ValueError:
            await job
        except LookupError:
            print("no such order")

    async def bound_anew(self, order: str, again: bool) -> None:
        job = self.cancel(order)  # <- DG102
        if again:
            job = self.cancel(order)
        await job

    async def one_case(self, side: str) -> None:
        job = self.cancel(side)  # <- DG102
        if job is not None and side == "buy":
            await job

    async def asks_the_venue(self, order: str) -> None:
        job = self.cancel(order)  # <- DG102
        while True:
            if await self.venue.is_open(order):
                await job
            break
