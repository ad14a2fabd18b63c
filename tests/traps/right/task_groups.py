"""Task groups, of asyncio and of one's own."""

import asyncio


async def fetch(symbol: str, out: list) -> str:
    await asyncio.sleep(0)
    out.append(symbol)
    return symbol


async def with_group(out: list) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(fetch("ETH", out))
        group.create_task(fetch("BTC", out), name="btc")
        kept = group.create_task(fetch("SOL", out))
    assert kept.result() == "SOL"


async def in_loop(out: list) -> None:
    async with asyncio.TaskGroup() as tg:
        tasks = [tg.create_task(fetch(s, out)) for s in ("ETH", "BTC")]
        for symbol in ("SOL", "XRP"):
            tg.create_task(fetch(symbol, out))
    assert [task.result() for task in tasks] == ["ETH", "BTC"]


async def passed_on(group, out: list) -> None:
    group.create_task(fetch("DOT", out))


async def parent(out: list) -> None:
    async with asyncio.TaskGroup() as group:
        await passed_on(group, out)
        helper(group, out)


def helper(group: asyncio.TaskGroup, out: list) -> None:
    group.create_task(fetch("ADA", out))


class Nursery:
    """A task group of one's own."""

    def __init__(self) -> None:
        self.tasks: list = []

    async def __aenter__(self) -> "Nursery":
        return self

    async def __aexit__(self, *error) -> None:
        await asyncio.gather(*self.tasks)

    def start(self, coroutine) -> None:
        self.tasks.append(asyncio.ensure_future(coroutine))

    def start_soon(self, function, *args) -> None:
        self.tasks.append(asyncio.create_task(function(*args)))


class Bot:
    def __init__(self) -> None:
        self.out: list = []
        self.group: "asyncio.TaskGroup | None" = None

    async def run(self) -> None:
        async with asyncio.TaskGroup() as self.group:
            self.spawn("ETH")

    def spawn(self, symbol: str) -> None:
        if self.group is not None:
            self.group.create_task(fetch(symbol, self.out))


async def own(out: list) -> None:
    async with Nursery() as nursery:
        nursery.start(fetch("ETH", out))
        nursery.start_soon(fetch, "BTC", out)


async def failing() -> None:
    async def fail():
        raise ValueError("refused")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
    except* ValueError as errors:
        assert len(errors.exceptions) == 1


async def main() -> None:
    out: list = []
    await with_group(out)
    await in_loop(out)
    await parent(out)
    await own(out)
    await failing()
    bot = Bot()
    await bot.run()
    assert len(out) == 11 and bot.out == ["ETH"], out
