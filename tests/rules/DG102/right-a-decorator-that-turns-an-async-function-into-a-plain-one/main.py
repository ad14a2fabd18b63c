import asyncio
import functools


def command(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return asyncio.run(function(*args, **kwargs))

    return wrapper


@command
async def cancel_all() -> None:
    await asyncio.sleep(0)


if __name__ == "__main__":
    cancel_all()
