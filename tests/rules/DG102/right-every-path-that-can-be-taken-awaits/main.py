import asyncio
import contextlib
from typing import TYPE_CHECKING

LIVE = bool(1)


def yes() -> bool:
    return True


class Bot:
    def __init__(self, venue) -> None:
        self.venue = venue
        self.live = True

    async def cancel(self, order: str) -> str:
        await asyncio.sleep(0)
        return order

    async def both(self, urgent: bool) -> None:
        job = self.cancel("a")
        if urgent:
            await job
        else:
            asyncio.create_task(job).add_done_callback(print)

    async def dead(self) -> None:
        job = self.cancel("a")
        done = False
        if TYPE_CHECKING or done or not yes():
            return
        if not LIVE or not self.live:
            raise RuntimeError
        await job

    async def calls_may_raise(self, order: str) -> None:
        job = self.cancel(order)
        self.venue.check(order)
        assert order
        with contextlib.suppress(KeyError):
            self.venue.check(order)
        for each in self.venue.orders():
            print(each)
        try:
            self.venue.check(order)
        except ValueError:
            await job
            return
        await job

    async def closed(self, urgent: bool) -> None:
        job = self.cancel("a")
        if urgent:
            await job
        else:
            job.close()

    async def the_same_question_twice(self, urgent: bool, size: float) -> None:
        job = None
        if urgent:
            job = self.cancel("a")
        print(size)
        if urgent:
            await job
        other = self.cancel("b")
        if size > 0:
            await other
        if size <= 0:
            await other

    async def a_flag_goes_with_it(self, urgent: bool) -> None:
        started = False
        job = None
        if urgent:
            job = self.cancel("a")
            started = True
        if started:
            await job

    async def in_a_loop(self, orders: list[str]) -> None:
        job = self.cancel("a")
        for number, order in enumerate(orders):
            if number == len(orders) - 1:
                await job

    async def until_it_is_done(self) -> None:
        job = self.cancel("a")
        while True:
            if await self.venue.is_ready():
                await job
                return

    async def asked_whether_it_is_there(self, urgent: bool) -> None:
        job = self.cancel("a") if urgent else None
        if job:
            await job

    async def handed_to_the_caller(self, urgent: bool):
        job = self.cancel("a")
        if urgent:
            return job
        return await job

    async def both_legs(self) -> None:
        jobs = (self.cancel("a"), self.cancel("b"))
        await jobs[0]
        await jobs[1]

    async def by_name(self, side: str) -> None:
        jobs = {"bid": self.cancel("a"), "ask": self.cancel("b")}
        for job in jobs.values():
            await job


async def only_ever_urgent(bot: Bot, urgent: bool) -> None:
    job = bot.cancel("a")
    if urgent:
        await job


async def main() -> None:
    await only_ever_urgent(Bot(None), True)


async def over_nothing(bot: Bot) -> int | None:
    job = bot.cancel("a")
    for _ in range(0):
        return 0
    for _ in ():
        return 0
    for _ in range(3, 1):
        return 0
    return await job
