from abc import ABC, abstractmethod

from venue.retry import retry


class Exchange(ABC):
    def __init__(self) -> None:
        self.ticks: dict[str, float] = {}

    @retry(times=5)
    def tick_size(self, symbol: str) -> float:
        return float(self.ticks[symbol])

    @abstractmethod
    async def connect(self) -> None: ...
