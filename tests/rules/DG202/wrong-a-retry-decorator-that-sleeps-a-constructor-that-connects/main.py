import asyncio
import functools
import time
import urllib.request


def retry(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        while True:
            time.sleep(5)
            try:
                return function(*args, **kwargs)
            except ConnectionError:
                continue

    return wrapper


class Gateway:
    def __init__(self, host: str) -> None:
        self.greeting = urllib.request.urlopen(host).read()

    @retry
    def cancel(self, order: str) -> str:
        return order


def connect(host: str) -> Gateway:
    return Gateway(host)


async def main(gateway: Gateway) -> None:
    gateway.cancel("a")  # <- DG202
    print(connect("https://example.invalid"))  # <- DG202
    print(Gateway("https://example.invalid"))  # <- DG202


if __name__ == "__main__":
    asyncio.run(main(Gateway("https://example.invalid")))
