import asyncio


async def with_retry(action) -> None:
    for _ in range(3):
        action()  # <- DG102


async def with_pause(action) -> None:
    await asyncio.sleep(1)
    await action()


def once(action) -> None:
    action()


async def cancel() -> None:
    await asyncio.sleep(0)


def save() -> None:
    print("saved")


async def main() -> None:
    await with_retry(cancel)
    await with_pause(save)  # <- DG108
    once(save)
    once(cancel)  # <- DG108
