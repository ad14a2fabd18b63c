import asyncio
import functools


def retry(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        try:
            return await function(*args, **kwargs)
        except ConnectionError:
            await asyncio.sleep(1)
            return await function(*args, **kwargs)

    return wrapper
