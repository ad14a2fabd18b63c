import asyncio


async def cancel(order: str) -> str:
    await asyncio.sleep(0)
    return order


async def first_only() -> str:
    jobs = (cancel("a"), cancel("b"))  # <- DG102
    return await jobs[0]


async def by_name() -> str:
    jobs = {"bid": cancel("a"), "ask": cancel("b")}  # <- DG102
    return await jobs["bid"]


async def by_number() -> str:
    jobs = {1: cancel("a"), 2: cancel("b")}  # <- DG102
    return await jobs[2]


async def ignore(job: object) -> None:
    print("not today")


async def handed_on() -> None:
    job = cancel("a")  # <- DG102
    await ignore(job)


def maybe(live: bool):
    if live:
        return cancel("a")
    return None


async def none_is_awaited(live: bool) -> None:
    job = maybe(live)  # <- DG102
    if job is None:
        return await job
