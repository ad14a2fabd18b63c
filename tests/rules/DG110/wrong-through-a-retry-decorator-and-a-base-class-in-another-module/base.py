import functools
from abc import ABC, abstractmethod


def retry(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        for _ in range(3):
            try:
                return await function(*args, **kwargs)
            except ConnectionError:
                continue
        raise ConnectionError("three times")

    return wrapper


class Exchange(ABC):
    @abstractmethod
    async def price(self, symbol: str) -> float: ...

    async def mid(self, symbol: str) -> float:
        return self.price(symbol)  # <- DG110
