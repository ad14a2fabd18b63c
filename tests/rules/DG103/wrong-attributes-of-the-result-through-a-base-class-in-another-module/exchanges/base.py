from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass
class OrderResult:
    success: bool
    price: float = 0.0


class BaseExchangeClient(ABC):
    @abstractmethod
    async def place_open_order(self, price: float) -> OrderResult: ...

    @abstractmethod
    async def open_orders(self) -> list[OrderResult]: ...
