import asyncio
import time
import urllib.request


def is_url(path: str) -> bool:
    return path.startswith("http")


def read(path: str):
    if is_url(path):
        return urllib.request.urlopen(path)
    return open(path)


def outer(path: str):
    return read(path)


def retry(function):
    for _ in range(3):
        try:
            return function()
        except OSError:
            time.sleep(1)


def pause(flag=None) -> None:
    if flag is None:
        time.sleep(1)


async def main(path: str, function) -> None:
    read(path)
    outer(path)
    retry(function)
    pause(is_url)
    await asyncio.sleep(0)
